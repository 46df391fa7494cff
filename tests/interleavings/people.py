"""Transitions caused by people: start a stopped controller, or install KubeSphere again."""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.simulation import State
from ks_reset.simulation.events import install_types, start_controllers
from tests.interleavings.tool import At


def afterwards(state: State, at: At) -> Iterable[tuple[str, State]]:
    """After a run: every controller is started, and KubeSphere's types are served again."""
    if at.over:
        yield from _starts(state)
        if (again := install_types(state)) != state:
            yield "KubeSphere is installed again", again


def meanwhile(state: State, at: At) -> Iterable[tuple[str, State]]:
    """During a run, at any moment: every controller is started."""
    if not at.over:
        yield from _starts(state)


def _starts(state: State) -> Iterable[tuple[str, State]]:
    if (again := start_controllers(state, catalogue.is_reacting_controller)) != state:
        yield "somebody starts every controller", again
