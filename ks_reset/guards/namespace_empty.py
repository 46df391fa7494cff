"""A namespace to be deleted must hold no objects of users or of unknown origin: all of them go with it.

So does the removal of its last finalizers, where its spec.finalizers were wiped: whatever is inside stays behind in
etcd, out of reach.
"""

from ks_reset.catalogue.extensions import own_namespace_entry
from ks_reset.catalogue.names import NAMESPACE_KEY
from ks_reset.catalogue.namespaces import shared_namespace
from ks_reset.catalogue.ownership import is_canary
from ks_reset.errors import Refused
from ks_reset.facts.contents import unaccounted_objects_in
from ks_reset.facts.given_up import flags_that_give_up
from ks_reset.facts.inhabitants import users_object_keys, users_objects_in_system_namespaces
from ks_reset.facts.shared_namespaces import SharedNamespaces
from ks_reset.guards.context import GuardContext
from ks_reset.guards.endings import attempt_text, ends_object
from ks_reset.model import Action, Obj


def guard(action: Action, now: Obj, site: GuardContext) -> None:
    """Raises Refused for a namespace with objects of others, or a canary with any object but its own."""
    if action.kind.key != NAMESPACE_KEY or not ends_object(action, now):
        return
    found = users_objects_in_system_namespaces(site.world, site.request.data, site.request.discard)
    users_objects = [o for o in found if o.namespace == now.name]
    if is_canary(now):
        inside = [o for key in users_object_keys(site.world) for o in site.world.of(key) if o.namespace == now.name]
        users_objects = [o for o in inside if not o.owners and not is_canary(o)]
    if users_objects:
        names = ", ".join(o.title for o in users_objects[:3])
        raise Refused(
            f"Refused to {attempt_text(action)}: {len(users_objects)} object(s) of users are in it now ({names}). "
            "Nothing was sent. Move them to another namespace, and apply the plan again. To give them up, claims with "
            f"their data: {site.new_plan(flags_that_give_up(users_objects))}."
        )
    _require_accounted(action, now, site)


def _require_accounted(action: Action, now: Obj, site: GuardContext) -> None:
    if shared_namespace(now.name):
        unknown = SharedNamespaces(site.world, site.request).unknown.get(now.name, [])
    else:
        own = [now.name] if own_namespace_entry(now) else []
        unknown = unaccounted_objects_in(site.world, own, site.request, site.joins)
    if unknown:
        names = ", ".join(o.title for o in unknown[:3])
        raise Refused(
            f"Refused to {attempt_text(action)}: {len(unknown)} object(s) in it are of unknown origin ({names}). "
            "Nothing was sent. Keep a copy (ks-reset doctor shows the command), then make a new plan: "
            f"{site.new_plan(flags_that_give_up(unknown))}."
        )
