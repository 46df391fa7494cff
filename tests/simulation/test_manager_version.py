"""What a ks-controller-manager of each version may do, by the tag of its image and the types it is served."""

from typing import Any

import pytest

from ks_reset.simulation import State
from ks_reset.simulation.actors.manager_version import (
    may_cascade,
    may_federate,
    may_set_owner,
    may_spread,
    only_adds_owner,
)
from tests.build import facts
from tests.shorthand import expand_object

DUTIES = {
    "federate": may_federate,
    "spread": may_spread,
    "cascade": may_cascade,
    "set owner": may_set_owner,
    "only add": only_adds_owner,
}


def duties(image: str, *types: str) -> set[str]:
    """The names of what a running manager with this image may do; none runs without an image."""
    manager: Any = {"Deployment kubesphere-system/ks-controller-manager": {"replicas": 1, "image": image}}
    known = facts([expand_object(row) for row in (*([manager] if image else []), *types)])
    state = State.of(known)
    return {name for name, may in DUTIES.items() if may(state, known.host.identity)}


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        (":v3.3.1", {"federate", "set owner"}),
        (":v4.1.1", {"spread", "set owner", "only add"}),
        (":v4.1.2", {"spread", "set owner", "only add"}),
        (":4.1.2-amd64", {"spread", "set owner", "only add"}),
        (":v4.1.3", {"spread", "cascade"}),
        (":v4.2.0", {"spread", "cascade"}),
        (":latest", {"federate", "spread", "cascade", "set owner"}),
        ("@sha256:0123", {"federate", "spread", "cascade", "set owner"}),
    ],
)
def test_a_version_does_what_it_is_known_for_and_an_unknown_one_what_any_may(tag: str, expected: set[str]) -> None:
    image = f"kubesphere/ks-controller-manager{tag}"
    types = ("WorkspaceTemplate.v1beta1.tenant.kubesphere.io", "FederatedWorkspace")
    assert duties(image, *types) == expected


def test_an_unknown_version_can_do_nothing_without_its_types() -> None:
    image = "kubesphere/ks-controller-manager:latest"
    assert duties(image) == {"cascade", "set owner"}
    assert duties(image, "WorkspaceTemplate.v1alpha2.tenant.kubesphere.io") == {"cascade", "set owner"}


def test_where_none_runs_nothing_is_done() -> None:
    assert duties("", "WorkspaceTemplate.v1beta1.tenant.kubesphere.io", "FederatedWorkspace") == set()
