"""No object is changed or deleted while the playbook's seatbelt is off."""

from ks_reset.errors import Refused
from ks_reset.guards.context import GuardContext
from ks_reset.model import Action, Obj, Scale


def guard(action: Action, _: Obj, site: GuardContext) -> None:
    """Raises Refused if the seatbelt is gone or changed; controllers may be scaled without it."""
    if site.seatbelt_on is False and not isinstance(action, Scale):
        raise Refused(
            f"Refused to {action.verb} {action.target}: the seatbelt of this cluster is off or was changed. "
            "Nothing was sent. Find out who took it off, then apply the plan again; it puts the seatbelt back on."
        )
