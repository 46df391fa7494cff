"""A permission of RBAC, as preflight asks for it and as a role grants it."""

from msgspec import Struct

from ks_reset.model.objects import Kind


class Permission(Struct, frozen=True, order=True):
    """A verb on a type: in one namespace or, with "", in all; on the object of this name or, with "", on all.

    A plural such as `namespaces/finalize` names a subresource.
    """

    verb: str
    kind: Kind
    namespace: str = ""
    name: str = ""
