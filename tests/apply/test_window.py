"""How many writes a cluster gets at once: halved under pressure, one more for each round of quick answers."""

import time
from threading import Event, Thread

import pytest

from ks_reset.apply.window import Window
from ks_reset.errors import Conflict, Retry


def failing(error: Exception) -> object:
    raise error


def test_pressure_halves_the_limit_down_to_one_and_quick_answers_raise_it_again() -> None:
    window = Window(8)
    for expected in (4.0, 2.0, 1.0, 1.0):
        with pytest.raises(Retry):
            window.send(lambda: failing(Retry("429")))
        assert window.limit == expected
    for _ in range(100):
        window.send(dict)
    assert window.limit == 8.0


def test_writes_in_flight_together_halve_it_once() -> None:
    window, both = Window(8), [Event(), Event()]

    def press(mine: Event, other: Event) -> None:
        def call() -> object:
            mine.set()
            assert other.wait(30)
            raise Retry("503")

        with pytest.raises(Retry):
            window.send(call)

    threads = [Thread(target=press, args=pair) for pair in (both, both[::-1])]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert window.limit == 4.0


def test_a_conflict_is_no_pressure() -> None:
    window = Window(8)
    with pytest.raises(Conflict):
        window.send(lambda: failing(Conflict("409")))
    assert window.limit == 8.0


def test_an_answer_far_slower_than_the_quickest_is_pressure(monkeypatch: pytest.MonkeyPatch) -> None:
    window, clock = Window(8), [0.0]
    monkeypatch.setattr("ks_reset.apply.window.time.monotonic", lambda: clock[0])

    def answer(seconds: float) -> None:
        clock[0] += seconds

    window.send(lambda: answer(0.1))
    window.send(lambda: answer(0.7))
    assert window.limit == 8.0
    window.send(lambda: answer(0.9))
    assert window.limit == 4.0


def test_a_retry_after_is_waited_for_by_the_next_write() -> None:
    window, begun = Window(8), time.monotonic()
    with pytest.raises(Retry):
        window.send(lambda: failing(Retry("429", after=0.3)))
    with window.one_place(lambda: False):
        assert time.monotonic() - begun >= 0.3


def test_a_halted_run_waits_for_no_place() -> None:
    window = Window(1)
    with pytest.raises(Retry):
        window.send(lambda: failing(Retry("429", after=3600)))
    with window.one_place(lambda: True), window.one_place(lambda: True):
        assert window.limit == 1.0
