"""A plan as a table: per step and cluster, what is done to how many of which type."""

from collections import Counter
from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ks_reset.model import Action, Plan, PlannedConsequence, Verb
from ks_reset.model.plan import WRITES
from ks_reset.plan import playbook as playbooks

NAMES = 3
WORD = {
    Verb.SCALE: "scale",
    Verb.STRIP: "strip marks",
    Verb.DELETE: "delete",
    Verb.MARK: "mark",
    Verb.CREATE: "create",
    Verb.INSTALL: "install by helm",
    Verb.READY: "wait until it works",
    Verb.STEADY: "see that it stays",
    Verb.QUIET: "wait until quiet",
    Verb.WATCH: "watch",
    Verb.FASTEN: "seatbelt on",
    Verb.LOOSEN: "seatbelt off",
}


def show(plan: Plan, console: Console, verbose: bool) -> None:
    """The table, what is kept, and the sum; with `verbose` a row for every object, and why."""
    if not plan.actions:
        console.print(f"Nothing to do: {plan.playbook} finds no action that is needed.")
        return
    names = {c.identity: c.name for c in plan.clusters}
    table = Table(title=f"Plan {plan.playbook}", title_justify="left")
    for column in ("step", "clusters", "action", "each", "what"):
        table.add_column(column, overflow="fold", justify="right" if column == "each" else "left")
    groups, following = _groups(plan.actions), _following(plan.foreseen)
    for step in plan.steps:
        rows = [
            (WORD[verb], names[cluster], str(len(actions)), _each(actions) if verbose else _summary(actions))
            for (_, cluster, verb), actions in ((key, found) for key, found in groups.items() if key[0] == step)
        ]
        for said, where, count, shown in _alike(rows):
            table.add_row(step, where, said, count, escape(shown))
        rows = [
            (f"follows: {fate}", name, str(len(found)), _reasons(found) if verbose else _kinds(found))
            for (_, name, fate), found in ((key, found) for key, found in following.items() if key[0] == step)
        ]
        for said, where, count, shown in _alike(rows):
            table.add_row(step, where, said, count, escape(shown), style="dim")
    console.print(table)
    for kept in plan.kept:
        console.print(f"kept on {kept.cluster}: {kept.object}: {kept.why}", markup=False)
    if plan.options.install and plan.options.install.differs:
        console.print(plan.options.install.differs, markup=False, highlight=False)
    console.print(totals(plan))
    if way := back(plan):
        console.print(f"Should something that has to stay not stay, the playbook {way} runs at once and by itself.")
    console.print("The journal keeps what is changed or deleted as it was; restore gives back what was recorded.")


def back(plan: Plan) -> str:
    """The playbook that runs by itself in danger; "" for none."""
    return playbooks.load(plan.playbook).back if plan.playbook in playbooks.names() else ""


def totals(plan: Plan) -> str:
    """`2 to scale, 31 to strip of marks, 120 to delete, 67 follow from that, nothing protected; on host and test.`"""
    counts = Counter(a.verb for a in plan.actions if a.writes)
    said = ", ".join(f"{counts[verb]} to {WORD[verb]}" for verb in WRITES if counts[verb])
    follow = f", {len(plan.foreseen)} follow from that, none of them a user's" if plan.foreseen else ""
    return f"{said}{follow}, on {', '.join(c.name for c in plan.clusters)}."


Row = tuple[str, str, str, str]


def _alike(rows: Iterable[Row]) -> list[Row]:
    """One row for all clusters on which the same is done to as many; the count is that of each."""
    merged: dict[tuple[str, str, str], list[str]] = {}
    for said, where, count, shown in rows:
        merged.setdefault((said, count, shown), []).append(where)
    return [(said, ", ".join(where), count, shown) for (said, count, shown), where in merged.items()]


def _reasons(found: list[PlannedConsequence]) -> str:
    return "\n".join(f"{f.object}: {f.why}" for f in found)


def _groups(actions: Iterable[Action]) -> dict[tuple[str, str, Verb], list[Action]]:
    groups: dict[tuple[str, str, Verb], list[Action]] = {}
    for a in actions:
        groups.setdefault((a.step, a.cluster, a.verb), []).append(a)
    return groups


def _following(foreseen: Iterable[PlannedConsequence]) -> dict[tuple[str, str, str], list[PlannedConsequence]]:
    """What others do in answer, by step, cluster and fate."""
    groups: dict[tuple[str, str, str], list[PlannedConsequence]] = {}
    for each in foreseen:
        groups.setdefault((each.step, each.cluster, each.fate), []).append(each)
    return groups


def _kinds(found: list[PlannedConsequence]) -> str:
    counts = Counter(each.object.partition(" ")[0].partition(".")[0] for each in found)
    return ", ".join(f"{count} {kind}" for kind, count in counts.most_common())


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
