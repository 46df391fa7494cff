"""The objects changed and deleted by a run, read from its folder in the state directory."""

import shlex
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct, structs

from ks_reset import facts as reading
from ks_reset.apply.originals import digests_in, load_originals
from ks_reset.catalogue.names import (
    CLUSTER_PROPAGATED_VERSION_KEY,
    CONTROLLER_REVISION_KEY,
    ENDPOINTS_KEY,
    JOB_KEY,
    LEADER_ANNOTATION,
    LEASE_KEY,
    PERSISTENT_VOLUME_KEY,
    POD_KEY,
    PROPAGATED_VERSION_KEY,
    REPLICA_SET_KEY,
    SECRET_KEY,
)
from ks_reset.credentials.fill import Known, fill_digests
from ks_reset.credentials.recorded import as_manifest, digest_fields
from ks_reset.credentials.vault import Vault
from ks_reset.decoding import convert_to
from ks_reset.errors import NAME, Correction, UnknownName, Usage
from ks_reset.journal import journal_entries, plan_of_run, unchanged_entries
from ks_reset.local import state_dir
from ks_reset.model import (
    Action,
    BeforeImage,
    Body,
    Create,
    Delete,
    FleetFacts,
    Memory,
    Obj,
    Outcome,
    Plan,
    RemoveMarks,
    Scale,
)

REMADE_KINDS = {
    *(POD_KEY, REPLICA_SET_KEY, CONTROLLER_REVISION_KEY, ENDPOINTS_KEY, LEASE_KEY, JOB_KEY),
    *(PROPAGATED_VERSION_KEY, CLUSTER_PROPAGATED_VERSION_KEY),
}
"""Types that controllers create from other objects, or whose content is outdated after a run."""
OF_EVERY_NAMESPACE = {("ServiceAccount", "default"), ("ConfigMap", "kube-root-ca.crt")}
"""Kubernetes creates these in every namespace."""


class Sent(Struct, frozen=True):
    """A journal entry before a request: the action, and the object as it was then."""

    action: Action
    before: Body


def images_of_run(run: str, vault: Vault | None, *, accept_changed: bool = False) -> tuple[BeforeImage, ...]:
    """The objects changed and deleted by a run, by the name of its folder or its path.

    Objects in the vault are marked as sealed. Raises Usage if there is no such run, or it read nothing, Refused
    if its journal was changed, unless that is accepted: then its readable lines count.
    """
    folder = folder_of_run(run)
    before = folder / "before.json.gz"
    if not before.is_file():
        raise Usage(
            f"The run {run} was stopped before it had read anything: there is nothing to give back.",
            Correction(run, NAME),
        )
    again = f"ks-reset plan restore --run {shlex.quote(run)} --accept-changed-journal --out restore.json"
    way_on = f"To plan by its readable lines, and to check each object of that plan before it is applied: {again}"
    entries = journal_entries(folder) if accept_changed else unchanged_entries(folder, way_on)
    originals = load_originals(folder)
    images = before_images(plan_of_run(folder), reading.load_snapshot(before), entries, originals)
    return tuple(_sealed_if_in_vault(image, vault) for image in images)


def folder_of_run(run: str) -> Path:
    """The folder of a run, by its name in the state directory or by its path. Raises Usage if there is no such run."""
    runs = state_dir() / "runs"
    folder = next((f for f in (runs / run, Path(run)) if (f / "plan.json").is_file()), None)
    if folder is None:
        known = sorted(f.name for f in runs.glob("*") if (f / "plan.json").is_file())
        message = f"There is no run {run}. There are: {', '.join(known) or 'none'}; or give the path of a folder."
        raise UnknownName(f"{message} What each has done: ks-reset runs list.", run, known)
    return folder


def memory_with_vault(memory: Memory, vault: Vault | None) -> Memory:
    """The memory; its objects in the vault are marked as sealed."""
    return structs.replace(memory, objects=tuple(_sealed_if_in_vault(image, vault) for image in memory.objects))


def before_images(
    plan: Plan,
    before: FleetFacts,
    events: Iterable[Body],
    known: Known = {},  # noqa: B006
) -> tuple[BeforeImage, ...]:
    """The objects deleted, stripped of marks and scaled by a run, each as in the facts `before` it.

    `events` are the entries of its journal, `known` the values that it kept, by digest.
    """
    sent = [convert_to({k: e[k] for k in ("action", "before")}, Sent) for e in events if e["event"] == "begin"]
    objects = {(cluster.identity, obj.uid): obj for cluster in before.clusters for obj in cluster.all()}
    for entry in sent:
        if entry.before:
            obj = Obj(entry.action.kind, entry.before)
            objects.setdefault((entry.action.cluster, obj.uid), obj)
    gone = dict.fromkeys([*_deleted_uids(plan), *_following_uids(plan, before)])
    images = [
        _deleted_image(cluster, objects[cluster, uid], known) for cluster, uid in gone if (cluster, uid) in objects
    ]
    changed = _merged_changes(a for a in (entry.action for entry in sent) if (a.cluster, a.uid) not in gone)
    images += [_changed_image(a, objects[a.cluster, a.uid]) for a in changed if (a.cluster, a.uid) in objects]
    return tuple(image for image in images if not _is_remade(image.obj))


def _sealed_if_in_vault(image: BeforeImage, vault: Vault | None) -> BeforeImage:
    is_kept = vault is not None and image.deed == "delete" and vault.of(image) is not None
    return structs.replace(image, why="", sealed=True) if is_kept else image


def _deleted_uids(plan: Plan) -> Iterable[tuple[str, str]]:
    return ((a.cluster, a.uid) for a in plan.actions if isinstance(a, Delete))


def _following_uids(plan: Plan, before: FleetFacts) -> Iterable[tuple[str, str]]:
    """Cluster and UID of the deletions foreseen by the plan."""
    titles = {
        (consequence.cluster, consequence.object)
        for consequence in plan.foreseen
        if consequence.fate == Outcome.DELETED
    }
    for cluster in before.clusters:
        yield from ((cluster.identity, o.uid) for o in cluster.all() if (cluster.name, o.title) in titles)


def _merged_changes(actions: Iterable[Action]) -> Iterable[RemoveMarks | Scale]:
    """One action for an object and a verb, with the marks removed by all of them."""
    merged: dict[tuple[str, str, str], RemoveMarks | Scale] = {}
    for action in actions:
        key = (action.cluster, action.uid, action.verb)
        earlier = merged.get(key)
        if isinstance(action, RemoveMarks) and isinstance(earlier, RemoveMarks):
            merged[key] = structs.replace(earlier, marks=earlier.marks | action.marks)
        elif isinstance(action, RemoveMarks | Scale):
            merged.setdefault(key, action)
    return merged.values()


def _changed_image(action: RemoveMarks | Scale, obj: Obj) -> BeforeImage:
    if isinstance(action, RemoveMarks):
        return BeforeImage(action.cluster, obj.kind, obj.body, "remove-marks", action.marks)
    return BeforeImage(action.cluster, obj.kind, obj.body, "scale")


def _deleted_image(cluster: str, obj: Obj, known: Known) -> BeforeImage:
    body = as_manifest(obj.body)
    why = _reason_unrestorable(obj, fill_digests(body, known)[0])
    return BeforeImage(cluster, obj.kind, body, why=why, sealed=not why and any(digest_fields(body)))


def _reason_unrestorable(obj: Obj, body: Body) -> str:
    """The reason against creating an object again; "" without one."""
    if obj.kind.key == SECRET_KEY:
        return "the contents of a Secret are never recorded"
    if obj.kind.key == PERSISTENT_VOLUME_KEY:
        return "its storage went with its claim, and a volume of this name would be reclaimed again"
    fields = list(digest_fields(body))
    return f"of {', '.join(fields[:3])} only a digest was recorded" if fields else ""


def originals_for(plan: Plan) -> Known:
    """The values behind the digests of a plan's creations that runs on this machine kept. Raises Usage."""
    sealed = [action.body for action in plan.actions if isinstance(action, Create) and action.sealed]
    wanted = {digest for body in sealed for digest in digests_in(body)}
    found: Known = {}
    for folder in sorted((state_dir() / "runs").glob("*"), reverse=True):
        if wanted - found.keys():
            found |= {digest: value for digest, value in load_originals(folder).items() if digest in wanted}
    return found


def _is_remade(obj: Obj) -> bool:
    return (
        obj.kind.key in REMADE_KINDS
        or (obj.kind.key, obj.name) in OF_EVERY_NAMESPACE
        or LEADER_ANNOTATION in obj.annotations
    )
