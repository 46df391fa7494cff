"""What proves that a step is done: lines of `state.tmpl` that a cluster must have, or must not have any more."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import assert_never

from msgspec import Struct

from ks_reset.model import Action, Kind, Marks
from ks_reset.model import actions as verbs
from ks_reset.report.runbook.commands import file_word, lock_reads, seatbelt_file
from ks_reset.report.runbook.shell import BUILT_IN, Site, quote_word, resource_word


class Check(Struct, frozen=True):
    """A call of `lib.sh`, and the file it needs, by its name below `checks/`."""

    call: str
    file: str = ""
    lines: tuple[str, ...] = ()


def checks_of(stem: str, actions: Sequence[Action], site: Site) -> list[Check]:
    """The checks for actions of one verb on one cluster; `stem` begins the names of their files."""
    checks: list[Check] = []
    for kind, mine in groupby(sorted(actions, key=lambda a: a.kind.resource), lambda a: a.kind):
        found = list(mine)
        for word, lines in (("absent", _lines(found, gone=True)), ("present", _lines(found, gone=False))):
            if lines:
                checks.append(_listed_check(word, stem, kind, lines, site))
        checks += [Check(call) for action in found for call in _calls(action, site)]
    return checks


def _listed_check(word: str, stem: str, kind: Kind, lines: tuple[str, ...], site: Site) -> Check:
    file = f"{stem}.{file_word(kind.resource)}.{word}"
    custom = "" if kind.group in BUILT_IN else " custom"
    call = f"{word} {quote_word(site.context)} {quote_word(kind.resource)} checks/{file}{custom}"
    return Check(call, file, lines)


def _lines(actions: Iterable[Action], *, gone: bool) -> tuple[str, ...]:
    return tuple(f"{a.uid} {line}" for a in actions if a.uid for line in (_gone if gone else _there)(a))


def _gone(action: Action) -> Iterable[str]:
    match action:
        case verbs.Delete():
            yield "exists"
        case verbs.RemoveMarks():
            yield from mark_lines(action.all_marks)
        case verbs.Scale() if not action.replicas:
            yield "runs"
        case _:
            return


def _there(action: Action) -> Iterable[str]:
    match action:
        case verbs.AddMarks():
            yield from mark_lines(action.marks)
        case verbs.Scale() if action.replicas:
            yield "runs"
        case _:
            return


def mark_lines(marks: Marks) -> Iterable[str]:
    """The lines of `state.tmpl` for marks, without the UID before each."""
    yield from (f"label {key}" for key in marks.labels)
    yield from (f"annotation {key}" for key in marks.annotations)
    yield from (f"finalizer {name}" for name in marks.finalizers)
    yield from (f"owner {owner['kind']} {owner['name']}" for owner in marks.owners)


def _calls(action: Action, site: Site) -> Iterable[str]:
    """Checks of single objects, for what no list of UIDs can tell."""
    context, about = quote_word(site.context), resource_word(action.kind, action.name)
    inside = f" -n {quote_word(action.namespace)}" if action.namespace else ""
    match action:
        case verbs.SeatbeltOn():
            yield f"belted {context}"
        case verbs.SeatbeltOff():
            yield f"silent {site.kubectl()} get -f {quote_word(seatbelt_file(site))} --ignore-not-found -o name"
        case verbs.WaitQuiet():
            yield f"quiet {context} {quote_word(action.namespace)} {quote_word(action.name)}"
            yield from (f"unmoved {quote_word(read)}" for read in lock_reads(action, site))
        case verbs.StopConversion():
            yield f"prints None {site.kubectl()} get {about} -o jsonpath='{{.spec.conversion.strategy}}'"
        case verbs.RestoreFinalizer():
            yield f"prints kubernetes {site.kubectl()} get {about} -o jsonpath='{{.spec.finalizers[0]}}'"
        case verbs.Create() | verbs.WaitReady() | verbs.WaitStable() | verbs.InstallChart():
            name = quote_word(action.name)
            if not isinstance(action, verbs.InstallChart):
                yield f"prints {name} kubectl --context {context}{inside} get {about} -o jsonpath='{{.metadata.name}}'"
        case verbs.Delete() if not action.uid:
            yield f"silent {site.kubectl(action.namespace)} get {about} --ignore-not-found -o name"
        case verbs.Delete() | verbs.Scale() | verbs.RemoveMarks() | verbs.AddMarks() | verbs.WatchWorkspaces():
            return
        case unknown:
            assert_never(unknown)
