"""Whatever an action asks of an API server, preflight has asked for the permission, or has listed the type itself."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
from msgspec import structs

from ks_reset import seatbelt
from ks_reset.apply.carry_out import carry_out
from ks_reset.apply.context import Progress, RunContext
from ks_reset.apply.permissions import RIGHTS, needed_permissions
from ks_reset.apply.watch.cluster import ClusterWatch
from ks_reset.catalogue.names import (
    ADMISSION_POLICY_BINDING_KIND,
    ADMISSION_POLICY_KIND,
    CRD_KIND,
    KUBE_NODE_LEASE_NAMESPACE,
    LEASE_KIND,
    NAMESPACE_KIND,
    RBAC_GROUP,
    VALIDATING_WEBHOOK_KIND,
)
from ks_reset.errors import ResetError
from ks_reset.model import (
    VERBS,
    Action,
    Body,
    Chart,
    ClusterFacts,
    Create,
    Delete,
    FleetFacts,
    Install,
    InstallChart,
    Kind,
    Obj,
    Permission,
    Plan,
    RemoveMarks,
    Scale,
    SeatbeltOff,
    SeatbeltOn,
    Target,
    WaitQuiet,
    WaitReady,
)
from ks_reset.plan import make as planning
from ks_reset.plan.playbook import Entry, Playbook
from ks_reset.report.roles import role_objects
from ks_reset.simulation import State
from tests.build import action, facts
from tests.cases import load_cases
from tests.rbac import Attributes, Rbac, attributes_of
from tests.steps.test_steps import StepCase

WAITS = ("write.settle", "write.seatbelt", "wait.quiet", "wait.ready", "wait.stable", "wait.workspaces")
POLICIES = {kind.key: kind for kind in (ADMISSION_POLICY_KIND, ADMISSION_POLICY_BINDING_KIND)}
SECRET = Kind("", "v1", "Secret", "secrets", True)
CASES = load_cases("steps", StepCase)


class Server:
    """The API server of a cluster as read: it answers, changes nothing that is there, and notes what is asked."""

    context, server, transport, way = "host", "https://host", SimpleNamespace(skew=0.0), None

    def __init__(self, world: ClusterFacts) -> None:
        self.world, self.noted, self.made = world, set[Attributes](), dict[tuple[str, str, str], Body]()
        self.identity, self.version = world.identity, world.version

    def note(self, verb: str, kind: Kind, name: str = "", namespace: str = "") -> None:
        self.noted.add(Attributes(verb, kind.group, kind.plural, namespace, name))

    def get(self, kind: Kind, name: str, namespace: str = "") -> Body | None:
        self.note("get", kind, name, namespace)
        found = self.world.get(kind.key, name, namespace)
        if found is None:
            return self.made.get((kind.key, namespace, name))
        return found.body | {"spec": {"selector": {}, **found.spec}}

    def list(self, kind: Kind, *_: str, **__: object) -> list[Body]:
        self.note("list", kind)
        return [obj.body for obj in self.world.of(kind.key)]

    def create(self, kind: Kind, body: Body) -> None:
        self.note("create", kind, namespace=body["metadata"].get("namespace", ""))
        meta = {"uid": "new", "resourceVersion": "1", **body["metadata"]}
        self.made[kind.key, meta.get("namespace", ""), meta["name"]] = {**body, "metadata": meta}
        if kind.group == RBAC_GROUP and kind.kind in RIGHTS:
            self.note_rights(kind, Obj(kind, body), created=True)

    def json_patch(self, kind: Kind, name: str, namespace: str, _: object) -> None:
        self.note("patch", kind, name, namespace)
        if kind.group == RBAC_GROUP and kind.kind in RIGHTS:
            self.note_rights(kind, self.world.get(kind.key, name, namespace))

    merge_patch = json_patch

    def note_rights(self, kind: Kind, written: Obj | None, *, created: bool = False) -> None:
        """What the API server asks besides, of a client that has not all the rights of the role itself.

        The path of a creation has no name, so `escalate` is asked for without one.
        """
        role = written.body.get("roleRef") if written else None
        if RIGHTS[kind.kind] == "escalate" and written:
            role = {"kind": kind.kind, "name": "" if created else written.name}
        if role:
            self.noted.add(Attributes(RIGHTS[kind.kind], RBAC_GROUP, f"{role['kind'].lower()}s", "", role["name"]))

    def delete(self, kind: Kind, name: str, namespace: str = "", *_: object) -> None:
        self.note("delete", kind, name, namespace)

    def would_delete(self, kind: Kind, name: str) -> str:
        self.note("delete", kind, name)
        return seatbelt.NAME

    def request(self, method: str, path: str, _: object) -> None:
        self.noted.add(attributes_of(method, path))

    def discover(self) -> Any:
        return SimpleNamespace(kinds=self.world.kinds, gaps=())


@pytest.fixture(autouse=True)
def _fast_and_unguarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every wait looks once, no guard refuses, the seatbelt counts as on, and helm and the network are left out."""

    def until(check: Callable[[], bool], *_: float) -> bool:
        return check() or True

    for module in WAITS:
        monkeypatch.setattr(f"ks_reset.apply.{module}.until", until)
    for module in ("request", "chart"):
        monkeypatch.setattr(f"ks_reset.apply.write.{module}.GUARDS", ())
    monkeypatch.setattr("ks_reset.external.helm.install_chart", lambda *_: None)
    monkeypatch.setattr("ks_reset.cluster.dial._dial_access", lambda dialled, *_: dialled)


def asked_by(known: FleetFacts, plan: Plan, actions: list[Any]) -> set[Attributes]:
    """What carrying out these actions of one cluster asks of its API server, with the run lock and the watch."""
    world = known.cluster(actions[0].cluster)
    assert world
    servers = {each.identity: Server(each) for each in known.clusters}
    fleet: Any = SimpleNamespace(cluster=servers.__getitem__, host=servers[known.host.identity])
    keys: Any = SimpleNamespace(fill=lambda each: getattr(each, "body", {}), chart=b"")
    plan = structs.replace(plan, steps=("fasten-seatbelt", *plan.steps))
    client: Any = servers[world.identity]
    journal, progress = MagicMock(), Progress(*[lambda *_: None] * 4)
    journal.proven_locks.return_value = {}
    with pytest.MonkeyPatch.context() as belted, ClusterWatch(client, plan, "me", State.of(known), world) as eyes:
        belted.setattr("ks_reset.seatbelt.is_on", lambda _: True)
        run = RunContext(fleet, plan, MagicMock(), journal, progress, 1.0, known, {world.identity: eyes}, keys)
        run.eyes |= {known.host.identity: run.eyes.get(known.host.identity, eyes)}
        with suppress(ResetError):
            carry_out(run, actions)
    return client.noted


def allowed(known: FleetFacts, actions: list[Any], install: Install | None = None) -> Rbac:
    """The roles for what preflight asks for, and for the lists that it has read."""
    world = known.cluster(actions[0].cluster)
    assert world
    read = {Permission("list", world.kinds[key]) for key in world.objects}
    return Rbac(role_objects("x", needed_permissions(actions, world, install) | read))


def at(known: FleetFacts, version: str) -> FleetFacts:
    """The fleet at this version of Kubernetes, which has lists of namespaces and pods, and policies from 1.30 on."""
    served = {NAMESPACE_KIND.key: NAMESPACE_KIND, "Pod": Kind("", "v1", "Pod", "pods", True)}
    served |= POLICIES if version >= "v1.30" else {}

    def moved(world: ClusterFacts) -> ClusterFacts:
        listed = {key: world.of(key) for key in served} | world.objects
        return structs.replace(world, version=version, kinds=served | world.kinds, objects=listed)

    return structs.replace(known, host=moved(known.host), members=tuple(map(moved, known.members)))


def planned(case: StepCase, version: str) -> tuple[FleetFacts, Plan]:
    names = [*case.along, case.subject.replace("_", "-")]
    playbook = Playbook("test", "", "", case.scope, tuple(Entry(name, "") for name in names))
    known = at(case.facts, version)
    return known, planning.make_plan(playbook, known, case.options)


def alike(actions: tuple[Action, ...]) -> Iterator[Action]:
    """One action of each verb, cluster and type."""
    yield from {(type(each), each.cluster, each.kind): each for each in actions}.values()


@pytest.mark.parametrize("version", ["v1.21.14", "v1.24.17", "v1.34.4"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_action_asks_nothing_that_preflight_has_not_asked_for(case: StepCase, version: str) -> None:
    known, plan = planned(case, version)
    for each in alike(plan.actions):
        watched = [wait for wait in plan.actions if isinstance(wait, WaitQuiet) and wait.cluster == each.cluster]
        permitted = allowed(known, [each, *watched], plan.material.install)  # the watch looks at these controllers
        assert [a for a in asked_by(known, plan, [each]) if not permitted.allows(a)] == [], each.target


def granted_and_asked(version: str) -> Iterator[tuple[StepCase, FleetFacts, Plan, Rbac, set[Attributes]]]:
    """Of each case and cluster, the roles for its plan, and the requests of all its actions and of reading."""
    for case in CASES:
        known, plan = planned(case, version)
        for world in known.clusters:
            actions = [each for each in plan.actions if each.cluster == world.identity]
            if actions:
                lists = {Attributes("list", world.kinds[k].group, world.kinds[k].plural) for k in world.objects}
                asked = lists.union(*(asked_by(known, plan, [each]) for each in actions))
                yield case, known, plan, allowed(known, actions, plan.material.install), asked


def known_object(known: FleetFacts, action: Action) -> Obj | None:
    world = known.cluster(action.cluster)
    return world.get(action.kind.key, action.name, action.namespace) if world else None


def why_later(verb: str, resource: str, name: str, plan: Plan, known: FleetFacts) -> str:
    """Why a write or a wait is not asked for yet with these facts; "" if it is."""
    if resource == "secrets" and any(isinstance(each, WaitReady) for each in plan.actions):
        return "records are dialled by a function that is left out here"
    if verb == "list" and any(each.kind.plural == resource and each.name == "canary" for each in plan.actions):
        return "the canary is not there yet, so its watch ends at once"
    if verb == "list" and any(isinstance(e, Create) and e.name.partition(".")[0] == resource for e in plan.actions):
        return "a type that the plan creates is listed once it is served"
    if verb == "patch" and any(isinstance(each, Scale) and each.name == name for each in plan.actions):
        return "these facts are of before the stop or the creation: the controller has its replicas, or is not there"
    if verb == "create" and any(isinstance(e, Create) and known_object(known, e) for e in plan.actions):
        return "these facts are of before the deletion of what is given back"
    return ""


def why_spare(grant: Body, plan: Plan, known: FleetFacts) -> str:
    """Why a run needs a grant that none of the requests here has asked for; "" if it does not."""
    (verb,), (resource,), name = grant["verbs"], grant["resources"], grant.get("resourceNames", [""])[0]
    if resource == "leases":
        return "a lock is renewed in a run longer than these" if verb == "update" else ""
    if any(isinstance(each, InstallChart) for each in plan.actions):
        return "helm is left out here"
    if name == seatbelt.NAME:
        return "no seatbelt is on in these facts: it is repaired or taken off"
    if name.startswith("ks-reset-canary"):
        return "the plan creates the canary before it writes to it"
    if verb in ("bind", "escalate"):
        return "the binding of this case names no role"
    if later := why_later(verb, resource, name, plan, known):
        return later
    waits = {each.kind.plural for each in plan.actions if isinstance(each, RemoveMarks) and not each.marks}
    if name and resource in waits:
        return "a controller may add the mark before it is stopped"
    bare = resource == "namespaces" and not known.host.get(NAMESPACE_KIND.key, KUBE_NODE_LEASE_NAMESPACE)
    return "no namespace is there to try a deletion on, or to mark" if bare and verb in ("delete", "patch") else ""


@pytest.mark.parametrize("version", ["v1.21.14", "v1.24.17", "v1.34.4"])
def test_no_grant_of_the_roles_for_a_plan_can_be_left_out(version: str) -> None:
    spare, count = list[str](), 0
    for case, known, plan, role, asked in granted_and_asked(version):
        for grant, rest in role.single_grants():
            count += 1
            if all(rest.allows(each) for each in asked) and not why_spare(grant, plan, known):
                spare.append(f"{case}: {grant}")
    assert "\n".join(spare) == ""
    assert count > 1000


def test_the_cases_have_every_verb() -> None:
    assert {type(each) for case in CASES for each in planned(case, "v1.24.17")[1].actions} == set(VERBS)


def needed(verb: type[Target], kind: Kind, version: str, name: str = "x.a.io", **more: Any) -> set[str]:
    known = at(facts([]), version)
    given = needed_permissions([action(verb, known.host.identity, kind, name, **more)], known.host, None)
    return {f"{each.verb} {each.kind.plural}" for each in given if each.kind != LEASE_KIND}


@pytest.mark.parametrize(
    ("verb", "kind", "version", "permission"),
    [
        (SeatbeltOn, VALIDATING_WEBHOOK_KIND, "v1.21.14", "patch namespaces"),
        (SeatbeltOff, VALIDATING_WEBHOOK_KIND, "v1.21.14", "patch namespaces"),
        (Delete, NAMESPACE_KIND, "v1.21.14", "patch namespaces"),
        (Delete, CRD_KIND, "v1.24.17", "patch customresourcedefinitions"),
    ],
)
def test_marks_that_a_seatbelt_goes_by_need_patch_only_where_it_goes_by_them(
    verb: type[Target], kind: Kind, version: str, permission: str
) -> None:
    assert permission in needed(verb, kind, version)
    assert permission not in needed(verb, kind, "v1.34.4")


@pytest.mark.parametrize("version", ["v1.21.14", "v1.24.17", "v1.34.4"])
def test_the_dry_run_that_proves_a_seatbelt_needs_delete(version: str) -> None:
    assert "delete namespaces" in needed(SeatbeltOn, VALIDATING_WEBHOOK_KIND, version)


def test_both_parts_of_a_policy_are_asked_for() -> None:
    wanted = {f"{verb} {kind.plural}" for kind in POLICIES.values() for verb in ("get", "create", "update")}
    assert wanted <= needed(SeatbeltOn, ADMISSION_POLICY_KIND, "v1.34.4")


def test_a_created_type_is_listed_afterwards() -> None:
    assert "list widgets" in needed(Create, CRD_KIND, "v1.24.17", name="widgets.a.io")


def test_a_join_reads_the_secret_of_its_record() -> None:
    cluster = Kind("cluster.kubesphere.io", "v1alpha1", "Cluster", "clusters", False)
    assert {"get secrets", "get clusters"} <= needed(WaitReady, cluster, "v1.24.17", reaches="uid")


def test_a_chart_needs_what_helm_does_with_its_objects_and_the_lists_of_its_types() -> None:
    known = at(facts([]), "v1.24.17")
    chart = Chart(known.host.identity, "digest", {}, ("Namespace extension-x", "Widget.a.io x"))
    install = Install("v4.1.3", charts=(chart,))
    each = action(InstallChart, known.host.identity, SECRET, "ks-core")
    asked = {f"{each.verb} {each.kind.plural}" for each in needed_permissions([each], known.host, install)}
    wanted = {"update secrets", "patch namespaces", "create customresourcedefinitions", "list workspaces"}
    assert wanted <= asked


def test_without_an_action_nothing_is_asked() -> None:
    assert needed_permissions([], facts([]).host, None) == set()
