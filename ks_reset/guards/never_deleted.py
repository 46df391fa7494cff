"""Objects no plan may delete: users' namespaces, volumes, third-party CRDs, and types that stay by choice.

Also Kubernetes' own namespaces and roles; KubeSphere only writes its marks on them (ks-installer v3.3.1,
roles/common/tasks/init-namespaces.yaml).
"""

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    BOOTSTRAPPING_LABEL,
    CRD_KEY,
    NAMESPACE_KEY,
)
from ks_reset.catalogue.ownership import NEVER_DELETED, is_canary
from ks_reset.errors import Refused
from ks_reset.facts.kept import Kept
from ks_reset.facts.shared_components import SharedComponents
from ks_reset.guards.context import GuardContext
from ks_reset.guards.endings import attempt_text, ends_object, patch_command
from ks_reset.model import Action, ClusterFacts, Obj, RemoveMarks


def guard(action: Action, now: Obj, site: GuardContext) -> None:
    """Raises Refused for the deletion of such an object, and for the end of a deletion under way.

    A deleted namespace without contents may end: somebody else asked for that, and nothing in it can be lost.
    """
    if not ends_object(action, now) or not (reason := _reason_never_deleted(now, site)):
        return
    if not isinstance(action, RemoveMarks):
        raise Refused(
            f"Refused to delete {action.target}: {reason}. Nothing was sent. Make a new plan: {site.new_plan()}."
        )
    if now.kind.key != NAMESPACE_KEY or _has_contents(now, site.world):
        raise Refused(
            f"Refused to {attempt_text(action)}: {reason}, and what it holds would be lost. Nothing was sent. Find out "
            "who deleted it, and save what it holds. If it may go, take the finalizers off yourself: "
            f"{patch_command(action, now, site.world)}; then apply the plan again."
        )


def _has_contents(namespace: Obj, world: ClusterFacts) -> bool:
    return any(obj.namespace == namespace.name for obj in world.all())


def _is_own(namespace: Obj, world: ClusterFacts) -> bool:
    """KubeSphere's own namespace, or a shared one with a component of KubeSphere's in it now."""
    if catalogue.shared_namespace(namespace.name):
        return namespace.name in SharedComponents(world).homes
    return catalogue.own_namespace_entry(namespace) is not None


def _reason_never_deleted(obj: Obj, site: GuardContext) -> str:
    """Why the object is never deleted; "" if it may be."""
    kept = site.request.kept_types
    if obj.kind.key in NEVER_DELETED:
        return "ks-reset never deletes objects of this type"
    if obj.kind.key == NAMESPACE_KEY and not (_is_own(obj, site.world) or is_canary(obj)):
        return "it is neither one of KubeSphere's own namespaces nor a canary"
    if name := next(iter({obj.kind.resource, obj.name if obj.kind.key == CRD_KEY else ""} & {*kept}), ""):
        return f"the type {name} stays with its objects (--keep-type); a plan with --discard {name} lets it go"
    if name := Kept(site.world, site.request).operator_of(obj):
        return f"{name} stays with its namespace, types and objects; a plan without --keep-operator {name} decides anew"
    if obj.kind.key == CRD_KEY and not catalogue.is_own_group(obj.spec.get("group", "")):
        return f"its API group {obj.spec.get('group')} is not KubeSphere's"
    if obj.labels.get(BOOTSTRAPPING_LABEL) == "rbac-defaults":
        return "it is one of Kubernetes' own roles"
    return ""
