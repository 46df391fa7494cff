"""Before the first write: the permission for each remaining action, and for the run lock."""

from typing import Any

import pytest

from ks_reset.apply.preflight import require_permissions
from ks_reset.errors import Refused
from ks_reset.model import (
    VERBS,
    AddMarks,
    Create,
    Delete,
    InstallChart,
    Kind,
    RemoveMarks,
    Scale,
    SeatbeltOff,
    SeatbeltOn,
    StopConversion,
    Target,
)
from tests.build import action

DEPLOYMENT = Kind("apps", "v1", "Deployment", "deployments", True)
ASKED: dict[type[Target], str] = {
    Scale: "patch",
    RemoveMarks: "patch",
    AddMarks: "patch",
    Delete: "delete",
    Create: "create",
    InstallChart: "create",
    SeatbeltOn: "create",
    SeatbeltOff: "delete",
    StopConversion: "patch",
}


class Clients:
    """The clients of a fleet and each of them in one; `denied` are the pairs of verb and resource."""

    context = "host"

    def __init__(self, *denied: tuple[str, str]) -> None:
        self.denied, self.asked = denied, set[tuple[str, str]]()

    def cluster(self, _: str) -> "Clients":
        return self

    def is_allowed(self, verb: str, kind: Kind) -> bool:
        self.asked.add((verb, kind.resource))
        return (verb, kind.resource) not in self.denied


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_asks_for_its_own_permission_and_for_the_run_lock(verb: type[Target]) -> None:
    clients: Any = Clients()
    require_permissions(clients, [action(verb, "uid-of-host", DEPLOYMENT, "web")])
    lock = {(each, "leases.coordination.k8s.io") for each in ("create", "update", "delete")}
    assert clients.asked == ({(ASKED[verb], "deployments.apps"), *lock} if verb in ASKED else set())


@pytest.mark.parametrize("denied", [("patch", "deployments.apps"), ("update", "leases.coordination.k8s.io")])
def test_a_missing_permission_is_refused_with_its_name(denied: tuple[str, str]) -> None:
    clients: Any = Clients(denied)
    with pytest.raises(Refused, match=f"lack the permission to {' '.join(denied)} on host"):
        require_permissions(clients, [action(Scale, "uid-of-host", DEPLOYMENT, "web")])
