"""From a verb to what it does to a cluster: one file of `write` or `wait` for each."""

from collections.abc import Iterable, Sequence
from typing import TypeVar, assert_never

from ks_reset.apply.context import RunContext
from ks_reset.apply.wait.quiet import wait_quiet
from ks_reset.apply.wait.ready import wait_ready
from ks_reset.apply.wait.stable import wait_stable
from ks_reset.apply.wait.workspaces import watch_workspaces
from ks_reset.apply.write.add_marks import write_additions
from ks_reset.apply.write.chart import install_charts
from ks_reset.apply.write.create import write_creations
from ks_reset.apply.write.delete import write_deletions
from ks_reset.apply.write.remove_marks import write_removals
from ks_reset.apply.write.scale import write_scales
from ks_reset.apply.write.seatbelt import put_seatbelts_on, take_seatbelts_off
from ks_reset.model import (
    Action,
    AddMarks,
    Create,
    Delete,
    InstallChart,
    RemoveMarks,
    Scale,
    SeatbeltOff,
    SeatbeltOn,
    Target,
    WaitQuiet,
    WaitReady,
    WaitStable,
    WatchWorkspaces,
)

A = TypeVar("A", bound=Target)


def carry_out(run: RunContext, actions: Sequence[Action]) -> None:  # noqa: C901, PLR0912 - one case a verb
    """Carry out actions of one verb on one cluster; returns once their effect is seen."""
    match actions[0]:
        case Scale():
            write_scales(run, _only(Scale, actions))
        case RemoveMarks():
            write_removals(run, _only(RemoveMarks, actions))
        case AddMarks():
            write_additions(run, _only(AddMarks, actions))
        case Delete():
            write_deletions(run, _only(Delete, actions))
        case Create():
            write_creations(run, _only(Create, actions))
        case InstallChart():
            install_charts(run, _only(InstallChart, actions))
        case SeatbeltOn():
            put_seatbelts_on(run, _only(SeatbeltOn, actions))
        case SeatbeltOff():
            take_seatbelts_off(run, _only(SeatbeltOff, actions))
        case WaitQuiet():
            wait_quiet(run, _only(WaitQuiet, actions))
        case WaitReady():
            wait_ready(run, _only(WaitReady, actions))
        case WaitStable():
            wait_stable(run, _only(WaitStable, actions))
        case WatchWorkspaces():
            watch_workspaces(run, _only(WatchWorkspaces, actions))
        case unknown:
            assert_never(unknown)


def _only(verb: type[A], actions: Iterable[Action]) -> list[A]:
    return [action for action in actions if isinstance(action, verb)]
