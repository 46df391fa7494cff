"""A playbook is an ordered list of step names, with why each stands there. The order is written nowhere else.

Nothing computes an order; each step's `after` rules check the one that is written.
"""

from pathlib import Path

import msgspec
from msgspec import Struct

from ks_reset.errors import Usage
from ks_reset.share import folder
from ks_reset.steps import STEPS, Step


class Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a playbook: the step, and why it stands here."""

    step: str
    why: str


class Playbook(Struct, frozen=True, forbid_unknown_fields=True):
    """`scope` is fleet (host and members) or host (the host alone)."""

    name: str
    title: str
    about: str
    scope: str
    steps: tuple[Entry, ...]

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
    path = Path(name) if name.endswith((".yaml", ".yml")) else folder("playbooks") / f"{name}.yaml"
    if not path.is_file():
        raise Usage(f"There is no playbook '{name}'. There are: {', '.join(names())}; or give the path of a YAML file.")
    try:
        playbook = msgspec.yaml.decode(path.read_bytes(), type=Playbook)
    except (msgspec.MsgspecError, OSError) as error:
        raise Usage(f"The playbook {path} cannot be read: {error}.") from error
    _check(playbook)
    return playbook


def _check(playbook: Playbook) -> None:
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
            if earlier not in seen:
                raise Usage(
                    f"The playbook {playbook.name} breaks a rule of order: '{step.name}' must come after '{earlier}'. "
                    f"{step.why}"
                )
        seen.add(step.name)
