"""A plan as a table: per step and cluster, what is done to how many of which type."""

from collections import Counter
from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ks_reset.model import Action, Plan, Verb

NAMES = 3
WORD = {
    Verb.SCALE: "scale",
    Verb.STRIP: "strip marks",
    Verb.DELETE: "delete",
    Verb.QUIET: "wait until quiet",
    Verb.WATCH: "watch",
}


def show(plan: Plan, console: Console, verbose: bool) -> None:
    """The table, what is kept, and the sum; with `verbose` a row for every object, and why."""
    if not plan.actions:
        console.print(f"Nothing to do: {plan.playbook} finds no action that is needed.")
        return
    names = {c.identity: c.name for c in plan.clusters}
    table = Table(title=f"Plan {plan.playbook}", title_justify="left")
    for column in ("step", "cluster", "action", "count", "what"):
        table.add_column(column, overflow="fold", justify="right" if column == "count" else "left")
    for (step, cluster, verb), actions in _groups(plan.actions).items():
        shown = _each(actions) if verbose else _summary(actions)
        table.add_row(step, names[cluster], WORD[verb], str(len(actions)), escape(shown))
    console.print(table)
    for kept in plan.kept:
        console.print(f"kept on {kept.cluster}: {kept.object}: {kept.why}", markup=False)
    console.print(totals(plan))
    console.print(
        "The journal keeps a before-image of each object that is changed or deleted; deletions are not undone."
    )


def totals(plan: Plan) -> str:
    """`2 to scale, 31 to strip of marks, 120 to delete, on host and test.`"""
    counts = Counter(a.verb for a in plan.actions if a.writes)
    said = ", ".join(
        f"{counts[verb]} to {WORD[verb]}" for verb in (Verb.SCALE, Verb.STRIP, Verb.DELETE) if counts[verb]
    )
    return f"{said}, on {' and '.join(c.name for c in plan.clusters)}."


def _groups(actions: Iterable[Action]) -> dict[tuple[str, str, Verb], list[Action]]:
    groups: dict[tuple[str, str, Verb], list[Action]] = {}
    for a in actions:
        groups.setdefault((a.step, a.cluster, a.verb), []).append(a)
    return groups


def _summary(actions: list[Action]) -> str:
    """Names where there are few, else how many of which type."""
    if len(actions) <= NAMES:
        return ", ".join(_name(a) for a in actions)
    kinds = Counter(a.kind.kind for a in actions)
    return ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())


def _each(actions: list[Action]) -> str:
    return "\n".join(f"{_name(a)}: {a.why}" for a in actions)


def _name(action: Action) -> str:
    where = f"{action.namespace}/" if action.namespace else ""
    replicas = f" to {action.replicas}" if action.verb is Verb.SCALE else ""
    return f"{action.kind.kind} {where}{action.name}{replicas}"
