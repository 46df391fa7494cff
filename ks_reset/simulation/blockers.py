"""What keeps an object from going: each finalizer with who takes it off, down to one object, webhook or API."""

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from ks_reset import catalogue
from ks_reset.facts import webhooks
from ks_reset.simulation.actors import (
    crd_finalizer,
    garbage_collector,
    ks_controller_manager,
    kubefed,
    namespace_controller,
    volume_protection,
)
from ks_reset.simulation.api_server import CLEANUP, FOREGROUND, ORPHAN, refusal
from ks_reset.simulation.objects import SPEC, WIPED, SimObject
from ks_reset.simulation.state import State, defines

DEPTH = 4
SHOWN = 3
SERVER = "the API server"


class Blocker(Struct, frozen=True):
    """`what` holds `object`; `who` takes it off, if it runs; `release` is what lets go.

    `command` does that by hand where nobody else will, for somebody who has read `release`.
    """

    object: str
    what: str
    who: str
    runs: bool
    release: str
    command: str = ""


def holds(state: State, each: SimObject, depth: int = DEPTH) -> list[Blocker]:
    """Everything that a deletion of this object waits for, innermost last; [] if nothing does."""
    if depth == 0:
        return []
    found = [hold for finalizer in each.finalizers for hold in _hold(state, each, finalizer, depth)]
    if refused := refusal(state, each, "UPDATE"):
        found.append(_refused(each, refused))
    return found


def _hold(state: State, each: SimObject, finalizer: str, depth: int) -> Iterable[Blocker]:
    title, named = each.id.title, f"finalizer {finalizer}"
    if finalizer == WIPED:
        release = "kubernetes is put back, so that it is emptied; after a second DELETE what is inside stays in etcd"
        yield Blocker(title, "spec.finalizers is empty", "nobody", False, release, _unwipe(state, each))
    elif finalizer == namespace_controller.TOKEN:
        yield from _namespace(state, each, depth)
    elif finalizer == CLEANUP:
        inside = [o for o in state.by_key.get(defines(each.obj), ()) if o.id.cluster == each.id.cluster]
        yield Blocker(title, named, crd_finalizer.ACTOR, True, _rest(inside, "the objects of this type are gone"))
        yield from _inner(state, inside, depth)
        yield from _conversion(state, each)
    elif finalizer in (FOREGROUND, ORPHAN):
        tied = state.dependents.get((each.id.cluster, each.uid), [])
        tied = [t for t in tied if finalizer == ORPHAN or any(tie.uid == each.uid and tie.blocks for tie in t.owners)]
        yield Blocker(title, named, garbage_collector.ACTOR, True, _rest(tied, "its dependents are gone"))
        yield from _inner(state, tied, depth)
    elif finalizer in (volume_protection.CLAIM, volume_protection.VOLUME):
        yield Blocker(title, named, volume_protection.ACTOR, True, "the Pods or the claim that use it are gone")
    elif finalizer.startswith(("kubefed.io/", "core.kubefed.io/")):
        yield Blocker(title, named, kubefed.ACTOR, kubefed.runs(state), _of_kubefed(finalizer))
    elif catalogue.own_key(finalizer):
        runs = each.id.cluster in ks_controller_manager.clusters(state)
        yield Blocker(
            title,
            named,
            ks_controller_manager.ACTOR,
            runs,
            "its controller runs, or a playbook takes it off once that is stopped",
        )
    else:
        own = finalizer.removeprefix(SPEC)
        named = f"spec.finalizers {own}" if finalizer.startswith(SPEC) else named
        release = "its controller, which is not KubeSphere's; by hand only if that is gone for good"
        yield Blocker(title, named, f"whoever owns {own}", False, release, _untie(state, each, finalizer))


def _namespace(state: State, each: SimObject, depth: int) -> Iterable[Blocker]:
    inside = state.contents.get((each.id.cluster, each.id.name), [])
    inside = sorted(inside, key=lambda i: not i.deleting)  # those that hold it come first, here and in _inner
    yield Blocker(
        each.id.title,
        "spec.finalizers kubernetes",
        namespace_controller.ACTOR,
        True,
        _rest(inside, "everything inside is gone"),
    )
    for group in namespace_controller.unanswered(state, each.id.cluster):
        release = "its backend answers, or its APIService is removed if nobody needs it"
        command = _kubectl(state, each, f"get apiservice {_apiservice(group)}")
        yield Blocker(each.id.title, f"{group} does not answer", "its APIService", False, release, command)
    yield from _inner(state, inside, depth)


def _inner(state: State, inside: Iterable[SimObject], depth: int) -> Iterable[Blocker]:
    """What holds the first few of those that hold it: a finalizer, or an API server that refuses to delete them."""
    for each in list(inside)[:SHOWN] if depth > 1 else ():
        if each.deleting:
            yield from holds(state, each, depth - 1)
        elif refused := refusal(state, each):
            yield _refused(each, refused)


def _conversion(state: State, crd: SimObject) -> Iterable[Blocker]:
    """A type that is converted by a webhook without a backend cannot even be listed."""
    conversion = crd.obj.spec.get("conversion") or {}
    service = ((conversion.get("webhook") or {}).get("clientConfig") or {}).get("service")
    if conversion.get("strategy") == "Webhook" and service:
        namespace, name = str(service.get("namespace")), str(service.get("name"))
        if not webhooks.has_endpoints(state.world(crd.id.cluster), namespace, name):
            what = f"spec.conversion calls {namespace}/{name}, which has no endpoints"
            release = "the conversion's backend answers; by hand only if that is gone for good"
            none = {"spec": {"conversion": {"strategy": "None", "webhook": None}}}
            patch = f"patch {crd.kind.resource}/{crd.id.name} --type=merge -p '{_json(none)}'"
            yield Blocker(crd.id.title, what, SERVER, False, release, _kubectl(state, crd, patch))


def _refused(each: SimObject, refused: str) -> Blocker:
    belt = "seatbelt" in refused
    release = "ks-reset protect off" if belt else "the webhook's backend answers, or its configuration is removed"
    return Blocker(each.id.title, refused, SERVER, True, "it is never deleted" if "never" in refused else release)


def _rest(inside: list[SimObject], what: str) -> str:
    if not inside:
        return f"{what}: it is free to go"
    names = ", ".join(each.id.title for each in inside[:SHOWN])
    return f"{what}; {len(inside)} left: {names}{' …' if len(inside) > SHOWN else ''}"


def _of_kubefed(finalizer: str) -> str:
    if finalizer == kubefed.SYNC:
        return (
            "a running kubefed, which deletes its targets in every cluster first; or a playbook, with kubefed stopped"
        )
    return "a running kubefed, or a playbook once that is stopped"


def _untie(state: State, each: SimObject, finalizer: str) -> str:
    """The patch that takes off one finalizer, if it is still the one that was read."""
    if finalizer not in each.obj.finalizers:
        return ""
    path = f"/metadata/finalizers/{each.obj.finalizers.index(finalizer)}"
    ops = [{"op": "test", "path": path, "value": finalizer}, {"op": "remove", "path": path}]
    return _kubectl(state, each, f"patch {each.kind.resource}/{each.id.name} --type=json -p '{_json(ops)}'")


def _unwipe(state: State, each: SimObject) -> str:
    """The whole object, as read, with what the namespace controller asks for before it empties a namespace."""
    name, fill = each.id.name, '.spec.finalizers=["kubernetes"]'
    put = _kubectl(state, each, f"replace --raw /api/v1/namespaces/{name}/finalize -f -")
    return f"{_kubectl(state, each, f'get namespace {name} -o json')} | jq '{fill}' | {put}"


def _apiservice(gap: str) -> str:
    group, _, version = gap.removeprefix("API group ").rpartition("/")
    return f"{version}.{group}"


def _kubectl(state: State, each: SimObject, rest: str) -> str:
    where = f" -n {each.id.namespace}" if each.id.namespace else ""
    return f"kubectl --context {state.world(each.id.cluster).context}{where} {rest}"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
