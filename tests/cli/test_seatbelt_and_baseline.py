"""The flags --accept-loss and --baseline without a cluster."""

import json
from pathlib import Path

import pytest

from ks_reset import facts as reading
from tests.build import facts
from tests.cli.test_usage import WORKSPACE, run


@pytest.fixture
def snapshot(tmp_path: Path) -> str:
    path = tmp_path / "s.json.gz"
    reading.save_snapshot(facts([WORKSPACE]), path)
    return str(path)


def test_an_accepted_loss_is_part_of_the_plan_and_shown(snapshot: str, tmp_path: Path) -> None:
    plan = tmp_path / "p.json"
    shown = run("plan", "--snapshot", snapshot, "--accept-loss", "shop", "--accept-loss", "cart", "--out", str(plan))
    assert json.loads(plan.read_text())["request"]["accepted"] == ["shop", "cart"]
    assert "accepted: the loss of shop, cart once the seatbelt is off" in shown.stdout
    assert "Once the seatbelt is off: shop, cart." in run("runbook", str(plan)).stdout


@pytest.mark.parametrize("content", [b"", b"{}", b"\x1f\x8bcut", b"\xff\xfe", b"[1]"])
def test_a_file_that_is_no_baseline_is_one_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "b.json.gz"
    path.write_bytes(content)
    done = run("verify", "--baseline", str(path))
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
    assert "b.json.gz is not a baseline" in done.stderr.replace("\n", " ") or "is damaged" in done.stderr
