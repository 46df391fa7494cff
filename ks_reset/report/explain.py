"""An explanation as text: the future of one object, link by link."""

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape

from ks_reset.language import join_sentences, join_words, translate, translate_phrase, translate_word
from ks_reset.model import Outcome
from ks_reset.report.commands import wrap_prose
from ks_reset.report.titles import count_text, without_api_groups
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
            return translate_phrase("makes {0} an owner of {1}", without_api_groups(link.cause), it)
        case "unties", _:
            return translate_phrase("takes the owner off {0}", it)
        case "lets go of", field:
            own = translate(link.why.partition(": ")[0]) if ": " in link.why else ""
            return translate_phrase("takes {0} off {1}", own or translate_phrase("its entry in {0}", field), it)
        case "makes", _:
            return translate_phrase("makes {0}", it)
        case "changes", "metadata.finalizers":
            return translate_phrase("puts its finalizer on {0}", it)
        case "changes", "spec.placement":
            return translate_phrase("marks {0} as its own", it)
        case "changes", _ if key and link.actor != "somebody":
            return translate_phrase("takes the label {0} off {1}", key, it)
        case "changes", _ if key:
            return translate_phrase("sets the label {0} of {1}", key, it)
        case other, _:
            return f"{translate_word(other)} {it}"


def link_reason(link: Link) -> str:
    """The reason of a link, as a clause."""
    why = link.why.partition(": ")[2] if link.deed == "lets go of" and ": " in link.why else link.why
    return without_api_groups(why)


def link_sentence(link: Link, refused: str = "") -> str:
    """A link as a sentence: actor, predicate, cluster, reason, field."""
    named = link.actor.startswith(("kubefed", "ks-", "somebody"))
    actor = translate_word(link.actor)
    who = actor if named else translate_phrase("the {0}", actor)
    done = f"{who[0].upper()}{who[1:]}" if not named or link.actor == "somebody" else who
    about = (done, link_predicate(link), link.cluster)
    if refused:
        why = translate(without_api_groups(refused))
        return translate_phrase("{0} {1} on {2}, which the API server refuses: {3}.", *about, why)
    field = f" [{link.field}]" if link.field not in ("", "DELETE", "CREATE") else ""
    return f"{translate_phrase('{0} {1} on {2}: {3}.', *about, translate(link_reason(link)))}{field}"


def print_explanation(explanation: Explanation, console: Console, verbose: bool) -> None:
    """Print the object, its future with the chain, the time, other losses, and the cure."""
    e = explanation
    head = f"[bold]{escape(e.object)}[/bold]"
    console.print(translate_phrase("{0} on {1}: {2}", head, escape(e.cluster), e.state))
    for mark in e.marks:
        text = translate_phrase("{0}: {1}", f"{mark.field} = {mark.value}", translate(without_api_groups(mark.means)))
        for line in wrap_prose(text, console.width, 2, 4):
            console.print(line, markup=False, soft_wrap=True)
    console.print(f"\n[{STYLE[e.verdict]}]{escape(explanation_headline(e))}[/]")
    for line in (*_chain_lines(e.fates, verbose), *_blocker_lines(e)):
        console.print(line, markup=False)
    console.print(translate_phrase("[bold]when:[/bold] {0}", _said(e.sooner)))
    if e.also:
        console.print(translate_phrase("[bold]also:[/bold] {0}", _said(_other_losses(e, verbose))))
    for cure in e.cure:
        console.print(translate_phrase("[bold]cure:[/bold] {0}", _said(cure)), soft_wrap=True)
    for gap in e.unknown:
        console.print(translate_phrase("[bold magenta]unknown:[/] {0}", _said(gap)))
    if e.unknown:
        console.print("What could not be read may change all of this: neither present nor absent.")


def _said(text: str) -> str:
    return escape(translate(without_api_groups(text)))


def explanation_headline(e: Explanation) -> str:
    """`If kubefed restarts, Namespace shop on host is lost: deleted.`"""
    given = translate_phrase("If {0}, ", translate(as_clause(e.events))) if e.events else ""
    again = translate_phrase("; an object of its name is made anew, with a new UID") if e.again else ""
    seen = [effect.detail for effect in e.fates if effect.fate in (Outcome.CHANGED, Outcome.STUCK) and effect.detail]
    details = join_words(translate(without_api_groups(detail)) for detail in seen)
    more = translate_phrase(": {0}", details) if seen else ""
    what, says = without_api_groups(e.object), translate_word(SAYS[e.verdict])
    given = given or translate_phrase("If nothing is done, ")
    return f"{given}{translate_phrase('{0} on {1} {2}', what, e.cluster, says)}{again}{more}{translate_phrase('.')}"


def _chain_lines(fates: Iterable[Consequence], verbose: bool) -> Iterable[str]:
    for effect in fates:
        for n, link in enumerate(effect.chain, 1):
            last = effect.fate is Outcome.REFUSED and n == len(effect.chain)
            yield f"  {n}. {link_sentence(link, effect.detail if last else '')}"
            if verbose and link.source:
                yield f"     {link.source}"


def _blocker_lines(e: Explanation) -> Iterable[str]:
    for hold in e.holds:
        unknown = not hold.runs and hold.who != "nobody"
        who = translate(agent_words(hold.who)) + (translate_phrase(", which is not known to run") if unknown else "")
        what, release = translate(without_api_groups(hold.what)), translate(without_api_groups(hold.release))
        yield "  " + translate_phrase("{0} is held: {1}.", without_api_groups(hold.object), what)
        yield "     " + translate_phrase("Let go by {0}, once: {1}.", who, release)


def _other_losses(e: Explanation, verbose: bool) -> str:
    users = sum(loss.protected for loss in e.also)
    kinds = join_words(count_text(count, key.partition(".")[0]) for key, count in e.counts.items())
    named = [loss for loss in e.also if verbose or loss.object.startswith("Namespace ")]
    shown = named if verbose else named[:SHOWN]
    what = join_words(translate_phrase("{0} on {1}", without_api_groups(x.object), x.cluster) for x in shown)
    more = translate_phrase(" and {0} more", len(named) - len(shown)) if len(named) > len(shown) else ""
    listed = ""
    if what:
        listed = translate_phrase("All of them: {0}.", what) if verbose else ""
        listed = listed or translate_phrase("These are among them: {0}{1}.", what, more)
    told = translate_phrase("{0} other object(s) are lost, {1} of them users': {2}.", len(e.also), users, kinds)
    return join_sentences(told, listed)
