"""What an error of an API server means: a missing permission, a refusal by admission or validation, or a conflict."""

import re
from typing import Any

import msgspec

from ks_reset.cluster.answers import HIDDEN, printable_text
from ks_reset.errors import Conflict, Denied, Forbidden, Invalid, Refused, ResetError, Retry

MESSAGE = 2000
"""Characters of an API server's message that are kept."""
CONTENTS = re.compile(rf'"({"|".join(sorted(HIDDEN))})"')
TERMINATING = "NamespaceTerminating"
"""The cause of a refused creation (kubernetes v1.24.17 and v1.34.4, staging/src/k8s.io/apiserver/pkg/admission/plugin/
namespace/lifecycle/admission.go)."""
STARTING = "not yet ready to handle request"
"""The refusal of an API server that has started just now: WaitForReady of several admission plugins, such as the same
file and pkg/admission/plugin/resourcequota/admission.go in k8s.io/apiserver v0.24.17 and v0.34.4."""
MISSING = re.compile(r'User ".*?" cannot |attempting to grant RBAC permissions not currently held')
"""Refusals by authorization: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go,
forbiddenMessage, and pkg/registry/rbac/validation/rule.go, ConfirmNoEscalation (both v1.24.17 and v1.34.4)."""
QUOTA = re.compile(r"(exceeded|failed|status unknown for) quota: ")
"""pkg/admission/plugin/resourcequota/controller.go in k8s.io/apiserver v0.24.17 and v0.34.4."""
WEBHOOK = re.compile(r'admission webhook "[^"]*" denied the request')
"""pkg/admission/plugin/webhook/errors/statuserror.go in k8s.io/apiserver v0.24.17 and v0.34.4, ToStatusErr."""
POLICY = re.compile(r"ValidatingAdmissionPolicy '[^']*' .*denied request")
"""pkg/admission/plugin/policy/validating/dispatcher.go in k8s.io/apiserver v0.34.4."""


OTHER_UID = re.compile(r"metadata\.uid: Invalid")
"""A patch bound to a UID, of which the object of this name now is another one: the field is immutable."""
INVALID = re.compile(r'" is invalid: ')
"""An object that fails validation: staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go, NewInvalid (both)."""


def answered_message(data: bytes) -> str:
    """The message of a Status, or the beginning of another answer; printable."""
    message = answered_status(data).get("message")
    return printable_text(message, MESSAGE) if isinstance(message, str) else printable_text(decoded_text(data))


def answered_status(data: bytes) -> dict[str, Any]:
    """The answer as a JSON object; {} for anything else."""
    try:
        return msgspec.json.decode(data, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}


def decoded_text(data: bytes) -> str:
    """The beginning of an answer as text, up to a field that may hold credentials: half an object has them too."""
    return CONTENTS.split(data[:1000].decode(errors="replace"))[0]


def refusal(method: str, what: str, data: bytes) -> ResetError:
    """The error for 403, by the Status in the answer; `what` is the request and its answer.

    Everything is reported with reason Forbidden, so cause and message tell which part of the API server refused
    (kubernetes v1.24.17 and v1.34.4, staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go, NewForbidden).
    """
    status = answered_status(data)
    message = str(status.get("message") or "")
    if TERMINATING in _causes(status) or "because it is being terminated" in message:
        return Retry(f"{what}. The request is possible again after this namespace is gone.")
    if STARTING in message:
        return Retry(f"{what}. The API server has started just now; the request is possible in a moment.")
    if QUOTA.search(message):
        return Denied(f"{what}. No permission is missing: raise the quota, or make room in it.")
    if WEBHOOK.search(message):
        return Denied(f"{what}. No permission is missing: this webhook refuses the request. Ask its owner.")
    if POLICY.search(message):
        return Denied(f"{what}. No permission is missing: this policy refuses the request. Ask its owner.")
    if MISSING.search(message):
        return Forbidden(f"{what}. Ask for this permission, or use a context that has it.")
    if status.get("kind") != "Status":
        return Forbidden(f"{what}. This is no answer of an API server: see whether a proxy refuses the request.")
    if method == "GET":
        return Forbidden(f"{what}. Ask for this permission, or use a context that has it.")
    return Denied(f"{what}. It does not say that a permission is missing: an admission plugin refuses the request.")


def unprocessable(method: str, what: str, data: bytes) -> ResetError:
    """The error for 422; `what` is the request and its answer.

    Conflict for a JSON Patch with a failed `test`. It has the reason Invalid too, without causes and with a general
    message (kubernetes v1.24.17 and v1.34.4, staging/src/k8s.io/apiserver/pkg/endpoints/handlers/patch.go,
    applyJSPatch). Denied for a webhook or a policy: reason Invalid is what a ValidatingAdmissionPolicy has by default.
    """
    status = answered_status(data)
    message = str(status.get("message") or "")
    if WEBHOOK.search(message) or POLICY.search(message):
        return refusal(method, what, data)
    if method == "PATCH" and OTHER_UID.search(message):
        return Conflict(what)
    if _causes(status) or INVALID.search(message):
        return Invalid(f"{what}. The object does not pass the validation of its type.")
    return Conflict(what) if method == "PATCH" else not_taken(what)


def not_taken(what: str) -> Refused:
    """The error for a write that the API server does not take; `what` is the request and its answer."""
    return Refused(
        f"{what}. The API server does not take this request. Mend what its answer names, then run the same command "
        "again."
    )


def _causes(status: dict[str, Any]) -> set[str]:
    details = status.get("details")
    causes = details.get("causes") if isinstance(details, dict) else None
    found = causes if isinstance(causes, list) else []
    return {str(cause.get("reason")) for cause in found if isinstance(cause, dict)}
