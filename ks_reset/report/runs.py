"""Runs as text: a list, one run with its steps, and its journal line by line."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct
from rich.console import Console

from ks_reset.escape import one_line
from ks_reset.journal.chain import FIELD
from ks_reset.language import translate_phrase, translate_word
from ks_reset.model import Body, PlanCluster
from ks_reset.report.commands import INDENT, message_lines
from ks_reset.report.plan import totals_line
from ks_reset.report.titles import ending_text, step_title
from ks_reset.workflows.runs import ClusterLock, RunRecord, RunState

NOT_SHOWN = frozenset({"at", "event", "action", FIELD})
NAMED = 10
"""Actions left that are named; -v names all."""
DIGITS = 16


class StepState(Struct, frozen=True):
    """A step of a run: its number, how many of its actions have ended, and the time of the last."""

    number: int
    step: str
    done: int
    actions: int
    ended: str


def print_runs(states: Sequence[RunState], console: Console) -> None:
    """Print two lines for each run."""
    for state in states:
        console.print(f"{state.run}  {_standing(state)}", markup=False, soft_wrap=True)
        _print_message(
            console,
            translate_phrase(
                "playbook {0}, digest {1}, {2}, begun {3}{4}",
                state.playbook,
                state.digest[:DIGITS],
                _progress(state),
                _time(state.begun),
                translate_phrase(", ended {0}", _time(state.ended)) if state.ended else "",
            ),
        )
        for sentence in state.unread:
            _print_message(console, one_line(sentence))


def _print_message(console: Console, text: str, column: int = INDENT) -> None:
    """Print a message from this column on: wrapped at a terminal, with each command on a line of its own."""
    width = console.width if console.is_terminal else 0
    for line in message_lines(text, width, column, width) if width else [f"{' ' * column}{text}"]:
        console.print(line, markup=False, soft_wrap=True)


def lock_lines(locks: Iterable[ClusterLock], now: datetime) -> Iterator[str]:
    """A sentence for each cluster: who works on it now."""
    for lock in locks:
        if lock.why:
            yield f"{lock.cluster}: who works on it is unknown: {lock.why}"
        elif not lock.holder:
            yield f"{lock.cluster}: no run works on it now."
        elif lock.is_held(now):
            yield f"{lock.cluster}: {lock.holder} works on it now, lock renewed {_time(lock.renewed)}."
        else:
            yield (
                f"{lock.cluster}: {lock.holder} has not renewed its lock since {_time(lock.renewed)}: that run was "
                "killed, or the clocks differ."
            )


def print_run(record: RunRecord, state: RunState, go_on: str, console: Console, verbose: bool) -> None:
    """Print the plan in a line, each step with what is done, what is left, and the commands of the way on."""
    print_runs([state], console)
    for start in (entry for entry in record.entries if entry["event"] == "run"):
        call = start.get("call") or translate_phrase("call unknown")
        about = (_time(start.get("at", "")), start.get("by", ""), call)
        _print_message(console, translate_phrase("started {0} by {1}: {2}", *about))
    if reason := record.ending.get("why"):
        _print_message(console, translate_phrase("{0}: {1}", translate_word(state.state), ending_text(str(reason))))
    if record.plan is None:
        return
    _print_message(console, translate_phrase("Plan: {0}", totals_line(record.plan)), 0)
    for step in step_states(record):
        mark = "✓" if step.done == step.actions or not record.left(step.step) else "…" if step.done else " "
        console.print(
            f"  {step.number:>2} {mark} {step_title(step.step)}: "
            f"{translate_phrase('{0} of {1}', step.done, step.actions)}"
            f"{f', {_time(step.ended)}' if step.ended else ''}",
            markup=False,
            soft_wrap=True,
        )
    _print_left(record, console, verbose)
    if go_on:
        _print_message(console, "Go on with it (the clusters are read anew, and only what is still needed is sent):", 0)
        console.print(f"  {go_on}", markup=False, soft_wrap=True)


def _print_left(record: RunRecord, console: Console, verbose: bool) -> None:
    left, names = record.left(), _names(record)
    if not left:
        console.print("Nothing of it is left.")
        return
    shown = left if verbose else left[:NAMED]
    console.print(translate_phrase("Left by the journal: {0} action(s)", len(left)))
    for action in shown:
        _print_message(
            console,
            f"{step_title(action.step)}  {names.get(action.cluster, action.cluster)}  "
            f"{translate_word(action.verb)} {action.target}",
        )
    if len(left) > len(shown):
        console.print(translate_phrase("  and {0} more; -v names all.", len(left) - len(shown)))


def step_states(record: RunRecord) -> list[StepState]:
    """The steps of the plan that have actions, in order, with their numbers in the plan."""
    ended, states = record.ended, []
    for number, step in enumerate(record.plan.steps if record.plan else (), 1):
        mine = [action.id for action in record.plan.actions if action.step == step] if record.plan else []
        times = [ended[each] for each in mine if each in ended]
        if mine:
            done = len(mine) if record.is_done else len(times)
            states.append(StepState(number, step, done, len(mine), max(times, default="")))
    return states


def journal_lines(record: RunRecord) -> Iterator[str]:
    """A line for each entry of the journal: its time, the event, and what it is about."""
    names = _names(record)
    for number, entry in enumerate(record.lines, 1):
        if entry is None:
            yield f"line {number} of the journal cannot be read"
            continue
        about = _about(entry, names)
        yield one_line(f"{_time(str(entry.get('at', '')))}  {entry['event']:<9}  {about}").rstrip()


def _about(entry: Body, names: dict[str, str]) -> str:
    action = entry.get("action")
    if isinstance(action, dict):
        kind = action.get("kind") or {}
        key = ".".join(filter(None, (str(kind.get("kind", "")), str(kind.get("group", ""))))) if kind else ""
        place = f"{action['namespace']}/" if action.get("namespace") else ""
        words = [str(action.get("step", "")), str(action.get("cluster", "")), str(action.get("verb", ""))]
        text = " ".join((*words, key, f"{place}{action.get('name', '')}"))
    else:
        known = {k: v for k, v in entry.items() if k not in NOT_SHOWN and not isinstance(v, list | dict)}
        more = "  ".join(f"{key}: {value}" for key, value in known.items() if value not in ("", None))
        text = "  ".join(filter(None, (str(action or ""), more)))
    for identity, name in names.items():
        text = text.replace(identity, name)
    return text


def _names(record: RunRecord) -> dict[str, str]:
    clusters: tuple[PlanCluster, ...] = record.plan.clusters if record.plan else ()
    return {cluster.identity: cluster.name for cluster in clusters if cluster.identity}


def _standing(state: RunState) -> str:
    code = "" if state.exit is None else translate_phrase(", exit code {0}", state.exit)
    return f"{translate_word(state.state)}{code}{f': {state.holder}' if state.holder else ''}"


def _progress(state: RunState) -> str:
    if state.actions:
        return translate_phrase("{0} of {1} actions", state.done, state.actions)
    return translate_phrase("{0} action(s) done", state.done)


def _time(text: str) -> str:
    """`2026-11-30 20:04:11 UTC`, of a time in ISO 8601; the text itself if it is none."""
    try:
        return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M:%S} UTC"
    except ValueError:
        return text or "at an unknown time"
