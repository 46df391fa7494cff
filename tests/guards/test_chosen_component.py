"""The guard of --only and --keep: the object as it is now must be of a component that was chosen to go."""

from typing import Any

import pytest

from ks_reset.model import Request
from tests.guards.test_guards import refusal

HOME = {"kind": "Namespace", "metadata": {"name": "kubesphere-logging-system"}}


def deployment(name: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "kubesphere-logging-system", "uid": name}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"replicas": 1}}


EVENTS, LOGGING = deployment("ks-events-operator"), deployment("fluentbit-operator")


@pytest.mark.parametrize(
    ("row", "request_", "said"),
    [
        (EVENTS, Request(only=("events",)), ""),
        (LOGGING, Request(only=("events",)), "it is of logging now, which was not chosen to go"),
        (HOME, Request(only=("events",)), "it is of logging now, which was not chosen to go"),
        (LOGGING, Request(kept_components=("logging",)), "it is of logging now, which was not chosen to go"),
    ],
)
def test_only_a_chosen_component_is_deleted(row: dict[str, Any], request_: Request, said: str) -> None:
    told = refusal(row, [HOME, EVENTS, LOGGING], request=request_)
    assert said in told if said else "chosen" not in told
