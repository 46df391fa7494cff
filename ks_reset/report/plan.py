"""A plan as a screen: its steps by number, what goes by name, what stays, what has no way back, and how long it takes.

Prose is wrapped to the screen; a command stands on a line of its own, however long, so that it can be copied.
"""

from collections import Counter
from collections.abc import Callable, Iterable

from rich.console import Console

from ks_reset.language import join_words, translate_phrase, translate_word
from ks_reset.model import VERBS, Plan, PlannedConsequence, Target
from ks_reset.plan import playbook as playbooks
from ks_reset.report.commands import INDENT, command_spans, message_lines, wrap_counts
from ks_reset.report.data import data_lines, without_lines
from ks_reset.report.marks import mark_lines
from ks_reset.report.plan_kept import kept_lines
from ks_reset.report.plan_names import deletion_lines, folded_deletion_lines, lines_on_no_return
from ks_reset.report.plan_steps import step_lines
from ks_reset.report.plan_time import time_sentence
from ks_reset.report.titles import consequence_reason, count_text

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


def show_plan(
    plan: Plan, console: Console, verbose: bool, complete: Callable[[str], str] = str, untouched: Iterable[str] = ()
) -> None:
    """Print the steps, what goes, what stays and the sum; with `verbose` every object and the reason.

    `complete` adds the flags of the call to the commands in a sentence. `untouched` are sentences on the rest of the
    fleet, from its facts.
    """
    if not plan.actions:
        console.print(f"Nothing to do: {plan.playbook} finds no action that is needed.")
        return
    clusters = join_words(
        translate_phrase("{0} {1} ({2})", translate_word(cluster.role), cluster.name, cluster.version)
        for cluster in reversed(plan.clusters)
    )
    _print_lines(console, [translate_phrase("Plan {0} of {1}", plan.playbook, clusters)], "bold")
    console.print(f"\n{translate_phrase('Steps: + makes, ~ changes, - deletes')}", style="bold", markup=False)
    for line in step_lines(plan, console.width, verbose=verbose):
        console.print(line.text, style=line.style, markup=False, soft_wrap=True)
    _print_section(console, "Deleted, by name", [*deletion_lines(plan), *folded_deletion_lines(plan)], "red")
    _print_section(console, "Lost", list(_lines_of_loss(plan)), "bold red")
    _print_section(console, "Data and access", [*data_lines(plan), *without_lines(plan, verbose)])
    _print_section(console, "Marks taken off", list(mark_lines(plan)))
    _print_section(console, "Kept", [*untouched, *kept_lines(plan, verbose)], "green")
    if plan.material.install and plan.material.install.differs:
        console.print(plan.material.install.differs, markup=False, highlight=False)
    if plan.request.accepted:
        _print_lines(console, [f"accepted: the loss of {', '.join(plan.request.accepted)} once the seatbelt is off"])
    _print_section(console, "Keep before you apply", [complete(line) for line in lines_on_no_return(plan)], "bold red")
    _print_section(console, "In all", [totals_line(plan), time_sentence(plan), *_last_lines(plan, complete)])


def _last_lines(plan: Plan, complete: Callable[[str], str]) -> Iterable[str]:
    if fallback := fallback_of(plan):
        yield f"If a watched object is deleted or recreated, the playbook {fallback} runs at once by itself."
    restore = "To give back what was recorded: ks-reset plan restore --run NAME"
    yield complete(f"The journal keeps changed and deleted objects. {restore}")
    yield translate_phrase("Digest: {0}", plan.digest)


def _print_section(console: Console, title: str, lines: list[str], style: str = "") -> None:
    """Print a title and the lines below it; nothing without a line."""
    if lines:
        console.print(f"\n{translate_word(title)}", style="bold", markup=False)
        _print_lines(console, lines, style, INDENT)


def _print_lines(console: Console, lines: Iterable[str], style: str = "", column: int = 0) -> None:
    """Print lines from this column on, and what was indented by so much more."""
    width = console.width
    for line in lines:
        at = column + len(line) - len(line.lstrip())
        wrapped = (
            message_lines(line.strip(), width, at, width)
            if any(command_spans(line))
            else wrap_counts(line.strip(), width, at, at + INDENT)
        )
        for each in wrapped:
            console.print(each, style=style, markup=False, highlight=False, soft_wrap=True)


def fallback_of(plan: Plan) -> str:
    """The fallback playbook of the plan; "" for none."""
    return playbooks.load_playbook(plan.playbook).back if plan.playbook in playbooks.playbook_names() else ""


def totals_line(plan: Plan) -> str:
    """`2 to scale, 31 to remove marks, 120 to delete, 67 follow from that, none of them a user's, on host, test.`"""
    counts: Counter[type[Target]] = Counter(type(action) for action in plan.actions if action.writes)
    writes = join_words(
        translate_phrase("{0} to {1}", counts[verb], translate_word(verb.word)) for verb in VERBS if verb in counts
    )
    where = join_words(cluster.name for cluster in plan.clusters)
    return translate_phrase("{0}{1}, on {2}.", writes, _following(plan.foreseen), where)


def _following(effects: Iterable[PlannedConsequence]) -> str:
    """`, 67 follow from that (60 KubeSphere's, 7 made by controllers), none of them a user's`; "" without any."""
    counts = Counter(effect.whose for effect in effects)
    if not counts:
        return ""
    parts = join_words(
        count_text(counts[whose], translate_word(words)) for whose, words in WHOSE.items() if counts[whose]
    )
    lost = sum(counts[whose] for whose in USERS)
    none = "" if lost else translate_phrase(", none of them a user's")
    return translate_phrase(", {0} follow from that ({1}){2}", sum(counts.values()), parts, none)


def _lines_of_loss(plan: Plan) -> Iterable[str]:
    """A line by name for each object of users or of unknown origin that goes."""
    for effect in plan.foreseen:
        if effect.whose in USERS:
            about = (effect.cluster, effect.object, translate_word(WHOSE[effect.whose]), consequence_reason(effect.why))
            yield translate_phrase("lost on {0}: {1} ({2}): {3}", *about)
