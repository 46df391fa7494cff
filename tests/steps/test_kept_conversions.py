"""A type stays and its conversion webhook goes: the command of the plan is typed, and the plan is made again."""

import pytest

from ks_reset.catalogue.names import CRD_KEY
from ks_reset.model import Options, Plan, Skipped
from ks_reset.plan.make import make_plan
from ks_reset.plan.playbook import load_playbook
from ks_reset.report.commands import split_message
from tests.build import asked, facts
from tests.findings.kubectl import carry_out
from tests.shorthand import expand_case

TYPE = "receivers.notification.kubesphere.io"
SERVICE = {"namespace": "kubesphere-monitoring-system", "name": "notification-manager-webhook"}
HOST = [
    "Namespace kubesphere-monitoring-system",
    "Receiver.v2beta2.notification.kubesphere.io mail",
    {
        f"CustomResourceDefinition {TYPE}": {
            "spec": {
                "group": "notification.kubesphere.io",
                "names": {"kind": "Receiver", "plural": "receivers"},
                "versions": [{"name": "v2beta2", "served": True, "storage": True}],
                "conversion": {"strategy": "Webhook", "webhook": {"clientConfig": {"service": SERVICE}}},
            }
        }
    },
]
OF_OTHERS = [
    "Namespace kubesphere-monitoring-system",
    {
        "CustomResourceDefinition widgets.example.com": {
            "spec": {
                "group": "example.com",
                "names": {"kind": "Widget", "plural": "widgets"},
                "versions": [{"name": "v1", "served": True, "storage": True}],
                "conversion": {"strategy": "Webhook", "webhook": {"clientConfig": {"service": SERVICE}}},
            }
        }
    },
]


def kept_of(plan: Plan, name: str) -> list[Skipped]:
    return [kept for kept in plan.kept if kept.object.endswith(f" {name}")]


@pytest.mark.parametrize(
    ("rows", "name", "options"),
    [
        (HOST, TYPE, asked(kept_types=[TYPE])),
        (OF_OTHERS, "widgets.example.com", Options()),
    ],
    ids=["kept by --keep-type", "of others"],
)
def test_the_patch_of_a_conversion_that_loses_its_service_is_typed_and_nothing_is_told_of_it_any_more(
    rows: list[object], name: str, options: Options
) -> None:
    before = facts(expand_case({"host": rows})["host"])
    uninstall = load_playbook("uninstall")
    (told,) = kept_of(make_plan(uninstall, before, options), name)
    commands = [part.text for part in split_message(told.why) if part.is_command]
    patch = next(command for command in commands if " patch " in command)
    after = carry_out(before, patch)
    crd = after.host.get(CRD_KEY, name)
    assert crd is not None
    assert crd.spec["conversion"] == {"strategy": "None"}
    assert not any(" patch " in kept.why for kept in kept_of(make_plan(uninstall, after, options), name))
