"""What keeps an object from being deleted: each finalizer with its remover, down to one object, webhook or API."""

from collections.abc import Iterable

from msgspec import Struct

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    CRD_CLEANUP_FINALIZER,
    KUBEFED_SYNC_FINALIZER,
    PV_PROTECTION_FINALIZER,
    PVC_PROTECTION_FINALIZER,
)
from ks_reset.facts.crds import PATCH_TO_STOP_CONVERSION
from ks_reset.facts.dead_backends import conversion_service, is_dead
from ks_reset.model import GROUP_GAP
from ks_reset.simulation.actors import (
    crd_finalizer,
    garbage_collector,
    ks_controller_manager,
    kubefed,
    manager_version,
    namespace_controller,
    volume_protection,
)
from ks_reset.simulation.api_server import FOREGROUND, ORPHAN, reason_refused
from ks_reset.simulation.by_hand import finalize_command, finalizer_patch
from ks_reset.simulation.emptied import holding_finalizers
from ks_reset.simulation.objects import SPEC, WIPED, SimObject
from ks_reset.simulation.releases import is_released, releaser_name
from ks_reset.simulation.state import State, defined_kind

DEPTH = 4
SHOWN = 3
SERVER = "the API server"


class Blocker(Struct, frozen=True):
    """`what` holds `object` (a title); `who` removes it, if it `runs`, once the condition in `release` is met.

    `command` removes it by hand if no controller will; "" if there is none. It is safe only after reading `release`.
    """

    object: str
    what: str
    who: str
    runs: bool
    release: str
    command: str = ""


def agent_words(who: str) -> str:
    """`kubefed`, `the garbage collector`, `the owner of example.com/hold`: a remover of blockers, in a sentence."""
    return f"the {who}" if " " in who and not who.startswith(("the ", "its ")) else who


def blockers_of(state: State, subject: SimObject, depth: int = DEPTH) -> list[Blocker]:
    """The blockers of the object's deletion, down to `depth` objects, innermost last; [] if there are none."""
    if depth == 0:
        return []
    blockers = [
        blocker
        for finalizer in holding_finalizers(state, subject)
        for blocker in _finalizer_blockers(state, subject, finalizer, depth)
    ]
    if refused := reason_refused(state, subject, "UPDATE"):
        blockers.append(_refusal_blocker(subject, refused))
    return blockers


def _finalizer_blockers(state: State, subject: SimObject, finalizer: str, depth: int) -> Iterable[Blocker]:
    title, what = subject.id.title, f"finalizer {finalizer}"
    if finalizer == WIPED:
        release = "kubernetes is added again, so that the contents are deleted; a second DELETE leaves them in etcd"
        yield Blocker(
            title,
            "spec.finalizers is empty",
            "nobody",
            False,
            release,
            finalize_command(_context(state, subject), subject.id.name),
        )
    elif finalizer == namespace_controller.TOKEN:
        yield from _namespace_blockers(state, subject, depth)
    elif finalizer == CRD_CLEANUP_FINALIZER:
        instances = [o for o in state.of_kind(defined_kind(subject.obj)) if o.id.cluster == subject.id.cluster]
        release = _condition(instances, "the objects of this type are gone")
        yield Blocker(title, what, crd_finalizer.ACTOR, True, release)
        yield from _inner_blockers(
            state, (o for o in instances if o.deleting), depth
        )  # the others go without admission
        yield from _conversion_blockers(state, subject)
    elif finalizer in (FOREGROUND, ORPHAN):
        dependents = _blocking_dependents(state, subject, finalizer)
        release = _condition(dependents, "its dependents are gone")
        yield Blocker(title, what, garbage_collector.ACTOR, True, release)
        yield from _inner_blockers(state, dependents, depth)
    elif finalizer in (PVC_PROTECTION_FINALIZER, PV_PROTECTION_FINALIZER):
        yield Blocker(title, what, volume_protection.ACTOR, True, "the Pods or the claim that use it are gone")
    elif finalizer.startswith(("kubefed.io/", "core.kubefed.io/")):
        yield Blocker(title, what, kubefed.ACTOR, kubefed.is_running(state), _kubefed_condition(finalizer))
    elif catalogue.is_own_finalizer(subject.id.key, finalizer):
        managed = subject.id.cluster in manager_version.running_clusters(state)
        runs = is_released(state, subject, finalizer, managed)
        who = releaser_name(subject, finalizer)
        release = "its controller runs, or a playbook takes it off once that is stopped"
        by_hand = not runs and who != ks_controller_manager.ACTOR
        yield Blocker(title, what, who, runs, release, _patch_command(state, subject, finalizer) if by_hand else "")
    else:
        own = finalizer.removeprefix(SPEC)
        what = f"spec.finalizers {own}" if finalizer.startswith(SPEC) else what
        release = "its controller, not one of KubeSphere's, removes it; by hand only if that is gone for good"
        yield Blocker(title, what, f"the owner of {own}", False, release, _patch_command(state, subject, finalizer))


def _blocking_dependents(state: State, subject: SimObject, finalizer: str) -> list[SimObject]:
    """The dependents an orphaning waits for: all; or a foreground deletion: those with blockOwnerDeletion."""
    dependents = state.dependents.get((subject.id.cluster, subject.uid), [])
    if finalizer == ORPHAN:
        return dependents
    return [d for d in dependents if any(tie.uid == subject.uid and tie.blocks for tie in d.owners)]


def _namespace_blockers(state: State, namespace: SimObject, depth: int) -> Iterable[Blocker]:
    contents = state.by_namespace.get((namespace.id.cluster, namespace.id.name), [])
    contents = sorted(contents, key=lambda inner: not inner.deleting)  # those with blockers first, also in what follows
    release = _condition(contents, "everything inside is gone")
    title = namespace.id.title
    yield Blocker(title, "spec.finalizers kubernetes", namespace_controller.ACTOR, True, release)
    for group in namespace_controller.unanswered_groups(state, namespace.id.cluster):
        release = "its backend answers, or its APIService is removed if nobody needs it"
        command = _kubectl(state, namespace, f"get apiservice {_apiservice_name(group)}")
        yield Blocker(title, f"{group} does not answer", "its APIService", False, release, command)
    yield from _inner_blockers(state, contents, depth)


def _inner_blockers(state: State, objects: Iterable[SimObject], depth: int) -> Iterable[Blocker]:
    """The blockers of the first SHOWN objects: finalizers, or an API server refusing their deletion."""
    for inner in list(objects)[:SHOWN] if depth > 1 else ():
        if inner.deleting:
            yield from blockers_of(state, inner, depth - 1)
        elif refused := reason_refused(state, inner):
            yield _refusal_blocker(inner, refused)


def _conversion_blockers(state: State, crd: SimObject) -> Iterable[Blocker]:
    """A conversion webhook without a backend: objects of the type cannot even be listed."""
    service = conversion_service(crd.obj)
    if service and is_dead(state.cluster_facts(crd.id.cluster), service):
        what = f"spec.conversion calls {'/'.join(service)}, which has no endpoints"
        release = "the conversion's backend answers; by hand only if that is gone for good"
        patch = f"patch {crd.kind.resource}/{crd.id.name} --type=merge -p '{PATCH_TO_STOP_CONVERSION}'"
        yield Blocker(crd.id.title, what, SERVER, False, release, _kubectl(state, crd, patch))


def _refusal_blocker(subject: SimObject, refused: str) -> Blocker:
    by_seatbelt = "seatbelt" in refused
    if subject.id.namespace and "does not exist" in refused:
        return Blocker(subject.id.title, refused, SERVER, True, f"kubectl create namespace {subject.id.namespace}")
    release = (
        "ks-reset protect off" if by_seatbelt else "the webhook's backend answers, or its configuration is removed"
    )
    return Blocker(subject.id.title, refused, SERVER, True, "it is never deleted" if "never" in refused else release)


def _condition(objects: list[SimObject], text: str) -> str:
    """A condition for the release, with the number and the first titles of the objects still to go."""
    if not objects:
        return f"{text}; none is left"
    titles = ", ".join(remaining.id.title for remaining in objects[:SHOWN])
    return f"{text}; {len(objects)} left: {titles}{' …' if len(objects) > SHOWN else ''}"


def _kubefed_condition(finalizer: str) -> str:
    if finalizer == KUBEFED_SYNC_FINALIZER:
        return (
            "kubefed runs, and deletes its targets in every cluster first; or a playbook takes it off, kubefed stopped"
        )
    return "kubefed runs, or a playbook takes it off once that is stopped"


def _patch_command(state: State, subject: SimObject, finalizer: str) -> str:
    return finalizer_patch(state.cluster_facts(subject.id.cluster), subject.obj, finalizer)


def _apiservice_name(gap: str) -> str:
    group, _, version = gap.removeprefix(GROUP_GAP).rpartition("/")
    return f"{version}.{group}"


def _kubectl(state: State, subject: SimObject, arguments: str) -> str:
    namespace = f" -n {subject.id.namespace}" if subject.id.namespace else ""
    return f"kubectl --context {_context(state, subject)}{namespace} {arguments}"


def _context(state: State, subject: SimObject) -> str:
    return state.cluster_facts(subject.id.cluster).context
