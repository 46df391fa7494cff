"""plan with bundled operators that users' objects need, and the lines about marks."""

from pathlib import Path

import pytest

from ks_reset import facts as reading
from tests.build import facts
from tests.cli.test_usage import run
from tests.shorthand import expand_case

ROWS = [
    "Namespace kubesphere-monitoring-system",
    "Deployment kubesphere-monitoring-system/prometheus-operator",
    "ServiceMonitor.v1.monitoring.coreos.com shop/web",
    "Deployment kube-system/pvc-autoresizer",
    {
        "PersistentVolumeClaim shop/data": {
            "annotations": {"resize.kubesphere.io/enabled": "true", "kubesphere.io/creator": "li"}
        }
    },
]


@pytest.fixture
def snapshot(tmp_path: Path) -> str:
    path = tmp_path / "s.json.gz"
    reading.save_snapshot(facts(expand_case({"host": ROWS})["host"]), path)
    return str(path)


def test_a_plan_stops_for_objects_that_would_lose_their_operator_and_names_both_ways_on(snapshot: str) -> None:
    done = run("plan", "--snapshot", snapshot)
    assert done.returncode == 4
    assert "ServiceMonitor.monitoring.coreos.com shop/web" in done.stderr
    assert "--keep-operator prometheus-operator" in done.stderr
    assert "--without-operator prometheus-operator" in done.stderr


def test_a_kept_operator_stays_with_its_namespace(snapshot: str) -> None:
    done = run("plan", "--snapshot", snapshot, "--keep-operator", "prometheus-operator", COLUMNS="400")
    assert done.returncode == 0, done.stderr
    assert "kept on host: Namespace kubesphere-monitoring-system: prometheus-operator in it is kept" in done.stdout
    assert "1 to delete" not in done.stdout


def test_without_the_operator_the_plan_names_what_stays_alone(snapshot: str) -> None:
    done = run("plan", "--snapshot", snapshot, "--without-operator", "prometheus-operator", COLUMNS="400")
    assert done.returncode == 0, done.stderr
    assert (
        "kept on host: ServiceMonitor.monitoring.coreos.com shop/web: it stays, and its prometheus-operator goes"
        in (done.stdout)
    )


def test_a_plan_says_what_each_mark_does_and_which_stay(snapshot: str) -> None:
    done = run("plan", "--snapshot", snapshot, "--keep-operator", "prometheus-operator", COLUMNS="400")
    assert (
        "goes from 1 object(s): kubesphere.io/creator: names the user whom KubeSphere makes administrator"
        in done.stdout
    )
    assert "PersistentVolumeClaim shop/data: keeps resize.kubesphere.io/enabled: Deployment.apps kube-system/" in (
        done.stdout
    )


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--keep-operator", "nothing"), "is no operator of KubeSphere's; these are: prometheus-operator"),
        (
            ("--keep-operator", "fluentbit-operator", "--without-operator", "fluentbit-operator"),
            "cannot stay (--keep-operator) and go (--without-operator)",
        ),
    ],
)
def test_an_unknown_operator_or_both_ways_at_once_are_usage_errors(flags: tuple[str, ...], said: str) -> None:
    done = run("plan", *flags)
    assert (done.returncode, said in done.stderr.replace("\n", " ")) == (2, True), done.stderr
