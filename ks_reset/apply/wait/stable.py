"""wait-stable: wait until objects exist and canaries are bound, then watch their UIDs.

Once they exist, the watch of the cluster holds them until the run ends: none may be recreated.
"""

import time
from collections.abc import Callable, Sequence

from ks_reset.apply.context import RunContext
from ks_reset.apply.watch.cluster import ClusterWatch
from ks_reset.catalogue.names import CASCADING_FINALIZER, NAMESPACE_KIND, WORKSPACE_LABEL
from ks_reset.catalogue.ownership import is_canary
from ks_reset.cluster import Client, until
from ks_reset.errors import Stopped
from ks_reset.facts.workspaces import workspace_owner
from ks_reset.journal import Journal
from ks_reset.model import Obj, WaitStable

Say = Callable[[str], None]


def wait_stable(run: RunContext, actions: Sequence[WaitStable]) -> None:
    """Wait for all actions on one cluster together; the journal notes that the wait ended."""
    identity = actions[0].cluster
    cluster, eyes, tell = run.fleet.cluster(identity), run.eyes[identity], run.teller_of(identity)
    see_stable(cluster, eyes, actions, run.journal, run.timeout, tell)
    for action in actions:
        run.end_actions([action], "watched")


def see_stable(
    cluster: Client, eyes: ClusterWatch, actions: Sequence[WaitStable], journal: Journal, timeout: float, say: Say
) -> None:
    """Return once all objects have kept their UIDs for the longest of the asked times.

    Raises Stopped if one does not exist within `timeout` seconds, StabilityLost if one is recreated or deleted.
    """
    found: dict[str, Obj] = {}

    def there() -> bool:
        missing = next((a for a in actions if not _is_present(cluster, a, found)), None)
        if missing:
            say(f"waiting for {missing.target}{_binding_text(missing)}")
        return missing is None

    if not until(there, timeout):
        late = next(a for a in actions if not _is_present(cluster, a, found))
        raise Stopped(
            f"{late.target} of {cluster.context} does not exist{_binding_text(late)} after {timeout:.0f} s. Nothing "
            "depends on it yet. Check that KubeSphere's and kubefed's controllers run, then run the same command again."
        )
    held = [_identifying_fields(obj) for obj in found.values()]
    journal.note_event("held", cluster=actions[0].cluster, objects=[obj for obj in held if not obj.kind.namespaced])
    eyes.hold_objects(found.values())
    deadline = time.monotonic() + max(action.seconds for action in actions)

    def over() -> bool:
        left = max(0.0, deadline - time.monotonic())
        say(f"{len(actions)} object(s) unchanged, {left:.0f} s to go")
        return not left

    until(over, deadline - time.monotonic() + 60)


def _identifying_fields(obj: Obj) -> Obj:
    """Name, UID and labels, for a later run."""
    return Obj(obj.kind, {"metadata": {k: obj.meta[k] for k in ("name", "uid", "labels") if k in obj.meta}})


def _is_present(cluster: Client, action: WaitStable, found: dict[str, Obj]) -> bool:
    """Whether the object exists, is not being deleted, and is bound if it is a canary; added to `found`."""
    body = cluster.get(action.kind, action.name, action.namespace)
    if body is None or body["metadata"].get("deletionTimestamp"):
        return False
    obj = found[action.target] = Obj(action.kind, body)
    if not (is_canary(obj) and obj.kind == NAMESPACE_KIND):
        return True
    return WORKSPACE_LABEL in obj.labels and (workspace_owner(obj) is not None or CASCADING_FINALIZER in obj.finalizers)


def _binding_text(action: WaitStable) -> str:
    return ", bound to its Workspace" if action.kind == NAMESPACE_KIND else ""
