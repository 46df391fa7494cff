"""An explanation as text: the future of one object, link by link."""

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape

from ks_reset.model import Outcome
from ks_reset.report.commands import wrap_prose
from ks_reset.report.titles import without_api_groups
from ks_reset.simulation.blockers import agent_words
from ks_reset.simulation.chains import Consequence, Link
from ks_reset.simulation.events import as_clause
from ks_reset.simulation.explain import Explanation

STYLE = {"stays": "bold green", "changed": "yellow", "stuck": "bold magenta", "lost": "bold red"}
SAYS = {"stays": "stays", "changed": "stays, but is changed", "stuck": "hangs in Terminating", "lost": "is lost"}
SHOWN = 12


def link_predicate(link: Link) -> str:
    """The predicate of a link: `takes the label kubefed.io/managed off Namespace shop`."""
    it, key = without_api_groups(link.object), link.field.partition("[")[2].rstrip("]")
    match link.deed, link.field:
        case "binds", _:
            return f"makes {without_api_groups(link.cause)} an owner of {it}"
        case "unties", _:
            return f"takes the owner off {it}"
        case "lets go of", field:
            own = link.why.partition(": ")[0] if ": " in link.why else ""
            return f"takes {own or f'its entry in {field}'} off {it}"
        case "makes", _:
            return f"makes {it}"
        case "changes", "metadata.finalizers":
            return f"puts its finalizer on {it}"
        case "changes", "spec.placement":
            return f"marks {it} as its own"
        case "changes", _ if key and link.actor != "somebody":
            return f"takes the label {key} off {it}"
        case "changes", _ if key:
            return f"sets the label {key} of {it}"
        case other, _:
            return f"{other} {it}"


def link_reason(link: Link) -> str:
    """The reason of a link, as a clause."""
    why = link.why.partition(": ")[2] if link.deed == "lets go of" and ": " in link.why else link.why
    return without_api_groups(why)


def link_sentence(link: Link, refused: str = "") -> str:
    """A link as a sentence: actor, predicate, cluster, reason, field."""
    who = link.actor if link.actor.startswith(("kubefed", "ks-", "somebody")) else f"the {link.actor}"
    done = f"{who[0].upper()}{who[1:]}" if who.startswith(("the ", "somebody")) else who
    done += f" {link_predicate(link)} on {link.cluster}"
    if refused:
        return f"{done}, which the API server refuses: {without_api_groups(refused)}."
    field = f" [{link.field}]" if link.field not in ("", "DELETE", "CREATE") else ""
    return f"{done}: {link_reason(link)}.{field}"


def print_explanation(explanation: Explanation, console: Console, verbose: bool) -> None:
    """Print the object, its future with the chain, the time, other losses, and the cure."""
    e = explanation
    console.print(f"[bold]{escape(e.object)}[/bold] on {escape(e.cluster)}: {e.state}")
    for mark in e.marks:
        for line in wrap_prose(f"{mark.field} = {mark.value}: {without_api_groups(mark.means)}", console.width, 2, 4):
            console.print(line, markup=False, soft_wrap=True)
    console.print(f"\n[{STYLE[e.verdict]}]{escape(explanation_headline(e))}[/]")
    for line in (*_chain_lines(e.fates, verbose), *_blocker_lines(e)):
        console.print(line, markup=False)
    console.print(f"[bold]when:[/bold] {escape(without_api_groups(e.sooner))}")
    if e.also:
        console.print(f"[bold]also:[/bold] {escape(_other_losses(e, verbose))}")
    for cure in e.cure:
        console.print(f"[bold]cure:[/bold] {escape(without_api_groups(cure))}", soft_wrap=True)
    for gap in e.unknown:
        console.print(f"[bold magenta]unknown:[/] {escape(gap)}")
    if e.unknown:
        console.print("What could not be read may change all of this: neither present nor absent.")


def explanation_headline(e: Explanation) -> str:
    """`If kubefed restarts, Namespace shop on host is lost: deleted.`"""
    given = f"If {as_clause(e.events)}, " if e.events else "If nothing is done, "
    again = "; an object of its name is made anew, with a new UID" if e.again else ""
    seen = [effect.detail for effect in e.fates if effect.fate in (Outcome.CHANGED, Outcome.STUCK) and effect.detail]
    more = f": {without_api_groups(', '.join(seen))}" if seen else ""
    return f"{given}{without_api_groups(e.object)} on {e.cluster} {SAYS[e.verdict]}{again}{more}."


def _chain_lines(fates: Iterable[Consequence], verbose: bool) -> Iterable[str]:
    for effect in fates:
        for n, link in enumerate(effect.chain, 1):
            last = effect.fate is Outcome.REFUSED and n == len(effect.chain)
            yield f"  {n}. {link_sentence(link, effect.detail if last else '')}"
            if verbose and link.source:
                yield f"     {link.source}"


def _blocker_lines(e: Explanation) -> Iterable[str]:
    for hold in e.holds:
        runs = "" if hold.runs else ", which is not known to run" if hold.who != "nobody" else ""
        yield f"  {without_api_groups(hold.object)} is held: {without_api_groups(hold.what)}."
        yield f"     Let go by {agent_words(hold.who)}{runs}, once: {without_api_groups(hold.release)}."


def _other_losses(e: Explanation, verbose: bool) -> str:
    users = sum(loss.protected for loss in e.also)
    kinds = ", ".join(f"{count} {key.partition('.')[0]}" for key, count in e.counts.items())
    named = [loss for loss in e.also if verbose or loss.object.startswith("Namespace ")]
    shown = named if verbose else named[:SHOWN]
    what = ", ".join(f"{without_api_groups(loss.object)} on {loss.cluster}" for loss in shown)
    more = f" and {len(named) - len(shown)} more" if len(named) > len(shown) else ""
    listed = (
        f" These are among them: {what}{more}." if what and not verbose else f" All of them: {what}." if what else ""
    )
    return f"{len(e.also)} other object(s) are lost, {users} of them users': {kinds}.{listed}"
