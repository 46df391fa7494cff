"""What keeps an object from going: each finalizer with who takes it off, down to one object, webhook or API."""

from collections.abc import Iterable

from msgspec import Struct

from ks_reset import catalogue
from ks_reset.facts import webhooks
from ks_reset.world import collector, kubefed, kubesphere, namespaces, types, volumes
from ks_reset.world.server import CLEANUP, FOREGROUND, ORPHAN, refusal
from ks_reset.world.state import State, defines
from ks_reset.world.thing import WIPED, Thing

DEPTH = 4
SHOWN = 3


class Hold(Struct, frozen=True):
    """`what` holds `object`; `who` takes it off, if it runs; `release` is what lets go."""

    object: str
    what: str
    who: str
    runs: bool
    release: str


def holds(state: State, each: Thing, depth: int = DEPTH) -> list[Hold]:
    """Everything that a deletion of this object waits for, innermost last; [] if nothing does."""
    if depth == 0:
        return []
    found = [hold for finalizer in each.finalizers for hold in _hold(state, each, finalizer, depth)]
    if refused := refusal(state, each, "UPDATE"):
        found.append(Hold(each.id.title, refused, "the API server", True, "remove the webhook, or start its backend"))
    return found


def _hold(state: State, each: Thing, finalizer: str, depth: int) -> Iterable[Hold]:
    title, named = each.id.title, f"finalizer {finalizer}"
    if finalizer == WIPED:
        yield Hold(title, "spec.finalizers is empty", "nobody", False, "a second DELETE; what is inside stays in etcd")
    elif finalizer == namespaces.TOKEN:
        yield from _namespace(state, each, depth)
    elif finalizer == CLEANUP:
        inside = [o for o in state.by_key.get(defines(each.obj), ()) if o.id.cluster == each.id.cluster]
        yield Hold(title, named, types.ACTOR, True, _rest(inside, "the objects of this type"))
        yield from _inner(state, inside, depth)
        yield from _conversion(state, each)
    elif finalizer in (FOREGROUND, ORPHAN):
        tied = state.dependents.get((each.id.cluster, each.uid), [])
        yield Hold(title, named, collector.ACTOR, True, _rest(tied, "its dependents"))
        yield from _inner(state, tied, depth)
    elif finalizer in (volumes.CLAIM, volumes.VOLUME):
        yield Hold(title, named, volumes.ACTOR, True, "the Pods or the claim that use it are gone")
    elif finalizer.startswith(("kubefed.io/", "core.kubefed.io/")):
        yield Hold(title, named, kubefed.ACTOR, kubefed.runs(state), _of_kubefed(finalizer))
    elif catalogue.own_key(finalizer):
        runs = each.id.cluster in kubesphere.clusters(state)
        yield Hold(
            title, named, kubesphere.ACTOR, runs, "its controller runs, or a playbook takes it off once that is stopped"
        )
    else:
        yield Hold(title, named, f"whoever owns {finalizer}", False, "its controller, which is not KubeSphere's")


def _namespace(state: State, each: Thing, depth: int) -> Iterable[Hold]:
    inside = state.contents.get((each.id.cluster, each.id.name), [])
    waiting = [i for i in inside if i.deleting]
    yield Hold(each.id.title, "spec.finalizers kubernetes", namespaces.ACTOR, True, _rest(inside, "everything inside"))
    for group in namespaces.unanswered(state, each.id.cluster):
        yield Hold(
            each.id.title, f"{group} does not answer", "its APIService", False, "its backend answers, or it is removed"
        )
    yield from _inner(state, waiting, depth)


def _inner(state: State, inside: Iterable[Thing], depth: int) -> Iterable[Hold]:
    for each in list(inside)[:SHOWN]:
        if each.deleting:
            yield from holds(state, each, depth - 1)


def _conversion(state: State, crd: Thing) -> Iterable[Hold]:
    """A type that is converted by a webhook without a backend cannot even be listed."""
    conversion = crd.obj.spec.get("conversion") or {}
    service = ((conversion.get("webhook") or {}).get("clientConfig") or {}).get("service")
    if conversion.get("strategy") == "Webhook" and service:
        namespace, name = str(service.get("namespace")), str(service.get("name"))
        if not webhooks.has_endpoints(state.world(crd.id.cluster), namespace, name):
            what = f"spec.conversion calls {namespace}/{name}, which has no endpoints"
            yield Hold(crd.id.title, what, "the API server", False, "the conversion's backend answers")


def _rest(inside: list[Thing], what: str) -> str:
    if not inside:
        return f"{what} are gone: it is free to go"
    names = ", ".join(each.id.title for each in inside[:SHOWN])
    return f"{what} are gone; {len(inside)} left: {names}{' …' if len(inside) > SHOWN else ''}"


def _of_kubefed(finalizer: str) -> str:
    if finalizer == kubefed.SYNC:
        return (
            "a running kubefed, which deletes its targets in every cluster first; or a playbook, with kubefed stopped"
        )
    return "a running kubefed, or a playbook once that is stopped"
