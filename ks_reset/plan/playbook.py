"""A playbook is an ordered list of step names, with why each stands there. The order is written nowhere else.

Nothing computes an order; each step's `after` rules check the one that is written.
"""

from pathlib import Path

import msgspec
from msgspec import Struct

from ks_reset.errors import Stale, Usage
from ks_reset.local import folder
from ks_reset.steps import STEPS, Step

SCOPES = ("fleet", "host", "member", "record")


class Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a playbook: the step, and why it stands here."""

    step: str
    why: str


class Stage(Struct, frozen=True, forbid_unknown_fields=True):
    """One stage of a playbook that is made of others: the playbook's name, or verify; and why it stands here."""

    stage: str
    why: str


class Playbook(Struct, frozen=True, forbid_unknown_fields=True):
    """`scope` says what is worked on: the fleet as a whole, records of the host, a host's traces on a member, or a
    record that was named (fleet, host, member, record).

    `purpose` names the step without which the others have no reason; empty where each has its own. `needs` says what
    has to be given besides facts: memory, past, install, joining, or nothing. `back` is the playbook that runs by
    itself if something that must stay does not. One that has `stages` has no steps: each stage has a plan of its own.
    """

    name: str
    title: str
    about: str
    scope: str
    steps: tuple[Entry, ...] = ()
    stages: tuple[Stage, ...] = ()
    purpose: str = ""
    needs: str = ""
    back: str = ""

    @property
    def chosen(self) -> tuple[Step, ...]:
        return tuple(STEPS[entry.step] for entry in self.steps)

    def why(self, step: str) -> str:
        """Why a step stands where it stands."""
        return next(entry.why for entry in self.steps if entry.step == step)


def names() -> list[str]:
    """The playbooks that ks-reset brings along."""
    return sorted(path.stem for path in folder("playbooks").glob("*.yaml"))


def load(name: str) -> Playbook:
    """A playbook by name or by path of a YAML file.

    Raises Usage for an unknown playbook, a malformed file, an unknown or repeated step, or an order that breaks
    a step's `after` rule.
    """
    own = name.endswith((".yaml", ".yml"))
    path = Path(name) if own else folder("playbooks") / f"{name}.yaml"
    if not path.is_file():
        raise Usage(f"There is no playbook '{name}'. There are: {', '.join(names())}; or give the path of a YAML file.")
    try:
        playbook = msgspec.yaml.decode(path.read_bytes(), type=Playbook)
    except (msgspec.MsgspecError, OSError) as error:
        raise Usage(f"The playbook {path} cannot be read: {error}.") from error
    if own and playbook.name in names():
        raise Usage(f"The playbook {path} is named {playbook.name}, as one that ks-reset brings. Give it another name.")
    _require_valid(playbook)
    return playbook


def of_plan(name: str, scope: str, steps: tuple[str, ...]) -> Playbook:
    """The playbook that a plan was made from; one of the operator's own is known by its steps.

    Raises Stale if ks-reset's own playbook of this name has other steps by now, Usage for steps it does not have.
    """
    if name in names():
        playbook = load(name)
        if tuple(entry.step for entry in playbook.steps) != steps:
            raise Stale(f"The playbook {name} has changed since the plan was made. Make a new plan.")
        return playbook
    known = tuple(Entry(step, STEPS[step].why if step in STEPS else "") for step in steps)
    playbook = Playbook(name, name, "", scope, known)
    _require_valid(playbook)
    return playbook


def _require_valid(playbook: Playbook) -> None:
    if playbook.scope not in SCOPES:
        known = ", ".join(SCOPES)
        raise Usage(f"The playbook {playbook.name} has the scope '{playbook.scope}'. Scopes: {known}.")
    if bool(playbook.steps) == bool(playbook.stages):
        raise Usage(f"The playbook {playbook.name} has to have either steps or stages.")
    seen: set[str] = set()
    for entry in playbook.steps:
        step = STEPS.get(entry.step)
        if step is None:
            known = ", ".join(sorted(STEPS))
            raise Usage(
                f"The playbook {playbook.name} names the step '{entry.step}', which does not exist. Steps: {known}."
            )
        if step.name in seen:
            raise Usage(f"The playbook {playbook.name} names the step '{step.name}' twice.")
        for earlier in step.after:
            if not seen & set(earlier.split("|")):
                wanted = earlier.replace("|", "' or '")
                raise Usage(
                    f"The playbook {playbook.name} breaks a rule of order: '{step.name}' must come after '{wanted}'. "
                    f"{step.why}"
                )
        seen.add(step.name)
