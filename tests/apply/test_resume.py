"""A run may be killed after any write: whatever is half done by then, the same command goes on to the end.

In the model, for every place; tests/rehearsal/test_killed.py kills real runs, at ten.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from ks_reset.apply.remaining import needed
from ks_reset.findings import blocking
from ks_reset.model import FleetFacts, Options, Verb
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.simulation import State
from ks_reset.simulation.actions import act
from ks_reset.simulation.run import settle
from ks_reset.simulation.state import facts_of
from tests.build import Rows, facts

MANIFESTS = Path(__file__).parents[2] / "examples" / "incident"
FED = "kube-federation-system"
JOIN = "kubefed-controller-manager:{}-kubesphere"


def manifests(*folders: str) -> Rows:
    """The objects of the example, with replicas at zero: nothing runs."""
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
    """What a join leaves on a member."""
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


def fleet(*more: str) -> FleetFacts:
    """A host and its member test, which a second host has joined too; and records that reach the host, or nothing."""
    records = ["host", "test", *more]
    host = [*manifests("common", "host"), *(row for name in records for row in joined(name))]
    host += [row for name in records if name not in ("test", "dead") for row in account(f"{name}-kubesphere")]
    reached = {"host": "host", "test": "test", "produce-trt": "host"}
    dials: Rows = [
        {"record": n, "identity": reached[n]} if n in reached else {"record": n, "reach": "unreachable"}
        for n in records
    ]
    test = [*manifests("common", "member"), *account("test-kubesphere"), *account("test-hub")]
    return facts(host, {"test": test}, dials)


@pytest.mark.parametrize(
    ("name", "more", "options"),
    [
        ("uninstall", "produce-trt", Options(gone=("test-hub",))),
        ("uninstall", "", Options(gone=("test-hub",))),
        ("uninstall", "", Options(shared=("test",))),
        ("stale-record", "produce-trt", Options()),
        ("detach-member", "", Options(members=("test",))),
        ("adopt-member", "", Options(members=("test",), gone=("test-hub",))),
        ("forget-member", "dead", Options(members=("dead",))),
    ],
)
def test_after_every_write_the_same_plan_is_neither_refused_nor_stale_and_ends(
    name: str, more: str, options: Options
) -> None:
    playbook, known = playbooks.load(name), fleet(*more.split())
    approved = planning.make(playbook, known, options)
    state, written = State.of(known), 0
    for writes in range(1000):
        now = facts_of(state)
        blocking(playbook, now, approved.options)
        left = [a for a in needed(approved, planning.make(playbook, now, approved.options), now) if _does(state, a)]
        if not left:
            break
        state = act(state, left[0])[0]
        written = writes + 1
    gone = {(a.cluster, a.uid) for a in approved.actions if a.verb is Verb.DELETE}
    assert written >= len(gone) > 1
    assert not gone & {(thing.id.cluster, thing.uid) for thing in settle(state).after.things.values()}


def _does(state: State, action: Any) -> bool:
    return action.verb not in (Verb.WATCH, Verb.FASTEN, Verb.LOOSEN) and act(state, action)[0] != state
