"""Playbooks: their order of steps, and the refusal of a wrong one."""

from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from ks_reset.errors import Refused, Stale, Usage
from ks_reset.findings import require_unblocked
from ks_reset.model import Options
from ks_reset.plan import playbook as playbooks
from ks_reset.plan.playbook import Playbook
from ks_reset.steps import STEPS
from tests.build import facts


def written(tmp_path: Path, steps: list[str]) -> str:
    path = tmp_path / "p.yaml"
    book = {"name": "p", "title": "t", "about": "a", "scope": "fleet"}
    path.write_bytes(msgspec.yaml.encode(book | {"steps": [{"step": s, "why": "w"} for s in steps]}))
    return str(path)


def names(book: Playbook) -> list[str]:
    return [entry.step for entry in book.steps]


@pytest.mark.parametrize("name", playbooks.playbook_names())
def test_every_playbook_loads_and_gives_a_reason_for_each_step(name: str) -> None:
    book = playbooks.load_playbook(name)
    entries = book.steps or book.stages
    assert len({entry.why for entry in entries}) == len(entries) > 2


@pytest.mark.parametrize("name", playbooks.playbook_names())
def test_a_swap_that_breaks_a_rule_is_refused(name: str, tmp_path: Path) -> None:
    order = names(playbooks.load_playbook(name))
    for first, second in pairwise(order):
        if first in STEPS[second].after:
            swapped = [second if s == first else first if s == second else s for s in order]
            with pytest.raises(Usage, match=r"must come after '"):
                playbooks.load_playbook(written(tmp_path, swapped))


def test_a_destructive_step_needs_its_protecting_steps_before_it(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="'remove-tenants' must come after 'prove-quiet'"):
        playbooks.load_playbook(written(tmp_path, ["remove-tenants"]))


@pytest.mark.parametrize(
    ("steps", "said"),
    [(["stop-kubfed"], "does not exist"), (["fasten-seatbelt", "fasten-seatbelt"], "twice")],
)
def test_a_step_that_is_unknown_or_repeated_is_refused(tmp_path: Path, steps: list[str], said: str) -> None:
    with pytest.raises(Usage, match=said):
        playbooks.load_playbook(written(tmp_path, steps))


def test_an_unknown_playbook_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        Usage, match=r"There are: adopt-member, .*, rebind, .*, restore, stale-record, unbind, uninstall"
    ):
        playbooks.load_playbook("nonsense")


def test_a_misspelt_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("name: p\ntitle: t\nabout: a\nscope: fleet\nstep: []\n")
    with pytest.raises(Usage, match="cannot be read"):
        playbooks.load_playbook(str(path))


def test_every_step_says_why_and_names_only_steps_that_exist() -> None:
    assert all(
        step.why.endswith(".") and set("|".join(step.after).split("|")) - {""} <= STEPS.keys()
        for step in STEPS.values()
    )


def test_an_own_playbook_cannot_pass_for_one_of_ks_resets(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("name: stale-record\ntitle: t\nabout: a\nscope: fleet\nsteps: []\n")
    with pytest.raises(Usage, match="Give it another name"):
        playbooks.load_playbook(str(path))


def test_an_own_playbook_is_stopped_by_every_finding_that_stops_any_playbook(tmp_path: Path) -> None:
    book = playbooks.load_playbook(written(tmp_path, ["fasten-seatbelt", "stop-controllers"]))
    given = facts([], dials=[{"record": "test", "reach": "unreachable"}])
    with pytest.raises(Refused, match="was not seen to reach a cluster"):
        require_unblocked(book, given, Options())


def test_a_plan_of_an_own_playbook_knows_its_steps() -> None:
    steps = ("fasten-seatbelt", "stop-controllers")
    assert tuple(names(playbooks.playbook_of_plan("mine", "fleet", steps))) == steps
    with pytest.raises(Stale, match="has changed"):
        playbooks.playbook_of_plan("uninstall", "fleet", ("stop-controllers",))
