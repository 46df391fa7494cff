"""Nothing is changed or deleted while the seatbelt is off that the playbook has put on."""

from ks_reset.errors import Refused
from ks_reset.guards.context import GuardContext
from ks_reset.model import Action, Obj, Scale


def guard(action: Action, _: Obj, site: GuardContext) -> None:
    """Raises Refused if the seatbelt is gone or changed; starting and stopping controllers needs none."""
    if site.belted is False and not isinstance(action, Scale):
        raise Refused(
            f"Refused to {action.verb} {action.target}: the seatbelt of this cluster is off or was changed. "
            "Nothing was sent. Find who took it off, then apply the plan again, which puts it back on."
        )
