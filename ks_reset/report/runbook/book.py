"""A runbook as values: chapters with their commands and checks, and the files beside the document."""

from collections.abc import Sequence
from functools import cache
from itertools import groupby
from math import ceil
from pathlib import Path

import msgspec
from msgspec import Struct, field

from ks_reset.decoding import decode_yaml_as
from ks_reset.model import Action, Delete, Plan, SeatbeltOff, SeatbeltOn, WaitQuiet, WatchWorkspaces
from ks_reset.model import actions as verbs
from ks_reset.plan.again import connection_flags
from ks_reset.plan.playbook import Playbook
from ks_reset.report.runbook.commands import command_of
from ks_reset.report.runbook.files import Part, part_files, shared_files
from ks_reset.report.runbook.shell import Site, as_comment
from ks_reset.report.runbook.sites import sites_of
from ks_reset.steps import STEPS

INLINE = 1
"""Objects of one type whose commands are shown in the document; the script has all."""
CLUSTERS = 3
"""Clusters of one step shown in the document; the scripts of the others are named."""


class VerbText(Struct, frozen=True, forbid_unknown_fields=True):
    """What the commands of a verb print, what to do if they fail, and how it is taken back."""

    prints: str
    otherwise: str
    back: str


class Shown(Struct, frozen=True):
    """The work on one cluster as the document shows it: the script, how many objects, and examples as commands."""

    cluster: str
    script: str
    counts: str
    commands: tuple[str, ...]


class Chapter(Struct, frozen=True):
    """One step. `before` is the check that proves the step before it, `after` its own; "" for none.

    `minutes` are an estimate from `data/rates.yaml`. `is_last_exit` is true for the first step that deletes.
    """

    number: int
    step: str
    place: str
    why: str
    before: str = ""
    after: str = ""
    shown: tuple[Shown, ...] = ()
    folded: tuple[str, ...] = ()
    texts: tuple[VerbText, ...] = ()
    minutes: int = 0
    is_last_exit: bool = False
    rollback: tuple[str, ...] = ()


class Book(Struct, frozen=True):
    """A runbook: its plan and playbook, its chapters, and the files beside the document by their paths."""

    plan: Plan
    playbook: Playbook
    chapters: tuple[Chapter, ...]
    sites: dict[str, Site]
    files: dict[str, str] = field(default_factory=dict)

    @property
    def minutes(self) -> int:
        """The sum of the estimates."""
        return sum(chapter.minutes for chapter in self.chapters)

    @property
    def flags(self) -> str:
        """The flags of ks-reset for the clusters of the plan, quoted."""
        return connection_flags(self.plan)


def make_book(plan: Plan, playbook: Playbook) -> Book:
    """The runbook of a plan. Nothing is read and nothing is written."""
    sites = sites_of(plan)
    names = {cluster.identity: cluster.name for cluster in plan.clusters}
    by_step: dict[str, dict[str, list[Action]]] = {}
    for action in plan.actions:
        by_step.setdefault(action.step, {}).setdefault(action.cluster, []).append(action)
    chapters, files, before, belted, deletes = [], shared_files(plan, sites), "", False, False
    for number, entry in enumerate(playbook.steps, 1):
        mine = by_step.get(entry.step, {})
        chapter = Chapter(number, entry.step, entry.why, STEPS[entry.step].why)
        if mine:
            stem = f"{number:02}-{entry.step}"
            parts = [Part(stem, names[c], sites[c], actions) for c, actions in mine.items()]
            flat = [action for actions in mine.values() for action in actions]
            is_on = any(isinstance(action, SeatbeltOn) for action in flat)
            is_off = any(isinstance(action, SeatbeltOff) for action in flat)
            files |= part_files(parts, before, belted=(belted and not is_off) or is_on)
            first = not deletes and any(isinstance(action, Delete) for action in flat)
            chapter = _chapter(chapter, parts, before, first)
            before, belted, deletes = chapter.after, (belted or is_on) and not is_off, deletes or first
        chapters.append(chapter)
    return Book(plan, playbook, tuple(chapters), sites, files)


def _chapter(empty: Chapter, parts: Sequence[Part], before: str, first: bool) -> Chapter:
    words = dict.fromkeys(action.verb for part in parts for action in part.actions)
    return msgspec.structs.replace(
        empty,
        before=before,
        after=parts[0].check,
        shown=tuple(map(_shown, parts[:CLUSTERS])),
        folded=tuple(part.script for part in parts[CLUSTERS:]),
        texts=tuple(verb_texts()[word] for word in words),
        minutes=ceil(sum(map(_seconds, parts)) / 60),
        is_last_exit=first,
        rollback=tuple(part.rollback for part in parts if part.rollback),
    )


def _shown(part: Part) -> Shown:
    commands: list[str] = []
    counts: list[str] = []
    for (word, kind), group in groupby(part.actions, lambda a: (a.word, a.kind)):
        mine = list(group)
        counts.append(f"{word} {len(mine)} {kind.kind}")
        if len(mine) > INLINE:
            commands.append(as_comment(f"{word}: {len(mine)} {kind.key}; the first:"))
        commands += [command_of(action, part.site) for action in mine[:INLINE]]
    return Shown(part.cluster, part.script, ", ".join(counts), tuple(commands))


def _seconds(part: Part) -> float:
    rates, kinds = _rates(), {action.kind.key for action in part.actions}
    waits = [a.seconds for a in part.actions if isinstance(a, WaitQuiet)]
    watches = [a.seconds for a in part.actions if isinstance(a, verbs.WaitStable | WatchWorkspaces)]
    return len(part.actions) * rates["request"] + len(kinds) * rates["check"] + max(waits, default=0) + sum(watches)


@cache
def verb_texts() -> dict[str, VerbText]:
    """The texts of all verbs, by verb."""
    return decode_yaml_as(_data("verbs.yaml"), dict[str, VerbText])


@cache
def _rates() -> dict[str, float]:
    return decode_yaml_as(_data("rates.yaml"), dict[str, float])


def _data(name: str) -> bytes:
    return (Path(__file__).parent / "data" / name).read_bytes()
