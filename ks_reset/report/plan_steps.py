"""The steps of a plan by number: for each cluster the verb, the number of objects and their types, and what follows."""

from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec import Struct

from ks_reset.language import join_words, translate, translate_phrase, translate_word
from ks_reset.model import (
    Action,
    AddMarks,
    Create,
    Delete,
    InstallChart,
    Plan,
    PlannedConsequence,
    RestoreFinalizer,
    Scale,
    SeatbeltOff,
    SeatbeltOn,
    Target,
)
from ks_reset.report.commands import wrap_counts
from ks_reset.report.plan_names import first_without_return
from ks_reset.report.titles import consequence_reason, count_text, step_title, without_api_groups

NAMES = 3
MARGIN, TEXT = 6, 8
"""The columns of the sign of a line and of its text."""
NEW = (AddMarks, Create, InstallChart, RestoreFinalizer, SeatbeltOn)


class StepLine(Struct, frozen=True):
    """A line of the screen and its style, as rich has it."""

    text: str
    style: str = ""


class Row(Struct, frozen=True):
    """What is done on some clusters in a step, or follows there: `what` has a line for each object if it is verbose."""

    sign: str
    style: str
    word: str
    count: int
    what: tuple[str, ...]


def step_lines(plan: Plan, width: int, *, verbose: bool) -> Iterator[StepLine]:
    """The numbered steps with something to do, each with its rows, and a line before the first without a way back."""
    names = {cluster.identity: cluster.name for cluster in plan.clusters}
    actions, effects = _actions_by_verb(plan.actions), _consequences_by_fate(plan.foreseen)
    no_return = first_without_return(plan)
    for number, step in enumerate(plan.steps, 1):
        rows = [
            (_row_of(verb, mine, verbose=verbose), names[cluster])
            for (at, cluster, verb), mine in actions.items()
            if at == step
        ]
        rows += [
            (_effects_row(fate, mine, verbose=verbose), cluster)
            for (at, cluster, fate), mine in effects.items()
            if at == step
        ]
        if step == no_return:
            warning = translate_phrase("--- no way back from here on for some of it: see below ---")
            yield StepLine(f"{' ' * MARGIN}{warning}", "bold red")
        if rows:
            yield StepLine(f"{number:>4}  {step_title(step)}", "bold")
        for row, clusters in _merge_clusters(rows):
            yield from _row_lines(row, clusters, width)


def _row_lines(row: Row, clusters: list[str], width: int) -> Iterator[StepLine]:
    column = MARGIN if row.sign else TEXT
    where = translate_phrase("{0}: {1}", join_words(clusters), row.word)
    head = f"{row.sign}{row.sign and ' '}{where}"
    each = translate_phrase(" on each") if len(clusters) > 1 and row.count > 1 else ""
    first, *more = row.what
    texts = [(f"{head} {row.count}{each}", column), *((line, TEXT + 2) for line in row.what)]
    for text, at in texts if more else [(f"{head} {first}{each}", column)]:
        for line in wrap_counts(text, width, at, max(at, TEXT) + 2):
            yield StepLine(line, row.style)


def _row_of(verb: type[Target], actions: list[Action], *, verbose: bool) -> Row:
    sign, style = _sign_of(verb)
    if verbose:
        what = tuple(translate_phrase("{0}: {1}", _short_name(each), translate(each.why)) for each in actions)
    elif len(actions) <= NAMES:
        what = (join_words(_short_name(action) for action in actions),)
    else:
        what = (counts_text(action.kind.kind for action in actions),)
    return Row(sign, style, translate_word(verb.word), len(actions), what)


def _sign_of(verb: type[Target]) -> tuple[str, str]:
    """As terraform has them: what is made, changed and deleted; a wait changes nothing."""
    if issubclass(verb, Delete):
        return "-", "red"
    if issubclass(verb, NEW):
        return "+", "green"
    return ("~", "yellow") if verb.writes or issubclass(verb, SeatbeltOff) else ("", "cyan")


def _effects_row(fate: str, effects: list[PlannedConsequence], *, verbose: bool) -> Row:
    if verbose:
        what = tuple(
            translate_phrase("{0}: {1}", without_api_groups(each.object), consequence_reason(each.why))
            for each in effects
        )
    else:
        what = (counts_text(effect.object.partition(" ")[0].partition(".")[0] for effect in effects),)
    return Row("", "dim", translate_phrase("follows: {0}", translate_word(fate)), len(effects), what)


def counts_text(kinds: Iterable[str]) -> str:
    """`26 CustomResourceDefinition, 2 ClusterRole`, the most first."""
    return join_words(count_text(count, kind) for kind, count in Counter(kinds).most_common())


def _merge_clusters(rows: Iterable[tuple[Row, str]]) -> Iterator[tuple[Row, list[str]]]:
    """One row for all clusters with the same one."""
    merged: dict[Row, list[str]] = {}
    for row, cluster in rows:
        merged.setdefault(row, []).append(cluster)
    yield from merged.items()


def _actions_by_verb(actions: Iterable[Action]) -> dict[tuple[str, str, type[Target]], list[Action]]:
    """The actions by step, cluster and verb."""
    groups: dict[tuple[str, str, type[Target]], list[Action]] = {}
    for action in actions:
        groups.setdefault((action.step, action.cluster, type(action)), []).append(action)
    return groups


def _consequences_by_fate(
    effects: Iterable[PlannedConsequence],
) -> dict[tuple[str, str, str], list[PlannedConsequence]]:
    """The consequences by step, cluster and fate."""
    groups: dict[tuple[str, str, str], list[PlannedConsequence]] = {}
    for effect in effects:
        groups.setdefault((effect.step, effect.cluster, effect.fate), []).append(effect)
    return groups


def _short_name(action: Action) -> str:
    where = f"{action.namespace}/" if action.namespace else ""
    replicas = translate_phrase(" to {0}", action.replicas) if isinstance(action, Scale) else ""
    return f"{action.kind.kind} {where}{action.name}{replicas}"
