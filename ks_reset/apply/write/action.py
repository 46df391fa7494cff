"""One action: read the object, ask every guard, write the before-image, send one request, and say what to wait for.

Reading, guarding and sending are repeated together after a temporary failure, since nobody knows whether a request
that got no answer was done.
"""

from collections.abc import Callable

from msgspec import structs

from ks_reset import seatbelt
from ks_reset.apply.write.json_patch import mark, scale, strip
from ks_reset.cluster import Client, patiently
from ks_reset.cluster.transport import NotFound
from ks_reset.credentials.redact import redact
from ks_reset.errors import Conflict
from ks_reset.guards import GUARDS, GuardContext
from ks_reset.journal import Journal
from ks_reset.model import Action, Body, Obj, Verb
from ks_reset.simulation import State, holds
from ks_reset.simulation.objects import thing

ALREADY = "already so"
SENT = "sent"
CRD = "CustomResourceDefinition"
PATCHES = (Verb.STRIP, Verb.SCALE, Verb.MARK)


def act(
    cluster: Client, action: Action, look: Callable[[Action], GuardContext], journal: Journal, patience: float
) -> str:
    """Do one writing action. `look` reads what guards rest on. Returns SENT, or ALREADY if there was nothing to send.

    A CREATE sends `action.body` as it is: whoever calls has filled in what is in a vault.

    Raises Refused or Stale from a guard, Retry after `patience` seconds of temporary failures, ResetError otherwise.
    """
    return patiently(lambda: _once(cluster, action, look, journal), patience)


def _once(cluster: Client, action: Action, look: Callable[[Action], GuardContext], journal: Journal) -> str:
    body = cluster.get(action.kind, action.name, action.namespace)
    if (body is None) != (action.verb is Verb.CREATE):
        return ALREADY
    now = Obj(action.kind, body or action.body or {})
    ops = _ops(action, now)
    if (action.verb is Verb.DELETE and now.deleting) or (action.verb in PATCHES and not ops):
        return ALREADY
    site = look(action)
    for guard in GUARDS:
        guard(action, now, site)
    journal.begin(_recorded(action), redact(body) if body else {})
    try:
        _send(cluster, action, now, ops, labelled=site.belted is True and seatbelt.by_label(site.world))
    except NotFound as error:  # it went in between: look again
        raise Conflict(str(error)) from error
    return SENT


def _recorded(action: Action) -> Action:
    """The action as the plan has it: what was filled in to be sent is not written down."""
    return structs.replace(action, body=redact(action.body)) if action.sealed and action.body else action


def _send(cluster: Client, action: Action, now: Obj, ops: list[Body], *, labelled: bool) -> None:
    if action.verb is Verb.CREATE:
        cluster.create(action.kind, now.body)
        return
    if action.verb is not Verb.DELETE:
        cluster.json_patch(action.kind, action.name, action.namespace, ops)
        return
    if labelled and action.kind.kind == CRD:
        cluster.merge_patch(action.kind, action.name, "", seatbelt.removable(now))
    cluster.delete(action.kind, action.name, action.namespace, now.uid)


def _ops(action: Action, now: Obj) -> list[Body]:
    if action.verb is Verb.STRIP:
        return strip(now, action.marks)
    if action.verb is Verb.MARK:
        return mark(now, action.gift)
    if action.verb is Verb.SCALE:
        return scale(now, action.replicas)
    return []


def settled(cluster: Client, action: Action) -> bool:
    """Whether the action's effect reads back: that UID is gone, the marks are off or on, the replicas are as asked.

    What was made is there; a type only once it is served.
    """
    body = cluster.get(action.kind, action.name, action.namespace)
    if body is None:
        return action.verb is not Verb.CREATE
    now = Obj(action.kind, body)
    if action.verb is Verb.CREATE:
        return action.kind.kind != CRD or any(_is_true(c, "Established") for c in _conditions(body))
    if action.verb is Verb.DELETE:
        return bool(action.uid) and now.uid != action.uid
    return not _ops(action, now)


def pending(cluster: Client, action: Action, state: State) -> str:
    """What an object that does not go is waiting for: who holds it, and the API server's own words.

    `state` is what was last read of everything else.
    """
    body = cluster.get(action.kind, action.name, action.namespace)
    if body is None:
        return "it is gone by now"
    now = Obj(action.kind, body)
    each = thing(action.cluster, now)
    said = [f"{hold.what}: {hold.who} takes it off" for hold in holds(state.put([(each.id, each)]), each)]
    said += [
        f"{c['type']}: {c['message']}"
        for c in _conditions(body)
        if c.get("status") == "True" and c.get("message") and c["type"] not in ("NamesAccepted", "Established")
    ]
    return "; ".join(said) or "no finalizer and no condition says why"


def _conditions(body: Body) -> list[Body]:
    return (body.get("status") or {}).get("conditions") or []


def _is_true(condition: Body, what: str) -> bool:
    return condition.get("type") == what and condition.get("status") == "True"
