"""Proofs that an object inside one of KubeSphere's own namespaces is KubeSphere's, each from the object alone.

A namespace takes everything inside along, so each object needs a proof; one without is of unknown origin. `PROOFS` are
tried in order, that by the inventories last. Names and labels together are a proof
only in these namespaces. The fields of metadata.managedFields prove nothing: they name client programs, and the
installer and operators both use kubectl and helm.

helm's annotations count here with a release of the catalogue: helm refuses to install over an object without them
(helm v3.19.5, pkg/action/validate.go, checkOwnership), and the installer writes them onto objects of delivered names
alone (ks-installer v3.3.1, roles/ks-core/ks-core/tasks/main.yaml).
"""

from collections.abc import Callable
from functools import cache

from ks_reset.catalogue.bindings import role_binding_proof
from ks_reset.catalogue.controllers import LEADER_ELECTIONS, STRAY_KEYS, delivered_program
from ks_reset.catalogue.delivered import delivered_inside_proof
from ks_reset.catalogue.entries import ContentEntry
from ks_reset.catalogue.loader import load_catalogue
from ks_reset.catalogue.marks import is_own_group
from ks_reset.catalogue.names import (
    HELM_RELEASE_NAME_ANNOTATION,
    HELM_RELEASE_NAMESPACE_ANNOTATION,
    KUBEFED_CONTROLLER_MANAGER,
    KUBEFED_HOST_NAME,
    KUBEFED_NAMESPACE,
    KUBESPHERE_NAMESPACE,
    SECRET_KEY,
    SERVICE_ACCOUNT_KEY,
    USERNAME_LABEL,
)
from ks_reset.catalogue.rbac import role_proof
from ks_reset.catalogue.workloads import is_system_workload
from ks_reset.model import Obj

Proof = Callable[[Obj], str | None]
ROLE_REF_LABELS = ("iam.kubesphere.io/role-ref", "kubesphere.io/managed")
ROLES_OF_V4 = {
    *("admin", "operator", "viewer"),
    *("kubesphere:iam:admin", "kubesphere:iam:operator", "kubesphere:iam:viewer"),
}
"""kubesphere v4.1.3, pkg/controller/namespace/namespace_controller.go, and the roles written for them."""


def content_proof(obj: Obj) -> str | None:
    """The proof that an object in one of KubeSphere's own namespaces is KubeSphere's, as a phrase; None without."""
    return next((proof for prove in PROOFS if (proof := prove(obj))), None)


def shared_content_proof(obj: Obj) -> str | None:
    """The proof for what KubeSphere and its components write at run time into a namespace shared with others.

    It counts beside a proven component: its roles for members, and the entries of contents.yaml.
    """
    return _rights_proof(obj) or _entry_proof(obj)


def _group_proof(obj: Obj) -> str | None:
    return f"its API group {obj.kind.group} is KubeSphere's" if is_own_group(obj.kind.group) else None


def _workload_proof(obj: Obj) -> str | None:
    delivered = is_system_workload(obj.kind.key, obj.namespace, obj.name)
    return "a workload of this name is in the catalogue" if delivered else None


def _program_proof(obj: Obj) -> str | None:
    """The ReplicaSet or the Pod of a controller, after its Deployment is gone."""
    program = delivered_program(obj) if obj.kind.key in STRAY_KEYS else ""
    return f"it runs KubeSphere's {program}" if program else None


def _entry_proof(obj: Obj) -> str | None:
    return next((proof for entry in _entries_of(obj) if (proof := _proof_by(entry, obj))), None)


def _proof_by(entry: ContentEntry, obj: Obj) -> str | None:
    """The proof by one entry of this name; one that must be `used` is judged beside the workloads."""
    if entry.labels and entry.labels.items() <= obj.labels.items():
        return "its exact name and its labels are in the catalogue"
    data = {**(obj.body.get("data") or {}), **(obj.body.get("binaryData") or {})}
    if entry.keys and data.keys() <= set(entry.keys):
        return "its exact name and the keys of its data are in the catalogue"
    if not entry.alone or _is_of_other_release(obj):
        return None
    return f"its exact name is in the catalogue: {entry.alone}"


def _is_of_other_release(obj: Obj) -> bool:
    """Whether helm's annotations name a release outside the catalogue: a user's object of the same name."""
    release = _annotated_release(obj)
    return bool(release[1]) and release not in _releases()


def _annotated_release(obj: Obj) -> tuple[str, str]:
    """Namespace and name of the release in helm's annotations, "" for none."""
    found = obj.annotations
    return found.get(HELM_RELEASE_NAMESPACE_ANNOTATION, ""), found.get(HELM_RELEASE_NAME_ANNOTATION, "")


def is_proven_by_use(obj: Obj) -> bool:
    """Whether the object is KubeSphere's if a workload of KubeSphere's in its namespace names it."""
    return any(entry.used for entry in _entries_of(obj))


def _release_proof(obj: Obj) -> str | None:
    """The object is of a release, or its record (helm v3.19.5, pkg/storage/driver/secrets.go, newSecretsObject)."""
    name, release = obj.labels.get("name", ""), _annotated_release(obj)
    if obj.kind.key == SECRET_KEY and obj.labels.get("owner") == "helm":
        release = (obj.namespace, name) if obj.name.startswith(f"sh.helm.release.v1.{name}.v") else ("", "")
    return f"it is of the helm release {release[1]}" if release in _releases() else None


def _rights_proof(obj: Obj) -> str | None:
    if obj.kind.kind == "Role" and obj.name in ROLES_OF_V4 and any(label in obj.labels for label in ROLE_REF_LABELS):
        return "KubeSphere 4 writes a role of this name and label"
    return role_proof(obj) or role_binding_proof(obj)


def _user_proof(obj: Obj) -> str | None:
    """kubesphere v3.3.1, pkg/models/kubeconfig: a ConfigMap with a label; v4.1.3: a Secret with a label."""
    user = obj.name.removeprefix("kubeconfig-")
    made = obj.labels.get(USERNAME_LABEL) == user or obj.labels.get("config.kubesphere.io/type") == "kubeconfig"
    named = obj.name.startswith("kubeconfig-") and obj.kind.kind in ("ConfigMap", "Secret")
    return f"KubeSphere wrote the kubeconfig of its user {user}" if named and made else None


def _lock_proof(obj: Obj) -> str | None:
    for controller, election in LEADER_ELECTIONS.items():
        home = KUBEFED_NAMESPACE if controller == KUBEFED_CONTROLLER_MANAGER else KUBESPHERE_NAMESPACE
        if (obj.name, obj.namespace) == (election.name, home) and obj.kind in election.kinds:
            return f"it is the leader-election lock of {controller}"
    return None


def _join_proof(obj: Obj) -> str | None:
    """KubeSphere's constant name of the host ends the name (kubesphere v3.3.1, pkg/controller/cluster/join.go)."""
    of_join = obj.kind.key == SERVICE_ACCOUNT_KEY and obj.namespace == KUBEFED_NAMESPACE
    return "the account of a join" if of_join and obj.name.endswith(f"-{KUBEFED_HOST_NAME}") else None


def _entries_of(obj: Obj) -> list[ContentEntry]:
    return _entries().get((obj.kind.key, obj.namespace, obj.name), [])


@cache
def _entries() -> dict[tuple[str, str, str], list[ContentEntry]]:
    """Of all versions: an object of an earlier one may be left after an upgrade."""
    entries: dict[tuple[str, str, str], list[ContentEntry]] = {}
    for entry in load_catalogue().contents:
        entries.setdefault((entry.kind, entry.namespace, entry.name), []).append(entry)
    return entries


@cache
def _releases() -> frozenset[tuple[str, str]]:
    return frozenset((entry.namespace, entry.name) for entry in load_catalogue().releases)


PROOFS: tuple[Proof, ...] = (
    _group_proof,
    _workload_proof,
    _program_proof,
    _entry_proof,
    _release_proof,
    _rights_proof,
    _user_proof,
    _lock_proof,
    _join_proof,
    delivered_inside_proof,
)
