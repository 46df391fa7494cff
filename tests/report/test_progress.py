"""The display of a run: step n of m, actions done, rate, time left, what is waited for and since when, the seatbelt."""

import threading
from io import StringIO

import pytest
from rich.console import Console

from ks_reset.apply import StepBegun
from ks_reset.report import progress as module
from ks_reset.report.progress import ProgressDisplay

REMOVE = StepBegun("remove-roles", "Roles go with their users.", 4300, 16, 21, 312)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module.time, "monotonic", clock)
    return clock


@pytest.fixture
def display(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> ProgressDisplay:
    """A display on a terminal of 80 columns, which is not drawn by itself."""
    console = Console(file=StringIO(), force_terminal=True, width=80, height=24, color_system=None)
    monkeypatch.setattr(module, "stderr_console", lambda: console)
    return ProgressDisplay()


def test_a_step_says_how_far_how_fast_and_how_long_it_will_take(display: ProgressDisplay, clock: Clock) -> None:
    display.finish_step("fasten-seatbelt", {"host": 1})
    display.begin_step(REMOVE)
    clock.now += 10
    display.count_ended(123)
    display.count_ended(7)
    first, second = display.__rich__().plain.splitlines()
    assert first == "step 16 of 21 · 130 of 4300 done · 13.0/s · about 5 min left"
    assert second == "running for 10 s · 312 namespaces watched · seatbelt is on"


def test_the_time_since_the_run_began_is_in_it(display: ProgressDisplay, clock: Clock) -> None:
    clock.now += 125
    display.begin_step(StepBegun("sever", "", 3, 8, 21))
    assert display.__rich__().plain == "step 8 of 21 · 0 of 3 done\nrunning for 2 min"


def test_the_watched_namespaces_and_the_seatbelt_are_in_it(display: ProgressDisplay) -> None:
    display.begin_step(StepBegun("sever", "", 3, 8, 21, 7))
    assert "7 namespaces watched" in display.__rich__().plain
    assert "seatbelt" not in display.__rich__().plain
    display.finish_step("fasten-seatbelt", {})
    display.begin_step(StepBegun("sever", "", 3, 8, 21, 7))
    assert "seatbelt is on" in display.__rich__().plain
    display.finish_step("loosen-seatbelt", {})
    display.begin_step(StepBegun("sever", "", 3, 8, 21, 7))
    assert "seatbelt is on" in display.__rich__().plain, "nothing was written: it is still on, or was never on"
    display.finish_step("loosen-seatbelt", {"host": 1})
    display.begin_step(StepBegun("sever", "", 3, 8, 21, 7))
    assert "seatbelt is off" in display.__rich__().plain


def test_a_wait_has_its_age_and_a_countdown_does_not_begin_it_anew(display: ProgressDisplay, clock: Clock) -> None:
    display.begin_step(StepBegun("prove-quiet", "", 1, 4, 21))
    display.show_activity("not yet quiet: lock renewed 2 s ago", "host")
    clock.now += 4
    assert display.__rich__().plain.endswith("host: not yet quiet: lock renewed 2 s ago")
    clock.now += 8
    display.show_activity("not yet quiet: lock renewed 14 s ago", "host")
    assert display.__rich__().plain.endswith("host: not yet quiet: lock renewed 14 s ago (12 s)")
    display.show_activity("waiting for another thing", "host")
    assert display.__rich__().plain.endswith("host: waiting for another thing")


def test_a_step_is_printed_with_its_number_within_the_screen_and_with_its_time(
    display: ProgressDisplay, clock: Clock
) -> None:
    display.begin_step(StepBegun("sever", "Without the reference, a deleted Workspace leaves it alone.", 3, 8, 21))
    clock.now += 75
    display.finish_step("sever", {"host": 3})
    file = display.console.file
    assert isinstance(file, StringIO)
    lines = file.getvalue().splitlines()
    assert lines[0].startswith("8/21 sever  Without")
    assert lines[-1] == "  ✓ sever: 3 write(s): host 3, in 75 s"
    assert max(map(len, lines)) <= 80


def test_without_a_terminal_the_heartbeat_has_the_same(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with ProgressDisplay() as display:
        display.begin_step(REMOVE)
        display.count_ended(430)
        clock.now += 29
        display.show_activity("delete Role shop/admin, and 7 more", "host")
        clock.now += 2
        display.show_activity("delete Role shop/admin, and 7 more", "host")
    text = capsys.readouterr().err
    assert text.count("…") == 1
    assert "  … step 16 of 21 · 430 of 4300 done · 13.9/s" in text
    assert "host: delete Role shop/admin, and 7 more" in text


def test_a_dumb_terminal_gets_the_heartbeat(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console(file=StringIO(), force_terminal=True, width=80, _environ={"TERM": "dumb"})
    monkeypatch.setattr(module, "stderr_console", lambda: console)
    with ProgressDisplay() as display:
        display.begin_step(REMOVE)
        clock.now += 31
        display.show_activity("waiting for the lock", "host")
    assert "  … step 16 of 21 · 0 of 4300 done" in console.file.getvalue()  # type: ignore[attr-defined]


def test_lines_are_printed_from_many_threads_while_the_terminal_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console(file=StringIO(), force_terminal=True, width=80, height=24, color_system=None)
    monkeypatch.setattr(module, "stderr_console", lambda: console)

    def work(name: str) -> None:
        for number in range(40):
            display.show_activity(f"delete Role {number}", name)
            display.print_line(f"{name} {number}")

    with ProgressDisplay() as display:
        display.begin_step(REMOVE)
        threads = [threading.Thread(target=work, args=(f"m{number}",), daemon=True) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                console.print("")  # as rich's own thread, which draws with the lock of the screen
                thread.join(0.05)
    assert "m3 39" in console.file.getvalue()  # type: ignore[attr-defined]
