"""ks-reset explain: the future of one object, with its causes and blockers."""

import enum
import os
import shlex
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated

import typer
from msgspec import structs

from ks_reset.catalogue.names import (
    CONFIG_MAP_KEY,
    CRD_KEY,
    DEPLOYMENT_KEY,
    NAMESPACE_KEY,
    PERSISTENT_VOLUME_CLAIM_KEY,
    PERSISTENT_VOLUME_KEY,
    SERVICE_ACCOUNT_KEY,
    SERVICE_KEY,
)
from ks_reset.cli import options as o
from ks_reset.cli.flags import flag
from ks_reset.cli.way_on import complete_commands, current_call
from ks_reset.errors import FEW, LOOK, Correction, Exit, Unknown, Usage, corrected_to
from ks_reset.model import GROUP_GAP, LIST_GAP, ClusterFacts, FleetFacts, Kind, Obj
from ks_reset.report import explain as report
from ks_reset.report import picture
from ks_reset.report.console import print_document, stdout_console
from ks_reset.simulation.explain import Explanation, explain_object

NAME = "explain"
EXAMPLES = ('Example: ks-reset explain namespace/shop --context prod --if "kubefed restarts"',)
SHORT = {
    "ns": NAMESPACE_KEY,
    "deploy": DEPLOYMENT_KEY,
    "svc": SERVICE_KEY,
    "cm": CONFIG_MAP_KEY,
    "pvc": PERSISTENT_VOLUME_CLAIM_KEY,
    "pv": PERSISTENT_VOLUME_KEY,
    "sa": SERVICE_ACCOUNT_KEY,
    "crd": CRD_KEY,
}
NEAREST = 5


class Output(enum.StrEnum):
    """How an explanation is written to stdout; dot and svg are pictures of its chain."""

    TEXT = "text"
    JSON = "json"
    DOT = "dot"
    SVG = "svg"


What = Annotated[str, typer.Argument(metavar="KIND/NAME", help="The object, as kubectl takes it: namespace/shop.")]
Namespace = Annotated[str, flag("--namespace", "-n", text="Its namespace, if it is in one.")]
In = Annotated[str, flag("--cluster", text="Which cluster of the fleet. (default: the host)")]
Format = Annotated[Output, flag("--output", "-o", text="Format of the result.")]


def _events_of_environment() -> list[str]:
    """The events in KS_RESET_IF, separated by semicolons: an event contains blanks."""
    return [event.strip() for event in os.environ.get("KS_RESET_IF", "").split(";") if event.strip()]


If = Annotated[
    list[str],
    typer.Option(
        "--if",
        default_factory=_events_of_environment,
        show_default=False,
        metavar="EVENT",
        help="Suppose this first; may be repeated. [env var: KS_RESET_IF, parted by ;]",
    ),
]


def command(
    what: What,
    event: If,
    namespace: Namespace = "",
    cluster: In = "",
    snapshot: o.Snapshot = None,
    output: Format = Output.TEXT,
    verbose: o.Verbose = False,
    *,
    connection: o.Connection,
) -> None:
    """Say what would happen to one object if nothing is done, or an event comes. Sends only GET and LIST.

    Exits 0 if the object stays, 3 if it would be lost, changed or stuck, 5 if something could not be read.
    """
    facts = connection.read_facts(snapshot)
    world, obj = find_object(facts, what, namespace, cluster)
    explanation = complete_explanation(explain_object(facts, world.identity, obj, event))
    match output:
        case Output.TEXT:
            report.print_explanation(explanation, stdout_console(), verbose)
        case Output.JSON:
            print_document(explanation, output)
        case Output.DOT:
            typer.echo(picture.render_dot(explanation), nl=False)
        case Output.SVG:
            typer.echo(picture.render_svg(explanation), nl=False)
    if explanation.unknown:
        raise typer.Exit(Exit.UNKNOWN)
    raise typer.Exit(Exit.OK if explanation.verdict == "stays" else Exit.PENDING)


def complete_explanation(explanation: Explanation) -> Explanation:
    """The explanation with complete commands in its cures, and in what lets a blocker go."""
    call = current_call()
    cures = tuple(complete_commands(cure, call) for cure in explanation.cure)
    holds = tuple(structs.replace(h, command=complete_commands(h.command, call)) for h in explanation.holds)
    return structs.replace(explanation, cure=cures, holds=holds)


def find_object(facts: FleetFacts, what: str, namespace: str, cluster: str) -> tuple[ClusterFacts, Obj]:
    """The object KIND/NAME and its cluster.

    Raises Usage if there is none, or several; Unknown if a list with it could not be read.
    """
    asked, slash, name = what.partition("/")
    if not (asked and slash and name):
        raise Usage(f"'{what}' is not KIND/NAME, such as namespace/shop.", Correction(what, "KIND/NAME"))
    worlds = _clusters_named(facts, cluster)
    kind = _kind_named(what, worlds)
    named = [(w, obj) for w in worlds for obj in w.of(kind.key) if obj.name == name]
    nearby = [(w, obj) for w, obj in named if not obj.namespace or obj.namespace == (namespace or obj.namespace)]
    at_host = [(w, obj) for w, obj in nearby if w is facts.host]
    chosen = at_host or nearby
    if not chosen:
        raise _absence_error(kind, what, namespace, worlds)
    if len(chosen) > 1:
        places = ", ".join(f"{obj.namespace or 'no namespace'} on {w.name}" for w, obj in chosen)
        several = f"{kind.resource}/{name} is there several times: {places}. Say which with -n and --cluster."
        spaces = {f"--namespace {obj.namespace}" for _, obj in chosen}
        ways = spaces if len(spaces) > 1 else {f"--cluster {w.name}" for w, _ in chosen}
        raise Usage(several, *(Correction("", way) for way in sorted(ways)[:FEW]))
    return chosen[0]


def _clusters_named(facts: FleetFacts, cluster: str) -> Sequence[ClusterFacts]:
    """The host first."""
    worlds = (facts.host, *facts.members)
    named = [w for w in worlds if cluster in (w.name, w.identity)]
    if cluster == "host" and not named:
        named = [facts.host]
    if cluster and not named:
        there = ", ".join(w.name for w in worlds)
        known = corrected_to((w.name for w in worlds), cluster, "--cluster")
        raise Usage(f"There is no cluster '{cluster}' in this fleet. There are: {there}.", *known)
    return named or worlds


def _kind_named(what: str, worlds: Sequence[ClusterFacts]) -> Kind:
    """The kind of KIND/NAME as kubectl reads it: a core type wins over its namesakes, since it has no longer name."""
    asked, _, name = what.partition("/")
    wanted = SHORT.get(asked.lower(), asked).lower()
    served = {kind.key: kind for world in reversed(worlds) for kind in world.kinds.values()}
    kinds = [k for k in served.values() if wanted in {n.lower() for n in (k.kind, k.plural, k.key, k.resource)}]
    kinds = [kind for kind in kinds if not kind.group] or kinds
    if len(kinds) == 1:
        return kinds[0]
    if kinds:
        names = ", ".join(sorted(kind.resource for kind in kinds))
        called = [Correction(what, f"{kind.resource}/{name}") for kind in kinds[:FEW]]
        raise Usage(f"'{asked}' is ambiguous. Say one of: {names}.", *called)
    group = wanted.partition(".")[2]
    for gap in (gap for world in worlds for gap in world.gaps if gap.what.startswith(f"{GROUP_GAP}{group}")):
        why = gap.why.rstrip(".")
        raise Unknown(f"Whether there is a type '{asked}' is unknown: {gap.what} does not answer: {why}. {LOOK}")
    near = get_close_matches(wanted, sorted({n for k in served.values() for n in (k.plural, k.resource)}), NEAREST)
    called = [Correction(what, f"{kind}/{name}") for kind in near[:1] or ["KIND"]]
    raise Usage(f'no cluster here serves a type "{asked}"{_did_you_mean(near)}', *called)


def _absence_error(kind: Kind, what: str, namespace: str, worlds: Sequence[ClusterFacts]) -> Usage | Unknown:
    asked, _, name = what.partition("/")
    for world in worlds:
        for gap in (gap for gap in world.gaps if gap.what == f"{LIST_GAP}{kind.resource}"):
            why = gap.why.rstrip(".")
            return Unknown(f"Whether {kind.resource}/{name} is on {world.name} is unknown: {why}. {LOOK}")
    names = {f"{o.name}{_place(o, w, worlds)}": o.name for w in worlds for o in w.of(kind.key)}
    close = get_close_matches(name, sorted(set(names.values())), NEAREST, 0.5)
    near = [where for best in close for where, called in names.items() if called == best][:NEAREST]
    where = f" in namespace {namespace}" if namespace and kind.namespaced else ""
    fleet = f"{'cluster' if len(worlds) == 1 else 'clusters'} {', '.join(w.name for w in worlds)}"
    context = shlex.quote(worlds[0].context)
    listed = f" All of them: kubectl --context {context} get {kind.resource}{' -A' if kind.namespaced else ''}."
    said = f'{kind.kind.lower()} "{name}" not found{where} in {fleet}{_did_you_mean(near)}{listed}'
    return Usage(said, *(Correction(what, f"{asked}/{best}") for best in close[:1]))


def _place(obj: Obj, world: ClusterFacts, worlds: Sequence[ClusterFacts]) -> str:
    """Where an object of this name is: its namespace, and its cluster if there are several; "" for the only place."""
    space = f" in namespace {obj.namespace}" if obj.namespace else ""
    return f"{space} on {world.name}" if len(worlds) > 1 else space


def _did_you_mean(near: Sequence[str]) -> str:
    return f"; did you mean {', or '.join(near)}?" if near else "."
