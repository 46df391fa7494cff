"""A run may be killed after any write: whatever is half done by then, the same command goes on to the end.

In the model, for every place; tests/rehearsal/test_killed.py kills real runs, at ten.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from ks_reset import plan as planning
from ks_reset import playbook as playbooks
from ks_reset.apply.needed import needed
from ks_reset.findings import blocking
from ks_reset.model import Facts, Options, Verb
from ks_reset.world import State
from ks_reset.world.act import act
from ks_reset.world.settle import settle
from ks_reset.world.state import facts_of
from tests.build import Rows, facts

MANIFESTS = Path(__file__).parents[1] / "examples" / "incident"
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


def fleet(stale: bool) -> Facts:
    records = ["host", "test", *(["produce-trt"] if stale else [])]
    host = [*manifests("common", "host"), *(row for name in records for row in joined(name))]
    dials: Rows = [{"record": n, "identity": "test" if n == "test" else "host"} for n in records]
    return facts(host, {"test": manifests("common", "member")}, dials)


@pytest.mark.parametrize(("name", "stale"), [("uninstall", True), ("uninstall", False), ("stale-record", True)])
def test_after_every_write_the_same_plan_is_neither_refused_nor_stale_and_ends(name: str, stale: bool) -> None:
    playbook, known = playbooks.load(name), fleet(stale)
    approved = planning.make(playbook, known, Options())
    state, written = State.of(known), 0
    for writes in range(1000):
        now = facts_of(state)
        blocking(playbook, now, approved.options)
        left = [a for a in needed(approved, planning.make(playbook, now, approved.options), now) if _does(state, a)]
        if not left:
            break
        state = act(state, left[0])[0]
        written = writes + 1
    gone = {a.uid for a in approved.actions if a.verb is Verb.DELETE}
    assert written >= len(gone) > 1
    assert not gone & {thing.uid for thing in settle(state).after.things.values()}


def _does(state: State, action: Any) -> bool:
    return action.verb not in (Verb.WATCH, Verb.FASTEN, Verb.LOOSEN) and act(state, action)[0] != state
