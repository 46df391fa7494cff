"""What comes before the stop of the controllers is not refused because they run; what comes after it is."""

from types import SimpleNamespace
from typing import Any

import pytest

from ks_reset.apply.context import Progress, RunContext
from ks_reset.errors import Refused
from ks_reset.guards import controllers_quiet
from ks_reset.guards.context import GuardContext
from ks_reset.model import Action, ClusterFacts, Delete, Kind, Obj, Scale
from tests.build import facts

API = Kind("apiregistration.k8s.io", "v1", "APIService", "apiservices", False)
DEPLOYMENT = Kind("apps", "v1", "Deployment", "deployments", True)
KNOWN = facts([])
MANAGER = ("ks-controller-manager", "kubesphere-system")
MEND, STOP, REMOVE = (
    Delete("mend-apis", KNOWN.host.identity, API, "v1beta1.metrics.k8s.io", uid="u", why="w"),
    Scale("stop-controllers", KNOWN.host.identity, DEPLOYMENT, "ks-controller-manager", replicas=0, why="w"),
    Delete("remove-webhooks", KNOWN.host.identity, API, "v1alpha1.tenant.kubesphere.io", uid="u", why="w"),
)


class Eyes:
    def restarted_controllers(self, *_: object, **__: object) -> tuple[str, ...]:
        return ("Deployment.apps kubesphere-system/ks-controller-manager",)

    def check_cluster(self, *_: object, **__: object) -> None:
        return

    def guard_context(self, _: Action, world: ClusterFacts, restarted: tuple[str, ...], age: float) -> GuardContext:
        assert age == 0
        return GuardContext(world, world.identity, frozenset(), restarted)


def guarded(asked: Action, *planned: Action) -> None:
    """Raises what the guard says while ks-controller-manager has replicas."""
    plan: Any = SimpleNamespace(actions=planned)
    eyes: Any = {KNOWN.host.identity: Eyes()}
    nothing: Any = None
    run = RunContext(nothing, plan, nothing, nothing, Progress(*[lambda *_: None] * 4), 1.0, KNOWN, eyes)
    controllers_quiet.guard(asked, Obj(API, {}), run.guard_context(asked))


def test_a_running_controller_refuses_only_what_comes_after_its_stop() -> None:
    guarded(MEND, MEND, STOP, REMOVE)
    for planned in ((MEND, STOP, REMOVE), (REMOVE,)):
        with pytest.raises(Refused, match="has been started again"):
            guarded(REMOVE, *planned)


def test_a_controller_that_the_plan_has_started_again_is_no_reason_to_refuse_what_follows() -> None:
    start = Scale("resume-federation", KNOWN.host.identity, DEPLOYMENT, *MANAGER, replicas=1, why="w")
    other = Scale("resume-federation", KNOWN.host.identity, DEPLOYMENT, "kubefed", "elsewhere", replicas=1, why="w")
    back = Delete("return-webhooks", KNOWN.host.identity, API, "v1beta1.metrics.k8s.io", uid="u", why="w")
    guarded(back, MEND, STOP, REMOVE, start, back)
    for planned in ((STOP, REMOVE, start), (STOP, other, REMOVE)):
        with pytest.raises(Refused, match="has been started again"):
            guarded(REMOVE, *planned)
