"""The DeleteOptions with which kubefed deletes the targets of a federated object that is being deleted.

kubefed v0.8.1, pkg/controller/util/deletionannotation.go, GetDeleteOptions: the annotation holds them as JSON;
propagationPolicy, preconditions and the grace period are passed on, all else is not (a dryRun neither). Only the
deletion of a federated object heeds them, not the loss of a placement (pkg/controller/sync/controller.go:
ensureDeletion, syncToClusters). KubeSphere writes the policy Orphan to keep the namespaces of a Workspace (kubesphere
v3.3.1, pkg/controller/workspacetemplate/workspacetemplate_controller.go, deleteWorkspace).
"""

from typing import Any, NamedTuple

import msgspec

from ks_reset.catalogue.names import KUBEFED_DELETE_OPTIONS_ANNOTATION
from ks_reset.model import Obj
from ks_reset.simulation.objects import SimObject

POLICIES = ("Background", "Foreground", "Orphan")
ORPHANING = '{"propagationPolicy":"Orphan"}'
"""The value that KubeSphere writes."""


class DeleteOptions(NamedTuple):
    """`policy` is the propagationPolicy, `uid` the UID of the preconditions; "" for none.

    `unusable` says why no deletion is carried out at all; "" if it is.
    """

    policy: str = ""
    uid: str = ""
    unusable: str = ""

    def reason_refused(self, target: SimObject) -> str:
        """Why a DELETE of the target with these options is not carried out; "" if it is."""
        if self.uid and self.uid != target.uid:
            return f"{KUBEFED_DELETE_OPTIONS_ANNOTATION} asks for the UID {self.uid}"
        return self.unusable


NO_OPTIONS = DeleteOptions()


def delete_options_of(federated: Obj) -> DeleteOptions:
    """The options in the annotation of a federated object; none without it.

    kubefed cannot use JSON that does not fit, and deletes nothing then. The API server refuses an unknown policy
    (kubernetes v1.24.17, staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/validation/validation.go,
    ValidateDeleteOptions). A resourceVersion in the preconditions is taken to fit: it may in time.
    """
    value = federated.annotations.get(KUBEFED_DELETE_OPTIONS_ANNOTATION)
    if value is None:
        return NO_OPTIONS
    try:
        options = _fields(msgspec.json.decode(value))
        policy, preconditions = options.get("propagationpolicy"), _fields(options.get("preconditions"))
        return _usable_options(policy, preconditions.get("uid"))
    except (msgspec.DecodeError, TypeError):
        return DeleteOptions(unusable=f"kubefed cannot read its {KUBEFED_DELETE_OPTIONS_ANNOTATION}")


def _fields(value: Any) -> dict[str, Any]:
    """The fields of a JSON object in lower case, as Go's encoding/json matches them; null is an empty one."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise TypeError(value)
    return {key.lower(): field for key, field in value.items()}


def _usable_options(policy: Any, uid: Any) -> DeleteOptions:
    if not isinstance(policy, str | None) or not isinstance(uid, str | None):
        raise TypeError(policy)
    if policy is not None and policy not in POLICIES:
        return DeleteOptions(
            unusable=f"the API server refuses the policy {policy!r} of its {KUBEFED_DELETE_OPTIONS_ANNOTATION}"
        )
    return DeleteOptions(policy or "", uid or "")
