"""Playbooks: ordered lists of step names, with a reason for each place. The order is written nowhere else.

The order is checked with the `after` rules of the steps.
"""

from pathlib import Path

import msgspec
from msgspec import Struct

from ks_reset.decoding import convert_to
from ks_reset.errors import SAME_CALL, Stale, UnknownName, Usage
from ks_reset.limits import VALUES_BYTES, load_yaml, read_file
from ks_reset.local import shared_folder
from ks_reset.steps import STEPS, Step
from ks_reset.steps.ties import UNMARK

SCOPES = ("fleet", "host", "member", "record")


class Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a playbook: the step, and the reason for its place."""

    step: str
    why: str


class Stage(Struct, frozen=True, forbid_unknown_fields=True):
    """One stage of a playbook of playbooks: the name of a playbook, or verify; and the reason for its place."""

    stage: str
    why: str


class Playbook(Struct, frozen=True, forbid_unknown_fields=True):
    """`scope` is the object of the work: the fleet, records of the host, a host's traces on a member, or a named
    record (fleet, host, member, record).

    `purpose` names a step; without an action of it the plan is empty. "" for none. `needs` is the material besides
    facts: memory, past, install, joining, or "". `mends`: it is for lists of KubeSphere's own that cannot be read, so
    these do not stop it. `back` is the fallback playbook, applied if a watched object is lost.
    A playbook with `stages` has no steps: each stage has a plan of its own.
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
    mends: bool = False

    @property
    def chosen(self) -> tuple[Step, ...]:
        return tuple(STEPS[entry.step] for entry in self.steps)

    @property
    def unmarks(self) -> bool:
        """Whether it takes kubefed's label off the clusters that a host leaves, where it mends no list."""
        return UNMARK.name in {entry.step for entry in self.steps}

    def why(self, step: str) -> str:
        """The reason for the place of a step."""
        return next(entry.why for entry in self.steps if entry.step == step)


def playbook_names() -> list[str]:
    """The names of the playbooks in ks-reset itself."""
    return sorted(path.stem for path in shared_folder("playbooks").glob("*.yaml"))


def load_playbook(name: str) -> Playbook:
    """A playbook by name or by path of a YAML file.

    Raises Usage for an unknown playbook, a malformed file, an unknown or repeated step, or an order against the `after`
    rule of a step.
    """
    own = name.endswith((".yaml", ".yml"))
    path = Path(name) if own else shared_folder("playbooks") / f"{name}.yaml"
    if not path.is_file():
        known = playbook_names()
        message = f"There is no playbook '{name}'. There are: {', '.join(known)}; or give the path of a YAML file."
        raise UnknownName(message, name, known)
    try:
        written = load_yaml(read_file(path, VALUES_BYTES, "The playbook"), f"The playbook {path}")
        playbook = convert_to(written, Playbook)
    except (msgspec.MsgspecError, ValueError, OSError) as error:
        raise Usage(f"The playbook {path} cannot be read: {error}.", SAME_CALL) from error
    if own and playbook.name in playbook_names():
        raise Usage(
            f"The playbook {path} is named {playbook.name}, as one that ks-reset brings. Give it another name.",
            SAME_CALL,
        )
    _require_valid(playbook)
    return playbook


def playbook_of_plan(name: str, scope: str, steps: tuple[str, ...]) -> Playbook:
    """The playbook of a plan. One of the operator's own is rebuilt from the steps in the plan.

    Raises Stale if ks-reset's own playbook of this name has other steps by now, Usage for unknown steps.
    """
    if name in playbook_names():
        playbook = load_playbook(name)
        if tuple(entry.step for entry in playbook.steps) != steps:
            raise Stale(
                f"The playbook {name} has changed since the plan was made. Make a new plan: ks-reset plan {name} --out "
                "plan.json, with the same flags."
            )
        return playbook
    known = tuple(Entry(step, STEPS[step].why if step in STEPS else "") for step in steps)
    playbook = Playbook(name, name, "", scope, known)
    _require_valid(playbook)
    return playbook


def _require_valid(playbook: Playbook) -> None:
    if playbook.scope not in SCOPES:
        known = ", ".join(SCOPES)
        raise Usage(f"The playbook {playbook.name} has the scope '{playbook.scope}'. Scopes: {known}.", SAME_CALL)
    if bool(playbook.steps) == bool(playbook.stages):
        raise Usage(f"The playbook {playbook.name} has to have either steps or stages.", SAME_CALL)
    seen: set[str] = set()
    for entry in playbook.steps:
        step = STEPS.get(entry.step)
        if step is None:
            known = ", ".join(sorted(STEPS))
            raise Usage(
                f"The playbook {playbook.name} names the step '{entry.step}', which does not exist. Steps: {known}.",
                SAME_CALL,
            )
        if step.name in seen:
            raise Usage(f"The playbook {playbook.name} names the step '{step.name}' twice.", SAME_CALL)
        for earlier in step.after:
            if not seen & set(earlier.split("|")):
                wanted = earlier.replace("|", "' or '")
                raise Usage(
                    f"The playbook {playbook.name} breaks a rule of order: '{step.name}' must come after '{wanted}'. "
                    f"{step.why}",
                    SAME_CALL,
                )
        seen.add(step.name)
