"""People and GitOps change the fleet between plan and apply and between two writes: refused or planned anew.

Each rule of the state machine is a deed, or a run of the plan with a deed after one of its writes. A plan that no
longer fits is made again, as its refusal says. At the end nobody interferes, and the plan is applied to its end.
"""

import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from ks_reset.errors import Exit
from tests.faults.crash import make_case
from tests.faults.drift import DEEDS, RECORD
from tests.faults.matrix import documented_codes
from tests.faults.world import CALM, Ended, World, memory_world
from tests.interleavings.small import FED

PLAN = "drift.json"
RECORD_OF_THE_INCIDENT = (RECORD, FED, "produce-trt")
ROUNDS = 6
"""How many plans and runs the end may take."""


class Drift(RuleBasedStateMachine):
    """A fleet with a plan of one playbook; nothing of the users' is ever lost, and no answer is a defect."""

    playbook = "stale-record"

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.world: World = self.stack.enter_context(memory_world(folder))
        self.over = False

    @initialize()
    def plan(self) -> None:
        assert self._run("plan", self.playbook, "--out", PLAN).code == 0

    @rule(deed=st.sampled_from(sorted(DEEDS)))
    def drift(self, deed: str) -> None:
        self._do(deed)

    @precondition(lambda self: not self.over)
    @rule(deed=st.sampled_from(sorted(DEEDS)), number=st.integers(1, 12))
    def apply_with_a_deed_after_a_write(self, deed: str, number: int) -> None:
        def after(count: int, moment: str) -> bool:
            if (count, moment) == (number, "after"):
                self._do(deed)
            return False

        self.world.trouble.written, self.world.trouble.kill = 0, after
        self.over = self._run("apply", PLAN, *CALM).code == 0
        self.world.trouble.clear()

    def teardown(self) -> None:
        try:
            self._finish()
        finally:
            self.stack.close()

    def _finish(self) -> None:
        """Nobody interferes any more: after a few plans and runs the plan is done, or is not needed."""
        for _ in range(ROUNDS):
            ended = self._run("apply", PLAN, *CALM)
            if ended.code == Exit.OK:
                return
            planned = self._run("plan", self.playbook, "--out", PLAN)
            if planned.code == Exit.OK and "Nothing to do" in planned.out:
                return
        raise AssertionError(f"no end: {ended}, {planned}")

    def _do(self, deed: str) -> None:
        store = self.world.host.store
        with store.lock:
            DEEDS[deed](store)

    def _run(self, *words: str) -> Ended:
        ended = self.world.run(*words)
        assert ended.code in documented_codes(words[0]), ended
        assert ended.bad == ()
        assert self.world.lost() == []
        return ended


class DriftOfUninstall(Drift):
    """The stale record is cured first: with it an uninstall is refused."""

    playbook = "uninstall"

    @initialize()
    def plan(self) -> None:
        for words in (("plan", "stale-record", "--out", "cure.json"), ("apply", "cure.json", *CALM)):
            assert self._run(*words).code == 0
        super().plan()


def _settings(examples: int, steps: int) -> settings:
    phases = (Phase.explicit, Phase.generate)
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        database=None,
        phases=phases,
        suppress_health_check=checks,
    )


def test_a_record_that_is_created_again_is_not_deleted_by_the_old_plan(tmp_path: Path) -> None:
    with memory_world(tmp_path) as world:
        case = make_case(world, "stale-record")
        world.begin_again()
        DEEDS["record_created_again"](world.host.store)
        ended = world.run("apply", case.plan, *CALM)
        assert (ended.code, ended.writes, world.lost()) == (Exit.STALE, 0, [])
        assert RECORD_OF_THE_INCIDENT in world.host.store.objects


@pytest.mark.rehearsal
@pytest.mark.nightly
@pytest.mark.timeout(36000)
class TestDriftOfCure(Drift.TestCase):  # type: ignore[misc]
    settings = _settings(100, 8)


@pytest.mark.rehearsal
@pytest.mark.nightly
@pytest.mark.timeout(36000)
class TestDriftOfUninstall(DriftOfUninstall.TestCase):  # type: ignore[misc]
    settings = _settings(60, 8)
