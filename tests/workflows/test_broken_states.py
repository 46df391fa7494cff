"""States that people report: each is told by doctor, and ends in a plan or in a refusal with the way on."""

from typing import Any

import pytest
from msgspec import Struct

from ks_reset.errors import ResetError, Unknown
from ks_reset.findings import check_fleet
from ks_reset.model import FleetFacts, Options, Plan
from ks_reset.plan.playbook import load_playbook
from ks_reset.workflows.plan import checked_plan
from tests.build import asked, facts
from tests.commands import has_way_on
from tests.shorthand import expand_dial, expand_object

PLANNED = ""
SCRIPT_CUT = [
    {"Namespace kube-federation-system": {"deleted": True, "spec": {"finalizers": ["kubernetes"]}}},
    {"FederatedTypeConfig configmaps": {"deleted": True, "finalizers": ["core.kubefed.io/federated-type-config"]}},
    {
        "CustomResourceDefinition workspaces.tenant.kubesphere.io -> Workspace": {
            "deleted": True,
            "finalizers": ["customresourcecleanup.apiextensions.k8s.io"],
        }
    },
    {"Workspace ws1": {"deleted": True, "finalizers": ["finalizers.tenant.kubesphere.io"]}},
    {"Namespace shop": {"labels": {"kubesphere.io/workspace": "ws1"}, "owners": ["Workspace ws1"]}},
]
HOOK = {
    "name": "checks.lighthouse.example.com",
    "failurePolicy": "Fail",
    "clientConfig": {"service": {"namespace": "lighthouse", "name": "checks"}},
    "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["UPDATE"], "resources": ["namespaces"]}],
}
MARKED = {"Namespace shop": {"labels": {"kubesphere.io/workspace": "ws1"}}}
FOREIGN_HOLD = {
    "Namespace quay": {"deleted": True, "labels": {"kubesphere.io/workspace": "ws1"}, "finalizers": ["a/b"]}
}
OFFLINE = {"type": "Offline", "status": "True", "reason": "ClusterNotReachable"}
TYPES = "CustomResourceDefinition notificationmanagers.notification.kubesphere.io -> NotificationManager"
LEFT = {"Secret kiln/login": {"deleted": True, "finalizers": ["finalizers.kubesphere.io/credential"]}}


class State(Struct):
    """Rows of the host, what doctor names, and for each playbook a part of the refusal; "" where it is planned."""

    host: list[Any]
    doctor: set[str]
    plans: dict[str, str]
    members: dict[str, list[Any]] = {}
    dials: list[Any] = []
    options: dict[str, Any] = {}

    @property
    def facts(self) -> FleetFacts:
        members = {name: [expand_object(row) for row in rows] for name, rows in self.members.items()}
        rows = [expand_object(row) for row in ("Namespace kube-system", "Endpoints", *self.host)]
        return facts(rows, members, [expand_dial(dial) for dial in self.dials])


STATES = {
    "the vendor's script was cut half-way": State(
        SCRIPT_CUT, {"terminating-system-namespace", "terminating-workspace"}, {"uninstall": PLANNED, "defuse": PLANNED}
    ),
    "another manager left a webhook on namespaces": State(
        [{"ValidatingWebhookConfiguration lighthouse": {"webhooks": [HOOK]}}, MARKED],
        {"dead-webhook-of-others"},
        {"uninstall": "-n lighthouse get endpoints checks"},
    ),
    "a namespace hangs on somebody's finalizer": State([FOREIGN_HOLD, "Workspace ws1"], set(), {"uninstall": PLANNED}),
    "a plain installation has its notification manager": State(
        [TYPES, "NotificationManager.v2beta2.notification.kubesphere.io notification-manager"],
        set(),
        {"uninstall": PLANNED},
    ),
    "kubefed marks a cluster as offline": State(
        [{"KubeFedCluster attic": {"status": {"conditions": [OFFLINE]}}}],
        {"unready-record", "unreached-record"},
        {"uninstall": "--later attic", "forget-member": PLANNED},
        dials=[{"attic": "unreachable"}],
        options={"members": ["attic"]},
    ),
    "credentials of a removed DevOps hang": State(
        [{"Namespace kiln": {"deleted": True}}, LEFT], {"hanging-finalizer"}, {"uninstall": PLANNED}
    ),
    "the unjoined member's namespace hangs": State(
        [],
        {"terminating-system-namespace"},
        {"adopt-member": "patch configmaps/notes"},
        {
            "east": [
                {"Namespace kube-federation-system": {"deleted": True}},
                {"ConfigMap kube-federation-system/notes": {"deleted": True, "finalizers": ["dock.example.com/hold"]}},
            ]
        },
        options={"members": ["east"]},
    ),
}


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path))


def test_nothing_is_left_to_do_only_once_the_record_answers() -> None:
    def planned(reach: dict[str, str]) -> Plan:
        record = expand_object({"KubeFedCluster attic": {}})
        known = facts([record], {}, [{"record": "attic", **reach}])
        return checked_plan(load_playbook("unbind"), known, Options())

    with pytest.raises(Unknown, match=r"Run this where that address answers, or mend the record: kubectl .* describe"):
        planned({"reach": "unreachable"})
    assert not planned({"identity": "host"}).actions


@pytest.mark.parametrize("state", STATES.values(), ids=list(STATES))
def test_doctor_names_the_state(state: State) -> None:
    assert {finding.id for finding in check_fleet(state.facts, Options())} >= state.doctor


@pytest.mark.parametrize(
    ("state", "name"),
    [pytest.param(state, name, id=f"{name}: {title}") for title, state in STATES.items() for name in state.plans],
)
def test_a_playbook_is_planned_in_the_state_or_says_the_way_on(state: State, name: str) -> None:
    options = asked(**state.options) if name in ("adopt-member", "forget-member") else Options()
    said = ""
    try:
        checked_plan(load_playbook(name), state.facts, options)
    except ResetError as error:
        said = str(error)
    assert bool(said) is bool(state.plans[name]), said
    assert state.plans[name] in said
    assert not said or has_way_on(said)
