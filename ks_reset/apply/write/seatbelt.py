"""seatbelt-on and seatbelt-off: create its objects and see the API server enforce them; delete them again."""

from collections.abc import Callable, Sequence

from ks_reset import seatbelt
from ks_reset.apply.context import RunContext
from ks_reset.apply.refresh import read_everything
from ks_reset.apply.write.namespace_marks import is_let_go, mark_namespaces, unmark_namespaces
from ks_reset.catalogue.names import KUBE_NODE_LEASE_NAMESPACE, NAMESPACE_KIND
from ks_reset.catalogue.namespaces import shared_namespace
from ks_reset.cluster import Client, until
from ks_reset.cluster.transport import NotFound
from ks_reset.errors import Conflict, Stopped
from ks_reset.findings.unknown_losses import require_losses_known
from ks_reset.local import user_and_machine
from ks_reset.model import Body, Create, Delete, Kind, Plan, SeatbeltOff, SeatbeltOn
from ks_reset.simulation import refuse_losses_without_seatbelt
from ks_reset.simulation.api_server import IMMORTAL


def put_seatbelts_on(run: RunContext, actions: Sequence[SeatbeltOn]) -> None:
    """Put each seatbelt on, or complete the one that is on; it keeps its owner and exceptions."""
    for action in actions:
        cluster, tell = run.fleet.cluster(action.cluster), run.teller_of(action.cluster)
        tell(f"{action.verb} {action.target}")
        run.journal.begin_action(action, {})
        facts = run.cluster_facts(action.cluster)
        belt = seatbelt.present(facts)
        excepted = seatbelt.exceptions_of(facts, belt)
        excepted += () if belt else let_go_namespaces(run.plan, action.cluster)
        parts = seatbelt.seatbelt_objects(
            facts, *seatbelt.owner_of(belt, run.plan.playbook, user_and_machine()), excepted
        )
        run.count_writes(action.cluster, create_seatbelt(cluster, parts, run.timeout, tell))
        run.end_actions([action], "done")
        run.eyes[action.cluster].begin_watch()
        run.journal.note_watched(action.cluster, run.eyes[action.cluster].watched)


def refuse_losses_by_taking_off(run: RunContext, actions: Sequence[SeatbeltOff]) -> None:
    """Read everything again, and ask the simulation for losses once these seatbelts are off, as `protect off` does.

    Raises Unknown if the losses cannot be told, Refused for a loss the plan does not accept. Accepted losses are noted
    in the journal. A member left behind counts as last read; its seatbelt stays on.
    """
    read_everything(run)
    clusters = {a.cluster for a in actions if a.cluster not in run.lost and _own_seatbelt(run, a)}
    if clusters:
        require_losses_known(run.facts, run.plan.options, run.fleet.flags_to)
    accepted = run.plan.request.accepted
    accept = f"ks-reset plan {run.plan.playbook} --out {run.plan.playbook}.json, with the same flags and"
    dangers = refuse_losses_without_seatbelt(run.facts, clusters, accepted, run.fleet.flags, accept)
    if dangers:
        objects = [f"{consequence.object} on {consequence.cluster}" for _, _, consequence in dangers]
        run.journal.note_event("loss accepted", namespaces=accepted, objects=objects)


def take_seatbelts_off(run: RunContext, actions: Sequence[SeatbeltOff]) -> None:
    """Take off each seatbelt of this playbook. Raises StabilityLost for a protected namespace that goes at once.

    Afterwards users may delete their namespaces, so a later run of this plan does not ask for those of today.
    """
    for action in actions:
        cluster, tell = run.fleet.cluster(action.cluster), run.teller_of(action.cluster)
        tell(f"{action.verb} {action.target}")
        run.journal.begin_action(action, {})
        if belt := _own_seatbelt(run, action):
            run.count_writes(action.cluster, delete_seatbelt(cluster, belt))
        eyes = run.eyes[action.cluster]
        eyes.let_go(run.plan.request.accepted)
        eyes.begin_watch()
        run.end_actions([action], "done")
        run.journal.note_watched(action.cluster, {})


def _own_seatbelt(run: RunContext, action: SeatbeltOff) -> seatbelt.Seatbelt | None:
    """The seatbelt of a cluster, if this playbook put it on."""
    belt = seatbelt.present(run.cluster_facts(action.cluster))
    return belt if belt and belt.run == run.plan.playbook else None


def let_go_namespaces(plan: Plan, cluster: str) -> tuple[str, ...]:
    """The namespaces of canaries, which must be able to die, and the shared ones that the plan deletes."""
    canaries = {a.name for a in plan.actions if isinstance(a, Create) and a.kind == NAMESPACE_KIND}
    going = [a for a in plan.actions if isinstance(a, Delete) and a.kind == NAMESPACE_KIND and a.cluster == cluster]
    return tuple(sorted(canaries | {a.name for a in going if shared_namespace(a.name)}))


def create_seatbelt(
    cluster: Client, made: Sequence[tuple[Kind, Body]], timeout: float, say: Callable[[str], None] = lambda _: None
) -> int:
    """Create or repair each part, wait until deletions are refused, and return the number of writes.

    Proven by a dry run of a deletion on the answering API server; it changes nothing. Raises Stopped if it is
    not refused after `timeout` seconds: an API server takes up to a few seconds to heed a new rule.
    """
    writes = sum(_put_part(cluster, kind, body) for kind, body in made)
    writes += mark_namespaces(cluster, made)
    excepted = made[0][1]["metadata"]["annotations"][seatbelt.EXCEPTED].split(",")
    answers = ["nothing yet"]

    def refused() -> bool:
        say(f"waiting for the API server of {cluster.context} to refuse deletions")
        answers.append(_try_deletion(cluster, excepted))
        return seatbelt.NAME in answers[-1]

    if not until(refused, timeout):
        raise Stopped(
            f"The seatbelt of {cluster.context} is there, but after {timeout:.0f} s it was not seen to refuse a "
            f"deletion. The last answer was: {answers[-1]}. Nothing else was changed. See whether admission plugins "
            "are switched off, then run the same command again."
        )
    return writes


def delete_seatbelt(cluster: Client, belt: seatbelt.Seatbelt) -> int:
    """Delete its parts, the last created first, then its marks on namespaces; the number of writes."""
    for part in reversed(belt.parts):
        cluster.delete(part.kind, part.name, "", part.uid)
    marked = seatbelt.marks_namespaces([(part.kind, part.body) for part in belt.parts])
    return len(belt.parts) + (unmark_namespaces(cluster, ()) if marked else 0)


def _try_deletion(cluster: Client, excepted: Sequence[str]) -> str:
    """The API server's answer to the deletion of a protected namespace, kube-node-lease if possible.

    A namespace being deleted proves nothing: its deletion is not admitted again (kubernetes v1.24.17,
    pkg/registry/core/namespace/storage/storage.go, Delete). An immortal one is refused in any case.
    """
    found = [body["metadata"] for body in cluster.list(NAMESPACE_KIND, metadata_only=True)]
    live = {meta["name"] for meta in found if not (meta.get("deletionTimestamp") or is_let_go(meta))}
    fit = sorted(
        live - {*IMMORTAL, *seatbelt.own_namespaces(), *excepted},
        key=lambda name: (name != KUBE_NODE_LEASE_NAMESPACE, name),
    )
    if not fit:
        return "there is no namespace to try it on"
    return cluster.would_delete(NAMESPACE_KIND, fit[0]) or f"namespace {fit[0]} may be deleted"


def _put_part(cluster: Client, kind: Kind, body: Body) -> int:
    """Create the part, or replace the existing one; the number of writes."""
    name = body["metadata"]["name"]
    found = cluster.get(kind, name)
    if found is None:
        cluster.create(kind, body)
        return 1
    if seatbelt.has_same_rules(found, body) and _annotation_keys(found) >= _annotation_keys(body):
        return 0
    meta = {**body["metadata"], "resourceVersion": found["metadata"]["resourceVersion"]}
    try:
        cluster.request("PUT", kind.path("", name), {**body, "metadata": meta})
    except (Conflict, NotFound):
        return _put_part(cluster, kind, body)
    return 1


def _annotation_keys(body: Body) -> set[str]:
    """The keys of its annotations: without ours, the owner of a seatbelt is unknown."""
    return set(body["metadata"].get("annotations") or ())
