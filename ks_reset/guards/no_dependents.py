"""No object of users, nor one that stays by choice, may name an object that goes as its owner.

Garbage collection would delete it too.

The garbage collector deletes a dependent once all its owners are absent: Kubernetes v1.24,
pkg/controller/garbagecollector/garbagecollector.go, attemptToDeleteItem. With a CRD, all objects of its type are owners
that go.
"""

from ks_reset.catalogue.ownership import is_users
from ks_reset.errors import Refused
from ks_reset.facts.kept import Kept
from ks_reset.facts.shared_namespaces import SharedNamespaces
from ks_reset.guards.context import GuardContext
from ks_reset.guards.endings import attempt_text, ended_objects, ends_object
from ks_reset.model import Action, Obj


def guard(action: Action, now: Obj, site: GuardContext) -> None:
    """Raises Refused if such an object names this one as owner and the plan does not delete it."""
    if not ends_object(action, now):
        return
    named = {o.uid: o for owner in ended_objects(now, site.world) for o in site.world.dependents_of(owner.uid)}
    kept = Kept(site.world, site.request)
    left = [o for o in named.values() if o.uid not in site.doomed]
    owned = [o for o in left if is_users(o, site.world) or kept.must_not_follow(o)]
    if owned:
        shared = SharedNamespaces(site.world, site.request)
        owned = [o for o in owned if not shared.goes(o)]
    if owned:
        owner = "it" if any(o.uid == now.uid for o in owned[0].owners) else "an object of its type"
        whose = "of users" if all(is_users(o, site.world) for o in owned) else "that stay"
        names = ", ".join(o.title for o in owned[:3])
        raise Refused(
            f"Refused to {attempt_text(action)}: {len(owned)} object(s) {whose} name {owner} as owner and garbage "
            f"collection would delete them ({names}). Nothing was sent. Make a new plan: {site.new_plan()}."
        )
