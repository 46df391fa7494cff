"""What stays by the operator's choice is not deleted, and does not go with an owner."""

from typing import Any

import pytest

from ks_reset.model import Request
from tests.guards.test_guards import CRD, WORKSPACE, owned, refusal

RECEIVER = {"apiVersion": "notification.kubesphere.io/v2beta2", "kind": "Receiver", "metadata": {"name": "mine"}}
RECEIVERS = CRD | {
    "metadata": {"name": "receivers.notification.kubesphere.io"},
    "spec": {"group": "notification.kubesphere.io"},
}
HOME: dict[str, object] = {"kind": "Namespace", "metadata": {"name": "kubesphere-monitoring-system"}}
KEEPING = Request(kept_operators=("notification-manager-operator",))


@pytest.mark.parametrize("row", [RECEIVER, RECEIVERS, HOME])
def test_nothing_of_an_operator_that_stays_is_deleted(row: dict[str, object]) -> None:
    assert refusal(row, []) == ""
    said = refusal(row, [], request=KEEPING)
    assert "notification-manager-operator stays with its namespace, types and objects" in said
    assert "without --keep-operator notification-manager-operator" in said


@pytest.mark.parametrize(
    ("row", "request_"),
    [
        (RECEIVER, KEEPING),
        (RECEIVER, Request(kept_types=("receivers.notification.kubesphere.io",))),
        (HOME, KEEPING),
        ({"kind": "Secret", "metadata": {"name": "s", "namespace": "kubesphere-monitoring-system"}}, KEEPING),
    ],
)
def test_an_owner_of_what_stays_by_choice_is_not_deleted(row: dict[str, Any], request_: Request) -> None:
    assert refusal(WORKSPACE, [owned(row)]) == ""
    said = refusal(WORKSPACE, [owned(row)], request=request_)
    assert "1 object(s) that stay name it as owner" in said
    assert refusal(WORKSPACE, [row], request=request_) == ""
