"""A plan as a table: for each step and cluster the verb, the number of objects and their types."""

from collections import Counter
from collections.abc import Callable, Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ks_reset.catalogue.names import CRD_KEY
from ks_reset.model import VERBS, Action, Plan, PlannedConsequence, Scale, Target
from ks_reset.plan import playbook as playbooks
from ks_reset.report.data import data_lines, without_lines
from ks_reset.report.marks import mark_lines
from ks_reset.report.plan_names import deletion_lines, lines_on_no_return

NAMES = 3
WHOSE = {
    "kubesphere": "KubeSphere's",
    "controller": "made by controllers",
    "ending": "in deletion already",
    "": "changed or made, not lost",
    "given up": "given up by a flag",
    "user": "a user's",
    "unknown": "of unknown origin",
}
USERS = ("given up", "user", "unknown")
"""Those to be named one by one."""
SHOWN = 20
"""Objects kept for one reason that are named; the JSON of the plan has them all."""


def show_plan(plan: Plan, console: Console, verbose: bool, complete: Callable[[str], str] = str) -> None:
    """Print the table, the kept objects and the sum; with `verbose` every object and the reason.

    `complete` adds the flags of the call to the commands in a sentence.
    """
    if not plan.actions:
        console.print(f"Nothing to do: {plan.playbook} finds no action that is needed.")
        return
    names = {c.identity: c.name for c in plan.clusters}
    table = Table(title=f"Plan {plan.playbook}", title_justify="left")
    for column in ("step", "clusters", "action", "each", "what"):
        table.add_column(column, overflow="fold", justify="right" if column == "each" else "left")
    by_verb, by_fate = _actions_by_verb(plan.actions), _consequences_by_fate(plan.foreseen)
    for step in plan.steps:
        rows = [
            (verb.word, names[cluster], str(len(actions)), _reasons_of(actions) if verbose else _summary_of(actions))
            for (at, cluster, verb), actions in by_verb.items()
            if at == step
        ]
        for word, where, count, what in _merge_clusters(rows):
            table.add_row(step, where, word, count, escape(what))
        rows = [
            (f"follows: {fate}", name, str(len(effects)), _effect_lines(effects) if verbose else _kind_counts(effects))
            for (at, name, fate), effects in by_fate.items()
            if at == step
        ]
        for word, where, count, what in _merge_clusters(rows):
            table.add_row(step, where, word, count, escape(what), style="dim")
    console.print(table)
    _print_notes(plan, console, verbose)
    console.print(totals_line(plan))
    for line in lines_on_no_return(plan):
        console.print(complete(line), markup=False, soft_wrap=True)
    if fallback := fallback_of(plan):
        console.print(f"If a watched object is deleted or recreated, the playbook {fallback} runs at once by itself.")
    restore = "ks-reset plan restore --run NAME gives back what was recorded."
    console.print(complete(f"The journal keeps changed and deleted objects. {restore}"), markup=False, soft_wrap=True)


def _print_notes(plan: Plan, console: Console, verbose: bool) -> None:
    """Print what is lost, kept and accepted, and how the installation differs from the previous one."""
    for line in deletion_lines(plan):
        console.print(line, markup=False, style="red")
    for line in _lines_of_loss(plan):
        console.print(line, markup=False, style="bold")
    for line in (*data_lines(plan), *without_lines(plan, verbose)):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    for line in mark_lines(plan):
        console.print(line, markup=False, highlight=False)
    for line in _kept_lines(plan, verbose):
        console.print(line, markup=False, soft_wrap=True)
    if plan.material.install and plan.material.install.differs:
        console.print(plan.material.install.differs, markup=False, highlight=False)
    if plan.request.accepted:
        console.print(
            f"accepted: the loss of {', '.join(plan.request.accepted)} once the seatbelt is off", markup=False
        )


def _kept_lines(plan: Plan, verbose: bool) -> Iterable[str]:
    """A line for each object that is kept; without `verbose` one for many on a cluster with the same reason.

    Types of one API group are named together.
    """
    groups: dict[tuple[str, str], list[str]] = {}
    for kept in plan.kept:
        groups.setdefault((kept.cluster, kept.why), []).append(kept.object)
    for (cluster, why), objects in groups.items():
        names = objects if verbose else list(_folded_types(objects))
        shown = names if verbose or len(names) <= SHOWN else names[:SHOWN]
        yield from (f"kept on {cluster}: {name}: {why}" for name in shown)
        if len(names) > len(shown):
            yield f"kept on {cluster}: {len(names) - len(shown)} more (-v shows all): {why}"


def _folded_types(titles: Iterable[str]) -> Iterable[str]:
    """The titles, with one for all types of an API group where they are more than NAMES."""
    by_group: dict[str, list[str]] = {}
    for title in titles:
        key, _, name = title.partition(" ")
        by_group.setdefault(name.partition(".")[2] if key == CRD_KEY else title, []).append(title)
    for group, same in by_group.items():
        if len(same) > NAMES:
            yield f"{len(same)} types of {group} (-v names each)"
        else:
            yield from same


def fallback_of(plan: Plan) -> str:
    """The fallback playbook of the plan; "" for none."""
    return playbooks.load_playbook(plan.playbook).back if plan.playbook in playbooks.playbook_names() else ""


def totals_line(plan: Plan) -> str:
    """`2 to scale, 31 to remove marks, 120 to delete, 67 follow from that, none of them a user's, on host, test.`"""
    counts: Counter[type[Target]] = Counter(type(action) for action in plan.actions if action.writes)
    writes = ", ".join(f"{counts[verb]} to {verb.word}" for verb in VERBS if verb in counts)
    return f"{writes}{_following(plan.foreseen)}, on {', '.join(c.name for c in plan.clusters)}."


def _following(effects: Iterable[PlannedConsequence]) -> str:
    """`, 67 follow from that (60 KubeSphere's, 7 made by controllers), none of them a user's`; "" without any."""
    counts = Counter(effect.whose for effect in effects)
    if not counts:
        return ""
    parts = ", ".join(f"{counts[whose]} {words}" for whose, words in WHOSE.items() if counts[whose])
    lost = sum(counts[whose] for whose in USERS)
    none = "" if lost else ", none of them a user's"
    return f", {sum(counts.values())} follow from that ({parts}){none}"


def _lines_of_loss(plan: Plan) -> Iterable[str]:
    """A line by name for each object of users or of unknown origin that goes."""
    for effect in plan.foreseen:
        if effect.whose in USERS:
            yield f"lost on {effect.cluster}: {effect.object} ({WHOSE[effect.whose]}): {effect.why}"


Row = tuple[str, str, str, str]


def _merge_clusters(rows: Iterable[Row]) -> list[Row]:
    """One row for all clusters with the same word, count and text; the count is that of each cluster."""
    merged: dict[tuple[str, str, str], list[str]] = {}
    for word, where, count, what in rows:
        merged.setdefault((word, count, what), []).append(where)
    return [(word, ", ".join(where), count, what) for (word, count, what), where in merged.items()]


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


def _effect_lines(effects: list[PlannedConsequence]) -> str:
    return "\n".join(f"{effect.object}: {effect.why}" for effect in effects)


def _kind_counts(effects: list[PlannedConsequence]) -> str:
    counts = Counter(effect.object.partition(" ")[0].partition(".")[0] for effect in effects)
    return ", ".join(f"{count} {kind}" for kind, count in counts.most_common())


def _summary_of(actions: list[Action]) -> str:
    """Names if there are few, else how many of each type."""
    if len(actions) <= NAMES:
        return ", ".join(_short_name(action) for action in actions)
    kinds = Counter(action.kind.kind for action in actions)
    return ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())


def _reasons_of(actions: list[Action]) -> str:
    return "\n".join(f"{_short_name(action)}: {action.why}" for action in actions)


def _short_name(action: Action) -> str:
    where = f"{action.namespace}/" if action.namespace else ""
    replicas = f" to {action.replicas}" if isinstance(action, Scale) else ""
    return f"{action.kind.kind} {where}{action.name}{replicas}"
