"""KubeSphere's and kubefed's API groups, labels, annotations, finalizers and ownerReferences, by domain.

The part of a key before the slash is its domain; some finalizers have no slash (finalizers.tenant.kubesphere.io
of Workspaces: kubesphere v3.3.1, pkg/controller/workspace/workspace_controller.go). Three kinds of keys inside the
domains stay. First, keys read by software outside KubeSphere, marked `never` in the catalogue: OpenELB drops the
address of a Service without lb.kubesphere.io/v1alpha1. Second, labels of objects selected by label: a ReplicaSet
replaces a Pod it no longer matches, and labels of Nodes schedule Pods. Third, labels and annotations of objects that a
controller makes from a template: the next one has them again, and a change of the template restarts pods.
kubefed.io/managed is removed from these as well: no selector or template has it, and the next kubefed deletes an object
with it.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache, lru_cache

from ks_reset.catalogue.loader import load_catalogue
from ks_reset.catalogue.names import (
    CONTROLLER_REVISION_KEY,
    JOB_KEY,
    KUBEFED_DOMAIN,
    KUBEFED_MANAGED_LABEL,
    KUBESPHERE_DOMAIN,
    NODE_KEY,
    PERSISTENT_VOLUME_KEY,
    POD_KEY,
    REPLICA_SET_KEY,
    REPLICATION_CONTROLLER_KEY,
)
from ks_reset.model import Marks, Obj, group_of

DOMAINS = (KUBESPHERE_DOMAIN, KUBEFED_DOMAIN)

SELECTED = (
    POD_KEY,
    REPLICATION_CONTROLLER_KEY,
    REPLICA_SET_KEY,
    CONTROLLER_REVISION_KEY,
    NODE_KEY,
    PERSISTENT_VOLUME_KEY,
)
MADE = (POD_KEY, REPLICA_SET_KEY, REPLICATION_CONTROLLER_KEY, CONTROLLER_REVISION_KEY, JOB_KEY)
"""Types that controllers make from a template of the owner, with its labels and annotations.

kubernetes v1.24.17: pkg/controller/controller_utils.go, GetPodFromTemplate; pkg/controller/deployment/sync.go,
getNewReplicaSet, with the annotations of the Deployment too; pkg/controller/history/controller_history.go,
NewControllerRevision; pkg/controller/cronjob/utils.go, getJobFromTemplate2.
"""


@lru_cache(maxsize=4096)
def is_own_group(group: str) -> bool:
    """Whether an API group is one of the two domains or below one."""
    return any(group == domain or group.endswith(f".{domain}") for domain in DOMAINS)


@lru_cache(maxsize=4096)
def is_own_key(key: str) -> bool:
    """Whether a label, annotation or finalizer is in one of the two domains and may be removed."""
    return is_own_group(key.partition("/")[0]) and not is_never_removed(key)


@lru_cache(maxsize=4096)
def is_own_finalizer(key: str, finalizer: str) -> bool:
    """Whether KubeSphere or kubefed takes a finalizer off objects of this `Kind.key`.

    That is one in the two domains, or one that the catalogue lists for a type of theirs: uninstall-helm-release on
    Gateways (kubesphere v3.3.1, vendor/github.com/operator-framework/helm-operator-plugins/pkg/reconciler),
    resources-finalizer.argocd.argoproj.io on the Applications of gitops.kubesphere.io (ks-devops v3.3.1,
    controllers/argocd/application_controller.go).
    """
    return is_own_key(finalizer) or finalizer in _listed_finalizers().get(key, ())


@cache
def _listed_finalizers() -> dict[str, tuple[str, ...]]:
    """The finalizers in the catalogue's entry of each type of KubeSphere's and kubefed's, by `Kind.key`."""
    return {crd.key: crd.finalizers for crd in load_catalogue().crds if crd.ownership != "third-party"}


def is_never_removed(key: str) -> bool:
    """Whether a label or annotation stays on users' objects: selectors or programs of others read it."""
    return any(fnmatchcase(key, pattern) for pattern in _never_removed())


def removable_marks(obj: Obj) -> Marks:
    """The removable labels, annotations, finalizers and ownerReferences of KubeSphere and kubefed on an object."""
    is_made = is_made_from_template(obj)
    keeps_labels = is_made or obj.kind.key in SELECTED
    return Marks(
        labels={k: obj.labels[k] for k in _own_keys(obj.labels) if k == KUBEFED_MANAGED_LABEL or not keeps_labels},
        annotations={} if is_made else {k: obj.annotations[k] for k in _own_keys(obj.annotations)},
        finalizers=tuple(sorted(f for f in obj.finalizers if is_own_finalizer(obj.kind.key, f))),
        owners=tuple(r for r in obj.meta.get("ownerReferences") or [] if is_own_group(group_of(r["apiVersion"]))),
    )


def is_made_from_template(obj: Obj) -> bool:
    """Whether a controller makes such an object again, from a template of its owner; none that loses its owner here."""
    return obj.kind.key in MADE and any(not is_own_group(owner.group) for owner in obj.owners)


def marks_in_templates(obj: Obj) -> tuple[str, ...]:
    """The labels and annotations of KubeSphere and kubefed in the object's templates of pods and Jobs."""
    job = obj.spec.get("jobTemplate") or {}
    templates = (obj.spec.get("template"), job, (job.get("spec") or {}).get("template"))
    metadata = [template.get("metadata") or {} for template in templates if isinstance(template, dict)]
    keys = (key for meta in metadata for field in ("labels", "annotations") for key in meta.get(field) or ())
    return tuple(dict.fromkeys(_own_keys(keys)))


def _own_keys(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(key for key in keys if is_own_key(key)))


@cache
def _never_removed() -> tuple[str, ...]:
    return tuple(mark.key for mark in load_catalogue().marks if mark.remove == "never")
