"""Before the first write: the permissions for the remaining actions, for the fallback, and for the run lock."""

from types import SimpleNamespace
from typing import Any

import pytest

from ks_reset.apply.preflight import actions_of_fallback, require_permissions
from ks_reset.catalogue.names import KUBE_SYSTEM_NAMESPACE
from ks_reset.errors import Refused
from ks_reset.model import Kind, Options, Scale, WatchWorkspaces
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from tests.build import action, facts

DEPLOYMENT = Kind("apps", "v1", "Deployment", "deployments", True)
LEASES = "leases.coordination.k8s.io"


class Clients:
    """The clients of a fleet and each of them in one.

    `denied` are pairs of verb and resource, `named` the objects with a permission of their own all the same.
    """

    context, way = "host", SimpleNamespace(user="")

    def __init__(self, *denied: tuple[str, str], named: tuple[tuple[str, str, str], ...] = ()) -> None:
        self.denied, self.named = denied, named
        self.asked, self.by_name = set[tuple[str, str, str]](), set[tuple[str, str, str]]()

    def cluster(self, _: str) -> "Clients":
        return self

    def is_allowed(self, verb: str, kind: Kind, namespace: str, name: str = "") -> bool:
        self.asked.add((verb, kind.resource, namespace))
        self.by_name |= {(verb, kind.resource, name)} if name else set()
        return (verb, kind.resource) not in self.denied or (verb, kind.resource, name) in self.named


def require(clients: Any, *actions: Any) -> None:
    known = facts([])
    plan = planning.make_plan(playbooks.load_playbook("uninstall"), known, Options())
    require_permissions(clients, plan, known, actions)


def test_the_permissions_of_the_actions_are_asked_for_and_those_of_the_run_lock_in_its_namespace() -> None:
    clients = Clients()
    require(clients, action(Scale, "uid-of-host", DEPLOYMENT, "web"))
    lock = {(verb, LEASES, KUBE_SYSTEM_NAMESPACE) for verb in ("get", "create", "update", "delete")}
    assert clients.asked == {("get", "deployments.apps", ""), ("patch", "deployments.apps", ""), *lock}


def test_without_an_action_on_a_cluster_nothing_is_asked_there() -> None:
    clients = Clients()
    require(clients)
    require(clients, action(WatchWorkspaces, "uid-of-another", DEPLOYMENT, "web"))
    assert clients.asked == set()


@pytest.mark.parametrize("user", ["", "ann"])
@pytest.mark.parametrize("denied", [("patch", "deployments.apps"), ("update", LEASES)])
def test_a_missing_permission_is_refused_with_the_commands_that_give_it(denied: tuple[str, str], user: str) -> None:
    clients = Clients(denied)
    clients.way = SimpleNamespace(user=user)
    verb, resource = denied
    with pytest.raises(Refused) as error:
        require(clients, action(Scale, "uid-of-host", DEPLOYMENT, "web"))
    role = f"ks-reset-{verb}"
    assert f"lacks the verb {verb} on {resource}" in str(error.value)
    for command in (
        f"kubectl --context host create clusterrole {role} --verb={verb} --resource={resource}",
        f"kubectl --context host create clusterrolebinding {role} --clusterrole={role} --user={user or 'NAME'}",
    ):
        assert command in str(error.value)


def test_a_permission_on_the_objects_of_the_plan_alone_is_enough_and_is_asked_for_last() -> None:
    named = tuple((verb, "deployments.apps", "web") for verb in ("get", "patch"))
    clients = Clients(*((verb, "deployments.apps") for verb in ("get", "patch")), named=named)
    require(clients, action(Scale, "uid-of-host", DEPLOYMENT, "web"))
    assert clients.by_name == {*named}, "the types that are allowed as a whole are asked for once"
    clients.named = named[:1]
    with pytest.raises(Refused, match=r"lacks the verb patch on deployments\.apps"):
        require(clients, action(Scale, "uid-of-host", DEPLOYMENT, "web"))


def test_resources_that_lack_the_same_verbs_share_a_role() -> None:
    clients = Clients(*((verb, "deployments.apps") for verb in ("get", "patch")), ("get", LEASES))
    with pytest.raises(Refused) as error:
        require(clients, action(Scale, "uid-of-host", DEPLOYMENT, "web"))
    assert str(error.value).count("create clusterrole ") == 2
    assert "lacks the verbs get and patch on deployments.apps" in str(error.value)


def test_the_fallback_may_not_lack_a_permission_when_it_is_needed() -> None:
    kubefed: dict[str, Any] = {"kind": "Deployment", "apiVersion": "apps/v1", "spec": {"replicas": 1}}
    kubefed["metadata"] = {"namespace": "kube-federation-system", "name": "kubefed-controller-manager"}
    known = facts([kubefed])
    plan = planning.make_plan(playbooks.load_playbook("rebind"), known, Options())
    verbs = {type(each) for each in actions_of_fallback(playbooks.load_playbook("rebind"), known, plan)}
    assert Scale in verbs
    assert actions_of_fallback(playbooks.load_playbook("uninstall"), known, plan) == ()
