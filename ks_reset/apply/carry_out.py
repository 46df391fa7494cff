"""Carry out the actions of a verb on a cluster: with a patch, or with a file of `write` or `wait`."""

from collections.abc import Iterable, Sequence
from typing import TypeVar, assert_never

from ks_reset.apply.context import RunContext
from ks_reset.apply.wait.quiet import wait_quiet
from ks_reset.apply.wait.ready import wait_ready
from ks_reset.apply.wait.stable import wait_stable
from ks_reset.apply.wait.workspaces import watch_workspaces
from ks_reset.apply.write.chart import install_charts
from ks_reset.apply.write.conversion import stop_conversions
from ks_reset.apply.write.create import write_creations
from ks_reset.apply.write.delete import write_deletions
from ks_reset.apply.write.finalize import restore_finalizers
from ks_reset.apply.write.json_patch import operations_to_add, operations_to_remove, operations_to_scale
from ks_reset.apply.write.patches import write_patches
from ks_reset.apply.write.seatbelt import put_seatbelts_on, take_seatbelts_off
from ks_reset.model import Action, Target
from ks_reset.model import actions as verbs

A = TypeVar("A", bound=Target)


def carry_out(run: RunContext, actions: Sequence[Action]) -> None:  # noqa: C901, PLR0912 - one case a verb
    """Carry out actions of one verb on one cluster; returns once their effect is seen."""
    match actions[0]:
        case verbs.Scale():
            scales = _only(verbs.Scale, actions)
            write_patches(run, scales, lambda action, now: operations_to_scale(now, action.replicas))
        case verbs.RemoveMarks():
            removals = _only(verbs.RemoveMarks, actions)
            write_patches(run, removals, lambda action, now: operations_to_remove(now, action.all_marks))
        case verbs.AddMarks():
            additions = _only(verbs.AddMarks, actions)
            write_patches(run, additions, lambda action, now: operations_to_add(now, action.marks))
        case verbs.Delete():
            write_deletions(run, _only(verbs.Delete, actions))
        case verbs.Create():
            write_creations(run, _only(verbs.Create, actions))
        case verbs.InstallChart():
            install_charts(run, _only(verbs.InstallChart, actions))
        case verbs.StopConversion():
            stop_conversions(run, _only(verbs.StopConversion, actions))
        case verbs.RestoreFinalizer():
            restore_finalizers(run, _only(verbs.RestoreFinalizer, actions))
        case verbs.SeatbeltOn():
            put_seatbelts_on(run, _only(verbs.SeatbeltOn, actions))
        case verbs.SeatbeltOff():
            take_seatbelts_off(run, _only(verbs.SeatbeltOff, actions))
        case verbs.WaitQuiet():
            wait_quiet(run, _only(verbs.WaitQuiet, actions))
        case verbs.WaitReady():
            wait_ready(run, _only(verbs.WaitReady, actions))
        case verbs.WaitStable():
            wait_stable(run, _only(verbs.WaitStable, actions))
        case verbs.WatchWorkspaces():
            watch_workspaces(run, _only(verbs.WatchWorkspaces, actions))
        case unknown:
            assert_never(unknown)


def _only(verb: type[A], actions: Iterable[Action]) -> list[A]:
    return [action for action in actions if isinstance(action, verb)]
