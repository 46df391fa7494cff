"""A run killed after any write can be resumed with the same command.

Simulated, for every write; tests/rehearsal/test_killed.py kills real runs at ten places.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from ks_reset.apply.remaining import remaining_actions
from ks_reset.findings import require_unblocked
from ks_reset.model import Delete, FleetFacts, Options, SeatbeltOff, SeatbeltOn, WatchWorkspaces
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.simulation import State, losses_without_seatbelt
from ks_reset.simulation.actions import apply_action
from ks_reset.simulation.reading import facts_of
from ks_reset.simulation.run import run_controllers
from tests.build import Rows, asked, facts

MANIFESTS = Path(__file__).parents[2] / "examples" / "incident"
FED = "kube-federation-system"
JOIN = "kubefed-controller-manager:{}-kubesphere"


def manifests(*folders: str) -> Rows:
    """The objects of the example, with all replicas at zero."""
    paths = [path for folder in folders for path in sorted((MANIFESTS / folder).glob("*.yaml"))]
    rows: Rows = [row for path in paths for row in yaml.safe_load_all(path.read_text()) if row]
    for row in rows:
        if row["kind"] == "Deployment":
            row["spec"]["replicas"] = 0
        for owner in row["metadata"].get("ownerReferences") or []:
            owner.setdefault("uid", f"uid-of-{owner['kind']}--{owner['name']}")
    return rows


def joined(name: str) -> Rows:
    about = {"name": name, "namespace": FED, "finalizers": []}
    spec = {"apiEndpoint": f"https://{name}", "secretRef": {"name": f"{name}-secret"}}
    record: dict[str, Any] = {"apiVersion": "core.kubefed.io/v1beta1", "kind": "KubeFedCluster", "metadata": about}
    return [record | {"spec": spec}, {"kind": "Secret", "metadata": {"name": f"{name}-secret", "namespace": FED}}]


def account(name: str) -> Rows:
    """The account and binding of a join on a member."""
    about, role = {"apiVersion": "rbac.authorization.k8s.io/v1"}, f"kubefed-controller-manager:{name}"
    subject = {"kind": "ServiceAccount", "namespace": FED, "name": name}
    rules = [
        {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
        {"verbs": ["get"], "nonResourceURLs": ["*"]},
    ]
    return [
        {"kind": "ServiceAccount", "metadata": {"name": name, "namespace": FED}},
        {"kind": "ClusterRole", "metadata": {"name": role}, "rules": rules, **about},
        {
            "kind": "ClusterRoleBinding",
            "metadata": {"name": role},
            "roleRef": {"kind": "ClusterRole", "name": role},
            "subjects": [subject],
            **about,
        },
    ]


def spread(*more: str) -> Rows:
    """What kubefed has made of the federated objects in a cluster; `more` are namespaces that it made there."""
    about = {"name": "catalog", "namespace": "catalog", "labels": {"kubefed.io/managed": "true"}}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": about, "spec": {"replicas": 1}}
    made = [{"kind": "Namespace", "metadata": {"name": name, "labels": about["labels"]}} for name in more]
    return [*made, {"kind": "ConfigMap", "metadata": about}, deployment]


def fleet(*more: str) -> FleetFacts:
    """A host, its member test, also joined by a second host, and records to the host or to nothing."""
    records = ["host", "test", *more]
    host = [*manifests("common", "host"), *spread(), *(row for name in records for row in joined(name))]
    host += [row for name in records if name not in ("test", "dead") for row in account(f"{name}-kubesphere")]
    reached = {"host": "host", "test": "test", "produce-trt": "host"}
    dials: Rows = [
        {"record": n, "identity": reached[n]} if n in reached else {"record": n, "reach": "unreachable"}
        for n in records
    ]
    test = [*manifests("common", "member"), *spread("catalog"), *account("test-kubesphere"), *account("test-hub")]
    return facts(host, {"test": test}, dials)


@pytest.mark.parametrize(
    ("name", "more", "options"),
    [
        ("uninstall", "produce-trt", asked(gone=("test-hub",))),
        ("uninstall", "", asked(gone=("test-hub",))),
        ("uninstall", "", asked(shared=("test",))),
        ("stale-record", "produce-trt", Options()),
        ("detach-member", "", asked(members=("test",))),
        ("adopt-member", "", asked(members=("test",), gone=("test-hub",))),
        ("forget-member", "dead", asked(members=("dead",))),
    ],
)
def test_after_every_write_the_same_plan_is_neither_refused_nor_stale_and_ends(
    name: str, more: str, options: Options
) -> None:
    playbook, known = playbooks.load_playbook(name), fleet(*more.split())
    approved = planning.make_plan(playbook, known, options)
    state, written = State.of(known), 0
    for writes in range(1000):
        now = facts_of(state)
        require_unblocked(playbook, now, approved.options)
        left = [
            a
            for a in remaining_actions(approved, planning.make_plan(playbook, now, approved.options), now)
            if _does(state, a)
        ]
        if not left:
            break
        state = apply_action(state, left[0])[0]
        written = writes + 1
    gone = {(a.cluster, a.uid) for a in approved.actions if isinstance(a, Delete)}
    assert written >= len(gone) > 1
    after = run_controllers(state).after
    assert not gone & {(thing.id.cluster, thing.uid) for thing in after.objects.values()}
    assert losses_without_seatbelt(facts_of(after), {world.identity for world in known.clusters}) == []


def _does(state: State, action: Any) -> bool:
    return (
        not isinstance(action, WatchWorkspaces | SeatbeltOn | SeatbeltOff) and apply_action(state, action)[0] != state
    )
