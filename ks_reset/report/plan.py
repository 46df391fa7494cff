"""A plan as a table: per step and cluster, what is done to how many of which type."""

from collections import Counter
from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ks_reset.model import Action, Plan, Verb

NAMES = 4
WORD = {
    Verb.SCALE: "scale",
    Verb.STRIP: "strip marks",
    Verb.DELETE: "delete",
    Verb.QUIET: "wait until quiet",
    Verb.WATCH: "watch",
}


def show(plan: Plan, console: Console, verbose: bool) -> None:
    """The table, what is kept, and the sum."""
    if not plan.actions:
        console.print(f"Nothing to do: {plan.playbook} finds no action that is needed.")
        return
    names = {c.identity: c.name for c in plan.clusters}
    table = Table(title=f"Plan {plan.playbook}", title_justify="left", expand=False)
    for column in ("step", "cluster", "action", "type", "count", "objects"):
        table.add_column(column, overflow="fold", justify="right" if column == "count" else "left")
    for (step, cluster, verb, kind), actions in _groups(plan.actions).items():
        table.add_row(step, names[cluster], WORD[verb], kind, str(len(actions)), escape(_objects(actions, verbose)))
    console.print(table)
    for kept in plan.kept:
        console.print(f"kept on {kept.cluster}: {kept.object}: {kept.why}", markup=False)
    console.print(totals(plan))
    console.print(
        "Deleted objects get a before-image in the journal; deleted custom resources are not brought back by it."
    )


def totals(plan: Plan) -> str:
    """`2 to scale, 31 to strip of marks, 120 to delete, on host and test.`"""
    counts = Counter(a.verb for a in plan.actions if a.writes)
    said = ", ".join(
        f"{counts[verb]} to {WORD[verb]}" for verb in (Verb.SCALE, Verb.STRIP, Verb.DELETE) if counts[verb]
    )
    return f"{said}, on {' and '.join(c.name for c in plan.clusters)}."


def _groups(actions: Iterable[Action]) -> dict[tuple[str, str, Verb, str], list[Action]]:
    groups: dict[tuple[str, str, Verb, str], list[Action]] = {}
    for a in actions:
        groups.setdefault((a.step, a.cluster, a.verb, a.kind.key), []).append(a)
    return groups


def _objects(actions: list[Action], verbose: bool) -> str:
    names = [_name(a, verbose) for a in actions]
    shown = names if verbose else names[:NAMES]
    more = f", … {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return ("\n" if verbose else ", ").join(shown) + more


def _name(action: Action, verbose: bool) -> str:
    name = f"{action.namespace}/{action.name}".lstrip("/")
    if action.verb is Verb.SCALE:
        name += f" to {action.replicas}"
    return f"{name}: {action.why}" if verbose else name
