"""--only and --keep on a small KubeSphere with everything on: nothing of another component or of users is touched."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from ks_reset import facts as reading
from ks_reset.catalogue.components import component_named
from ks_reset.errors import Refused, Usage
from ks_reset.model import LOST, Delete, FleetFacts, Options, Plan, RemoveMarks, Request, Scale
from ks_reset.plan.playbook import load_playbook
from ks_reset.workflows.plan import checked_plan
from tests.build import facts
from tests.cli.test_usage import run
from tests.shorthand import expand_case

ROWS = msgspec.yaml.decode((Path(__file__).parent / "everything_on.yaml").read_bytes())
CHOICES = ["notification", "monitoring", "events", "auditing", "logging,events,auditing", "devops"]


def everything_on() -> FleetFacts:
    return facts(expand_case({"host": [row for rows in ROWS.values() for row in rows]})["host"])


def planned(world: FleetFacts, **choice: Any) -> Plan:
    return checked_plan(load_playbook("uninstall"), world, Options(Request(**choice)))


def component_by_uid() -> dict[str, str]:
    rows = {name: expand_case({"host": rows})["host"] for name, rows in ROWS.items()}
    return {obj.uid: name for name, bodies in rows.items() for obj in facts(bodies).host.all()}


@pytest.mark.parametrize("words", CHOICES)
def test_only_what_is_chosen_goes(words: str) -> None:
    only, whose = tuple(component_named(word) for word in words.split(",")), component_by_uid()
    plan = planned(everything_on(), only=only)
    gone = {action.uid for action in plan.actions if isinstance(action, Delete)}
    gone |= {effect.uid for effect in plan.foreseen if effect.fate in LOST}
    assert gone
    assert {whose[uid] for uid in gone} <= {*only}
    claims = {"PersistentVolumeClaim"}
    left = [uid for uid, name in whose.items() if name in only and uid not in gone]
    assert {uid.split("-")[2] for uid in left} <= claims | {"Namespace"}, left


def test_the_core_is_stopped_and_started_again() -> None:
    scales = [a for a in planned(everything_on(), only=("events",)).actions if isinstance(a, Scale)]
    assert [(a.step, a.name, a.replicas) for a in scales] == [
        ("stop-controllers", "ks-installer", 0),
        ("stop-controllers", "ks-controller-manager", 0),
        ("stop-controllers", "devops-controller", 0),
        ("stop-controllers", "ks-apiserver", 0),
        ("resume-controllers", "ks-apiserver", 1),
        ("resume-controllers", "devops-controller", 1),
        ("resume-controllers", "ks-controller-manager", 1),
        ("resume-controllers", "ks-installer", 1),
    ]


def test_a_namespace_of_a_devops_project_is_cut_from_it_and_nothing_else_is() -> None:
    plan = planned(everything_on(), only=("devops",))
    cut = [(a.name, a.marks.names) for a in plan.actions if isinstance(a, RemoveMarks) and a.step == "sever"]
    assert cut == [("demo", ["ownerReference DevOpsProject demo"])]


def test_a_second_plan_without_anything_left_does_nothing() -> None:
    rows = [row for name, rows in ROWS.items() if name != "events" for row in rows]
    with pytest.raises(Usage, match="there is no such component"):
        planned(facts(expand_case({"host": rows})["host"]), only=("events",))


def test_logging_does_not_go_under_those_that_use_it() -> None:
    with pytest.raises(Refused, match="ks-reset plan uninstall --only logging,auditing,events --out"):
        planned(everything_on(), only=("logging",))


@pytest.mark.parametrize("kept", ["monitoring", "notification"])
def test_what_is_kept_stays_with_everything_beside_it(kept: str) -> None:
    world, whose = everything_on(), component_by_uid()
    plan = planned(world, kept_components=(kept,))
    gone = {a.uid for a in plan.actions if isinstance(a, Delete)} | {e.uid for e in plan.foreseen if e.fate in LOST}
    assert not {whose[uid] for uid in gone} & {"monitoring", "notification", "users"}
    assert {"core", "logging", "events", "devops"} <= {whose[uid] for uid in gone}


def test_notification_works_on_beside_a_kept_prometheus_operator() -> None:
    plan = planned(everything_on(), kept_operators=("prometheus-operator",))
    gone = {a.name for a in plan.actions if isinstance(a, Delete)}
    assert not {"notification-manager", "kubesphere-monitoring-system"} & gone


def test_the_data_is_told_by_name() -> None:
    (data,) = planned(everything_on(), only=("notification",)).data
    assert (data.claim, data.holds, data.fate) == (
        "kubesphere-monitoring-system/prometheus-k8s-db-prometheus-k8s-0",
        "the metrics of Prometheus",
        "stays",
    )


@pytest.fixture
def snapshot(tmp_path: Path) -> str:
    path = tmp_path / "s.json.gz"
    reading.save_snapshot(everything_on(), path)
    return str(path)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("plan", "uninstall", "--only", "nothing"), "There are: auditing, devops, events, logging, monitoring"),
        (("plan", "uninstall", "--only", "core"), "it cannot be removed alone"),
        (("plan", "uninstall", "--keep", "devops"), "it cannot be kept alone"),
        (("plan", "uninstall", "--keep", "events", "--only", "events"), "cannot go (--only) and stay (--keep)"),
        (("plan", "defuse", "--only", "events"), "ks-reset plan uninstall"),
    ],
)
def test_a_choice_that_cannot_be_is_a_usage_error(arguments: tuple[str, ...], said: str, snapshot: str) -> None:
    done = run(*arguments, "--snapshot", snapshot)
    assert (done.returncode, said in done.stderr.replace("\n", " ")) == (2, True), done.stderr


def test_the_command_of_a_refusal_is_typed_and_goes_on(snapshot: str) -> None:
    refused = run("plan", "uninstall", "--snapshot", snapshot, "--only", "logging")
    command = refused.stderr.partition("ks-reset plan uninstall")[2].partition(" --out ")[0].split()
    assert run("plan", "uninstall", *command).returncode == 0
