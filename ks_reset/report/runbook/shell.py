"""Words of a shell command. A name of an object is data: no name may become a command, a flag or a second line."""

import shlex

from msgspec import Struct

from ks_reset.model import Action, Kind

BUILT_IN = {
    *("", "apps", "autoscaling", "batch", "extensions", "policy"),
    *("admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "certificates.k8s.io"),
    *("coordination.k8s.io", "discovery.k8s.io", "events.k8s.io", "flowcontrol.apiserver.k8s.io"),
    *("networking.k8s.io", "node.k8s.io", "rbac.authorization.k8s.io", "resource.k8s.io", "scheduling.k8s.io"),
    "storage.k8s.io",
}
"""API groups with Go types in the API server. Only these take a strategic merge patch; a custom resource answers 415
(kubernetes v1.24.17, staging/src/k8s.io: apiextensions-apiserver/pkg/apiserver/customresource_handler.go, ServeHTTP,
supportedTypes; apiserver/pkg/endpoints/handlers/patch.go, PatchResource; groups: pkg/apis)."""


class Site(Struct, frozen=True):
    """A cluster as commands need it.

    `webhook`: its seatbelt admits the deletion of a type only with a label (below Kubernetes 1.30), `by_marks`: also
    that of a namespace (below 1.22).
    """

    context: str
    webhook: bool = False
    by_marks: bool = False

    def kubectl(self, namespace: str = "") -> str:
        """`kubectl --context NAME [-n NAMESPACE]`."""
        inside = f" -n {quote_word(namespace)}" if namespace else ""
        return f"kubectl --context {quote_word(self.context)}{inside}"


def quote_word(text: str) -> str:
    """The text as one word of bash, on one line: RBAC takes any name without `/` and `%`, also one with a line break.

    kubernetes v1.24.17, staging/src/k8s.io/apimachinery/pkg/api/validation/path/name.go, IsValidPathSegmentName.
    """
    if text.isprintable():
        return shlex.quote(text)
    escaped = "".join(c if c.isprintable() and c not in "\\'" else _escaped(c) for c in text)
    return f"$'{escaped}'"


def _escaped(character: str) -> str:
    return f"\\{character}" if character in "\\'" else f"\\U{ord(character):08x}"


def as_comment(text: str) -> str:
    """A comment of one line, whatever the text holds."""
    return "# " + "".join(c if c.isprintable() else " " for c in text)


def resource_word(kind: Kind, name: str) -> str:
    """`plural.group/name`, quoted."""
    return quote_word(f"{kind.resource}/{name}")


def request_path(action: Action) -> str:
    """The URL path of the object of an action, quoted for a URL and for the shell."""
    return quote_word(action.kind.path(action.namespace, action.name))
