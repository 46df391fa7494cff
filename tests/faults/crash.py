"""A run that is killed or fails on its own machine at one point, and the same command again."""

import errno
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from ks_reset import local
from tests.faults.world import CALM, Ended, Hook, World

KILLED = -signal.SIGKILL
Append = Callable[[int, bytes], None]


class Case(Struct):
    """A plan, what an uninterrupted run of it sends and notes, the end state, and the classes of its requests."""

    playbook: str
    plan: str
    writes: int
    entries: int
    end: dict[Any, Any]
    classes: tuple[str, ...] = ()

    @property
    def points(self) -> Iterator["Point"]:
        """Before and after every write; before, in and after every sync of the journal."""
        yield from (Point("write", n, moment) for n in range(1, self.writes + 1) for moment in ("before", "after"))
        moments = ("before", "cut", "after")
        yield from (Point("journal", n, moment) for n in range(1, self.entries + 1) for moment in moments)


class Point(Struct, frozen=True):
    """The n-th write or sync of the journal, and the moment."""

    what: str
    number: int
    moment: str


def case_of(world: World, playbook: str) -> Case:
    """The plan of this playbook; before an uninstall the stale record is cured, before a restore all is uninstalled."""
    cured = make_case(world, "stale-record")
    if playbook == "stale-record":
        return cured
    world.keep()
    removed = make_case(world, "uninstall")
    if playbook == "uninstall":
        return removed
    world.keep()
    run = next((world.state / "runs").glob("uninstall-*")).name
    return make_case(world, "restore", "--run", run)


def sample_of(case: Case, count: int) -> list[Point]:
    """At least so many points, evenly spread over the run."""
    points = list(case.points)
    return points[:: max(1, len(points) // count)]


def make_case(world: World, playbook: str, *flags: str) -> Case:
    """Plan from the beginning of the world, and run the plan once without a failure."""
    world.begin_again()
    plan = f"{playbook}.json"
    said = world.run("plan", playbook, *flags, "--out", plan)
    assert said.code == 0, said
    world.keep()
    counted = world.folder / "entries"
    ended = world.run("apply", plan, *CALM, hook=lambda: _at_each_sync(_counting(counted)))
    sent = world.trouble
    case = Case(playbook, plan, sent.written, counted.stat().st_size, world.dump(), tuple(sorted(sent.asked)))
    assert problems(world, case, [ended]) == []
    return case


def kill_and_continue(world: World, case: Case, point: Point, sabotage: Hook = lambda: None) -> list[Ended]:
    """Kill the run at this point, and start it again; both ends. The first is a whole run if the point is not met.

    `sabotage` takes something from the tool in both runs.
    """
    world.begin_again()
    first = _one_run(world, case, point, sabotage)
    world.trouble.clear()
    return [first, world.run("apply", case.plan, *CALM, hook=sabotage)]


def _one_run(world: World, case: Case, point: Point, sabotage: Hook = lambda: None) -> Ended:
    if point.what == "write":
        world.trouble.kill = lambda number, moment: (number, moment) == (point.number, point.moment)

    def hook() -> None:
        sabotage()
        if point.what == "journal":
            _at_each_sync(_dying(point))

    return world.run("apply", case.plan, *CALM, hook=hook)


def problems(world: World, case: Case, ends: list[Ended]) -> list[str]:
    """What is wrong after the last of these runs; [] if all is as after an uninterrupted run.

    That is: the objects of both clusters, without versions; nothing of users is gone; every write of every run is in
    the journal before, and on an object of the plan; the lines of the journals
    fit, and each run is done.
    """
    found = [f"lost {each}" for each in world.lost()] + [each for ended in ends for each in ended.bad]
    found += world.broken_journals()
    found += [f"not done: {each}" for each in world.unfinished_runs()] if ends[-1].code == 0 else []
    found += [
        f"exit {ended.code}: {ended.said[-300:]}" for ended in ends if ended.code == 1 or "Traceback" in ended.said
    ]
    if ends[-1].code:
        found.append(f"the last run ended with {ends[-1].code}: {ends[-1].said[-600:]}")
    now = world.dump()
    found += [f"differs: {place}" for place in now.keys() | case.end.keys() if now.get(place) != case.end.get(place)]
    return found


def disk_full(number: int) -> Callable[[], None]:
    """From the n-th sync of the journal on, half of the data is written and the disk is full."""

    def append(file: int, data: bytes, count: int, real: Append) -> None:
        if count < number:
            return real(file, data)
        os.write(file, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return lambda: _at_each_sync(append)


def read_only(folder: Path) -> Callable[[], None]:
    """Nothing below the folder can be opened for writing."""

    def hook() -> None:
        real = os.open

        def opened(path: Any, flags: int, *more: Any, **named: Any) -> int:
            if flags & (os.O_WRONLY | os.O_RDWR) and str(path).startswith(str(folder)):
                raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
            return real(path, flags, *more, **named)

        os.open = opened

    return hook


def state_gone(world: World, number: int) -> None:
    """The state directory is removed right after the n-th write, while the run goes on."""

    def remove(count: int, moment: str) -> bool:
        if (count, moment) == (number, "after"):
            shutil.rmtree(world.state, ignore_errors=True)
        return False

    world.trouble.kill = remove


def _at_each_sync(change: Callable[[int, bytes, int, Append], None]) -> None:
    real, count = local.append_and_sync, 0

    def append(file: int, data: bytes) -> None:
        nonlocal count
        count += 1
        change(file, data, count, real)

    local.append_and_sync = append


def _counting(path: Path) -> Callable[[int, bytes, int, Append], None]:
    def append(file: int, data: bytes, count: int, real: Append) -> None:
        real(file, data)
        path.write_bytes(b"." * count)

    return append


def _dying(point: Point) -> Callable[[int, bytes, int, Append], None]:
    def append(file: int, data: bytes, count: int, real: Append) -> None:
        if count != point.number:
            real(file, data)
            return
        if point.moment == "cut":
            os.write(file, data[: len(data) // 2])
        elif point.moment == "after":
            real(file, data)
        os.kill(os.getpid(), signal.SIGKILL)

    return append


def kill_again_and_again(world: World, case: Case, point: Point) -> tuple[int, list[Ended]]:
    """Kill every run at this point of its own, until one ends without meeting it; the kills, and the last end.

    A run writes its lock on both clusters anew: with a point after the third write, each gets one write further.
    """
    world.begin_again()
    for kills in range(case.writes + case.entries):
        world.trouble.clear()
        ended = _one_run(world, case, point)
        if ended.code != KILLED:
            return kills, [ended]
    raise AssertionError(f"no run gets past {point}")
