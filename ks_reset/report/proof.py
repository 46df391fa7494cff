"""A verdict as text: leftovers, changes of bystanders, and a sentence."""

from collections.abc import Callable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ks_reset.language import translate, translate_phrase, translate_word
from ks_reset.model import FleetFacts
from ks_reset.report.commands import message_lines
from ks_reset.verify import Change
from ks_reset.workflows.verify import Verdict

SHOWN = 20


def print_verdict(
    verdict: Verdict, facts: FleetFacts, console: Console, verbose: bool, complete: Callable[[str], str] = str
) -> None:
    """Print a table of clusters, each leftover, each change, and a sentence."""
    table = Table(title=translate_word("Verify"), title_justify="left")
    for column in ("cluster", "objects read", "leftovers", "bystanders compared", "changed"):
        table.add_column(translate_word(column), justify="left" if column == "cluster" else "right")
    for world in facts.clusters:
        counts = verdict.proof.compared if verdict.proof else {}
        compared = str(counts.get(world.name, translate_word("no baseline")))
        changed = sum(c.cluster == world.name for c in verdict.proof.changes) if verdict.proof else 0
        leftovers = sum(item.cluster == world.name for item in verdict.leftovers)
        objects = sum(len(objs) for objs in world.objects.values())
        table.add_row(escape(world.name), str(objects), str(leftovers), compared, str(changed))
    console.print(table)
    shown = verdict.leftovers if verbose else verdict.leftovers[:20]
    for item in shown:
        console.print(f"left on {item.cluster}: {item.object}  {item.field} = {item.value}", markup=False)
    if len(verdict.leftovers) > len(shown):
        console.print(f"… and {len(verdict.leftovers) - len(shown)} more (-v shows all)")
    for change in verdict.proof.changes if verdict.proof else ():
        console.print(f"changed on {change.cluster}: {change.object} {change.what}", markup=False)
    _print_followed(verdict.proof.followed if verdict.proof else (), console, verbose)
    for gap in verdict.unknown:
        console.print(f"unknown: {gap}", markup=False)
    for sentence in verdict.uncompared:
        console.print(f"unknown: {sentence}", markup=False)
    _print_exceptions(verdict, console)
    _print_sentence(verdict, console, complete)


def _print_exceptions(verdict: Verdict, console: Console) -> None:
    """Print what stays by choice, and the members that the runs have left out or shared."""
    for name, count in verdict.installed.items():
        console.print(
            f"installed on {name}: KubeSphere is meant to stay; its {count} objects and marks are no leftovers "
            "(--removed lists them)",
            markup=False,
        )
    for kept in verdict.kept:
        console.print(f"kept on {kept.cluster}: {kept.object}: {kept.why}", markup=False)
    for name in verdict.later:
        console.print(
            f"left for later: the member {name} was not cleaned; it keeps its marks and a full-rights account"
        )
    for name in verdict.shared:
        console.print(
            f"shared: {name} keeps KubeSphere and another host's federation; only this host's traces were sought"
        )


def _print_followed(followed: tuple[Change, ...], console: Console, verbose: bool) -> None:
    """Print what other controllers cleaned up after pods, claims and volumes: no loss, and not silent either."""
    shown = followed if verbose else followed[:SHOWN]
    for change in shown:
        console.print(f"cleaned up by others on {change.cluster}: {change.object} {change.what}", markup=False)
    if len(followed) > len(shown):
        console.print(f"… and {len(followed) - len(shown)} more that follow from pods and claims (-v shows all)")


def verdict_text(verdict: Verdict) -> tuple[str, str]:
    """The verdict in a word, and the sentence after it; "" for none."""
    if verdict.unknown:
        return "Unknown", "Something could not be read, so nobody can call this clean."
    if verdict.uncompared:
        return "Unknown", "Bystanders were not compared, so nobody can call this clean."
    if not verdict.clean:
        return "Not clean", ""
    total = sum(verdict.proof.compared.values()) if verdict.proof else 0
    kept = f"{total} bystanders have the UID and content they had."
    if verdict.installed and not verdict.leftovers:
        return "Clean", f"{kept} Whether KubeSphere is in order tells: ks-reset doctor."
    return "Clean", f"No leftover by API discovery; {kept}"


def _print_sentence(verdict: Verdict, console: Console, complete: Callable[[str], str]) -> None:
    """Print the verdict in a word and what follows from it; at a terminal each command has a line of its own."""
    word, sentence = verdict_text(verdict)
    style = {"Clean": "bold green", "Unknown": "bold magenta"}.get(word, "bold red")
    if word == "Not clean":
        sentence = _way_on_from(verdict)
    told = translate(complete(sentence))
    if word == "Unknown" and told == sentence:
        told = f"{sentence[0].lower()}{sentence[1:]}"
    lead = (
        translate_phrase("{0}:", translate_word(word))
        if word == "Unknown"
        else translate_phrase("{0}.", translate_word(word))
    )
    text = f"{lead} {told}".rstrip()
    first, *more = message_lines(text, console.width, 0, console.width) if console.is_terminal else [text]
    console.print(f"[{style}]{escape(lead)}[/]{escape(first.removeprefix(lead))}", soft_wrap=True)
    for line in more:
        console.print(line, markup=False, soft_wrap=True)


def _way_on_from(verdict: Verdict) -> str:
    """What removes the leftovers; "" if there are none, for what has changed is not undone by a command."""
    seatbelt = "The seatbelt is still on. When nothing endangers users any more: ks-reset protect off."
    again = "What is left is removed by a new plan: ks-reset plan uninstall --out again.json."
    mine = [item.is_of_ks_reset for item in verdict.leftovers]
    return " ".join(filter(None, (seatbelt if any(mine) else "", again if not all(mine) else "")))
