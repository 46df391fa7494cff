"""The growth of the CPU time of a plan, of its remaining actions and of `verify` with the number of namespaces.

    python -m bench.fleets [--sizes 30,100,300,1000] [--rounds 3]

Each business namespace has the 27 Roles of KubeSphere 3.3.1, 3 RoleBindings, 5 ConfigMaps, 3 Secrets, 2 Deployments
and a claim; one in three is federated. Prints a table in Markdown: the share of each part in one run at the largest
size, and the exponent of its growth, fitted over all sizes. The least time of several rounds counts; each round has
facts of its own.
"""

import argparse
import gc
import math
import time
from collections.abc import Callable
from typing import Any, TypeVar

from ks_reset import catalogue
from ks_reset.apply.remaining import remaining_actions
from ks_reset.findings import require_unblocked
from ks_reset.local import collect_seldom
from ks_reset.model import FleetFacts, Options, Plan
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.simulation import foresee_consequences, refuse_losses
from ks_reset.verify import compare_bystanders, find_leftovers
from ks_reset.workflows.consequences import planned_consequences
from tests.build import Rows, facts
from tests.interleavings.small import Small

T = TypeVar("T")
WORKSPACES, FEDERATED = 10, 3
"""Namespaces of a Workspace, and one in how many is federated."""
RBAC = "rbac.authorization.k8s.io"


def make_fleet(namespaces: int) -> FleetFacts:
    """A host with this many business namespaces, and a member with the federated ones."""
    small = Small(kubefed=True, stale=False)
    host, member = small.rows()
    for count in range(-(-namespaces // WORKSPACES)):
        host += _workspace(f"team-{count}")
    for count in range(namespaces):
        name, workspace, federated = f"shop-{count}", f"team-{count // WORKSPACES}", count % FEDERATED == 0
        host += _namespace(name, workspace, federated) + namespace_contents(name)
        if federated:
            host.append(_federated_namespace(name))
            member += _namespace(name, "", federated)
    return facts(host, {"test": member}, small.dials())


def _workspace(name: str) -> Rows:
    finalizers, labels = ["finalizers.tenant.kubesphere.io"], {"kubefed.io/managed": "true"}
    meta = {"name": name, "labels": labels, "finalizers": finalizers}
    federated = {"name": name, "finalizers": ["kubefed.io/sync-controller"]}
    return [
        {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "metadata": meta},
        {
            "apiVersion": "types.kubefed.io/v1beta1",
            "kind": "FederatedWorkspace",
            "metadata": federated,
            "spec": {"placement": {"clusters": [{"name": "host"}]}},
        },
    ]


def _namespace(name: str, workspace: str, federated: bool) -> Rows:
    labels = {"kubesphere.io/namespace": name}
    meta: dict[str, Any] = {"name": name, "labels": labels, "finalizers": ["finalizers.kubesphere.io/namespaces"]}
    if workspace:
        labels["kubesphere.io/workspace"] = workspace
        owner = {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "name": workspace}
        meta["ownerReferences"] = [owner | {"uid": f"uid-of-Workspace--{workspace}"}]
    if federated:
        labels["kubefed.io/managed"] = "true"
    return [{"kind": "Namespace", "metadata": meta}]


def _federated_namespace(name: str) -> dict[str, Any]:
    return {
        "apiVersion": "types.kubefed.io/v1beta1",
        "kind": "FederatedNamespace",
        "metadata": {"name": name, "namespace": name, "finalizers": ["kubefed.io/sync-controller"]},
        "spec": {"placement": {"clusters": [{"name": "host"}, {"name": "test"}]}},
    }


def namespace_contents(namespace: str) -> Rows:
    roles = [entry for entry in catalogue.load_catalogue().namespaced_rbac if entry.kind == "Role"]
    named = [entry for entry in roles if "<" not in entry.name]
    rows = [_of("Role", namespace, entry.name, _role(entry.labels, entry.annotations), f"{RBAC}/v1") for entry in named]
    for user in ("ada", "bob", "eve"):
        rows.append(_binding(namespace, user))
    rows += [_of("ConfigMap", namespace, f"settings-{n}", {"data": {"mode": "production"}}) for n in range(5)]
    rows += [_of("Secret", namespace, f"database-{n}", {"data": {"password": "c2VjcmV0"}}) for n in range(3)]
    rows += [_of("Deployment", namespace, f"app-{n}", _workload(n), "apps/v1") for n in range(2)]
    return [*rows, _of("PersistentVolumeClaim", namespace, "data", {"spec": {"volumeName": f"{namespace}-data"}})]


def _of(kind: str, namespace: str, name: str, rest: dict[str, Any], version: str = "v1") -> dict[str, Any]:
    meta = {"name": name, "namespace": namespace, **rest.pop("metadata", {})}
    return {"apiVersion": version, "kind": kind, "metadata": meta, **rest}


def _role(labels: dict[str, str], annotations: Any) -> dict[str, Any]:
    values = {key: "system" if key == "kubesphere.io/creator" else "[]" for key in annotations}
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}]
    return {"metadata": {"labels": dict(labels), "annotations": values}, "rules": rules}


def _binding(namespace: str, user: str) -> dict[str, Any]:
    reference = {"apiGroup": RBAC, "kind": "Role", "name": "operator"}
    subjects = [{"kind": "User", "name": user, "apiGroup": RBAC}]
    meta = {"labels": {"iam.kubesphere.io/user-ref": user}} if user != "eve" else {}
    rest = {"metadata": meta, "roleRef": reference, "subjects": subjects}
    return _of("RoleBinding", namespace, f"{user}-operator", rest, f"{RBAC}/v1")


def _workload(number: int) -> dict[str, Any]:
    labels = {"app": f"app-{number}"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": "nginx:1.23"}]}}
    return {"spec": {"replicas": 2, "selector": {"matchLabels": labels}, "template": template}}


class Run:
    """The parts of `plan uninstall`, of the begin of `apply` and of `verify`, with the CPU seconds of each."""

    def __init__(self, read: FleetFacts) -> None:
        self.facts, self.spent = read, dict[str, float]()
        self.book = playbooks.load_playbook("uninstall")

    def plan(self) -> Plan:
        """The plan with its consequences, as `ks-reset plan uninstall` makes it from facts."""
        book, read, options = self.book, self.facts, Options()
        self._timed("findings", lambda: require_unblocked(book, read, options))
        plan = self._timed("steps", lambda: planning.make_plan(book, read, options))
        foreseen = self._timed("simulation", lambda: foresee_consequences(plan, read))
        refuse_losses(plan, foreseen, read)
        consequences = self._timed("consequences", lambda: planned_consequences(plan.request, foreseen, read))
        return planning.with_consequences(plan, consequences)

    def apply(self, plan: Plan) -> None:
        """The remaining actions of the approved plan."""
        fresh = planning.make_plan(self.book, self.facts, Options())
        self._timed("remaining actions", lambda: remaining_actions(plan, fresh, self.facts))

    def verify(self, plan: Plan) -> None:
        """The bystander proof and the leftovers of unchanged clusters: everything is compared."""
        self._timed("bystanders", lambda: compare_bystanders(self.facts, self.facts, (plan,)))
        self._timed("leftovers", lambda: find_leftovers(self.facts))

    def _timed(self, part: str, call: Callable[[], T]) -> T:
        gc.collect()
        begun = time.process_time()
        result = call()
        self.spent[part] = time.process_time() - begun
        return result


def measure(namespaces: int) -> dict[str, float]:
    """CPU seconds by part."""
    run = Run(make_fleet(namespaces))
    plan = run.plan()
    run.apply(plan)
    run.verify(plan)
    parts = ("findings", "steps", "simulation", "consequences")
    return {**run.spent, "plan": sum(run.spent[part] for part in parts)}


def _least(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {part: min(one[part] for one in rounds) for part in rounds[0]}


def exponent(sizes: list[int], seconds: list[float]) -> float:
    """The slope of the least-squares line through the logarithms."""
    xs, ys = [math.log(size) for size in sizes], [math.log(max(value, 1e-6)) for value in seconds]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="30,100,300,1000")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    sizes = [int(size) for size in given.sizes.split(",")]
    collect_seldom()
    measure(min(sizes))  # loads the data files
    spent = [_least([measure(size) for _ in range(given.rounds)]) for size in sizes]
    print(f"| part | share of the plan's time at {sizes[-1]} namespaces | exponent |\n| --- | --- | --- |")
    for part in spent[0]:
        share = spent[-1][part] / spent[-1]["plan"]
        print(f"| {part} | {share:.2f} | {exponent(sizes, [one[part] for one in spent]):.2f} |")


if __name__ == "__main__":
    main()
