"""A namespace with upstream's name is deleted only while a component of KubeSphere's is in it, and nothing else."""

from typing import Any

import pytest

from ks_reset.errors import Refused, ResetError
from ks_reset.guards import GUARDS
from ks_reset.guards.context import GuardContext
from ks_reset.model import Delete, Request
from tests import weave
from tests.build import action, facts
from tests.shorthand import expand_case

CLAIM = "PersistentVolumeClaim weave/reports"
MINE = "ConfigMap weave/my-notes"


def delete(key: str, name: str, *short: Any, discard: tuple[str, ...] = ()) -> None:
    """Ask every guard about a deletion in a cluster with these objects. Raises as they do."""
    world = facts(expand_case({"host": list(short)})["host"]).host
    now = world.get(key, name, "" if key == "Namespace" else "weave")
    assert now
    planned = action(Delete, world.identity, now.kind, name, namespace=now.namespace, uid=now.uid)
    request = Request(discard=discard)
    context = GuardContext(
        world, world.identity, frozenset(), seatbelt_on=True, holder="me", mine="me", request=request
    )
    for guard in GUARDS:
        guard(planned, now, context)


def test_it_goes_with_nothing_but_the_component_inside() -> None:
    delete("Namespace", "weave", *weave.SCOPE)


@pytest.mark.parametrize(
    ("late", "flag"), [(MINE, "--discard ConfigMap/weave/my-notes"), (CLAIM, "--delete-data weave")]
)
def test_an_object_that_came_since_keeps_it_until_a_new_plan_gives_it_up(late: str, flag: str) -> None:
    with pytest.raises(Refused, match=rf"weave/.*new plan: ks-reset plan uninstall {flag} --out plan.json"):
        delete("Namespace", "weave", *weave.SCOPE, late)


def test_a_flag_gives_the_object_up() -> None:
    delete("Namespace", "weave", *weave.SCOPE, MINE, discard=("ConfigMap/weave/my-notes",))


@pytest.mark.parametrize("inside", [(), (weave.PROGRAM,)])
def test_one_without_the_label_or_the_program_is_a_users(inside: tuple[Any, ...]) -> None:
    with pytest.raises(Refused, match="neither one of KubeSphere's own namespaces"):
        delete("Namespace", "weave", "Namespace weave", *inside)
    with pytest.raises(Refused, match="neither one of KubeSphere's own namespaces"):
        delete("Namespace", "weave", weave.NAMESPACE)


def test_a_program_of_a_user_with_dependents_is_kept_and_a_proven_one_goes_with_them() -> None:
    delete("Deployment.apps", "weave-scope-app", *weave.SCOPE, MINE)
    mine = {"ReplicaSet weave/mine-1": {"owners": ["Deployment weave/mine"]}}
    with pytest.raises(ResetError, match="name it as owner"):
        delete("Deployment.apps", "mine", *weave.SCOPE, "Deployment weave/mine", mine)
