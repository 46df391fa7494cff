"""What the commands of a finding's way on do in a state where it stops a playbook.

A command of ks-reset is typed on a snapshot of the state; a plan that it makes is carried out in the simulation. A
command of kubectl changes the facts (tests/findings/kubectl.py). A command got further if the finding does not stop the
playbook any more.
"""

import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from msgspec import structs
from typer.testing import CliRunner

from ks_reset import facts as reading
from ks_reset.catalogue.names import CLUSTER_KEY, CRD_KEY
from ks_reset.cli import app
from ks_reset.cli.way_on import Call, complete_commands
from ks_reset.errors import Exit, Refused, Unknown
from ks_reset.facts.dead_backends import conversion_service, unanswered_apis
from ks_reset.model import LIST_GAP, ClusterFacts, FleetFacts, Gap, Options
from ks_reset.plan.again import FLAGS, request_flags
from ks_reset.plan.file import load_plan
from ks_reset.report.commands import split_message
from ks_reset.simulation import State
from ks_reset.simulation.actions import apply_action
from ks_reset.simulation.reading import facts_of
from ks_reset.simulation.run import run_controllers
from tests.build import cluster
from tests.commands import TAKES, takes_all_flags
from tests.findings.kubectl import WRITES, carry_out
from tests.findings.stops import Stop
from tests.findings.test_cures import PLACEHOLDER, PLACEHOLDERS

SNAPSHOT, PLAN = "state.json.gz", "out.json"
INSTEAD = {"living-member": "the way on is another playbook for the same member, which has to be planned"}
"""The findings that stay."""


def commands_of(stop: Stop) -> list[str]:
    """The commands of the ways on as they are printed, with the flags of the call; without those with a placeholder."""
    given = (
        *(("--kubeconfig", ("k.yaml",)), ("--snapshot", (SNAPSHOT,)), ("--context", (stop.facts.host.context,))),
        *_choices(stop.options),
    )
    call = Call("plan", stop.playbook, given, TAKES)
    found = []
    for finding in stop.found():
        text = complete_commands(finding.cure.replace("plan PLAYBOOK", f"plan {stop.playbook}"), call)
        found += [part.text for part in split_message(text) if part.is_command]
    holes = {hole for name, hole in PLACEHOLDERS if name == stop.id and hole != "CONTEXT"}
    each = dict.fromkeys(one.strip() for text in found for one in text.split(" && "))
    return [command for command in each if not holes & {*PLACEHOLDER.findall(command)}]


def _choices(options: Options) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The flags of the request, as the call had them."""
    words = request_flags(options.request)
    for flag in dict.fromkeys(word for word in words if word.startswith("--")):
        yield flag, tuple(value for word, value in pairwise(words) if word == flag)


def gets_further(stop: Stop, command: str) -> Stop | None:
    """The state after a command; None for one that changes nothing, or is refused."""
    words = shlex.split(command)
    if words[0] == "kubectl":
        return _after_kubectl(stop, command)
    stop = _with_named_members(stop, words)
    if words[:2] != ["ks-reset", "plan"]:
        return None
    assert takes_all_flags(words), command
    options = _with_flags(stop.options, words)
    if words[2] == stop.playbook:
        later = {*options.request.later}
        missing = tuple(member for member in stop.facts.missing if member.name not in later)
        return structs.replace(stop, options=options, facts=structs.replace(stop.facts, missing=missing))
    return _after_plan(stop, words)


def _with_named_members(stop: Stop, words: list[str]) -> Stop:
    """The state with the members whose contexts the command names, as the operator knows them."""
    named = [value.partition("=")[0] for flag, value in pairwise(words) if flag == "--member"]
    dials = [*stop.facts.host.dials, *stop.facts.host.connections]
    members = tuple(_member(name, {d.identity for d in dials if d.record == name} - {""}) for name in named)
    return stop.with_facts(structs.replace(stop.facts, members=(*stop.facts.members, *members)))


def _member(name: str, identities: set[str]) -> ClusterFacts:
    return structs.replace(cluster(name, []), identity=next(iter(identities), f"uid-of-{name}"), context="CONTEXT")


def _after_kubectl(stop: Stop, command: str) -> Stop | None:
    words = [word for word in shlex.split(command) if word not in ("--kubeconfig", "k.yaml")]
    if not {*words} & {*WRITES}:
        return None
    try:
        return stop.with_facts(_joined(stop.facts, carry_out(stop.facts, shlex.join(words))))
    except ValueError:  # a command that another one has made needless
        return None


def _with_flags(options: Options, words: list[str]) -> Options:
    """The options with the choices that the words of a command make."""
    fields = {flag: field for field, flag in FLAGS.items()}
    chosen: dict[str, tuple[str, ...]] = {}
    for word, value in pairwise(words):
        if field := fields.get(word):
            values = tuple(value.split(",")) if field in ("members", "later", "shared", "only") else (value,)
            chosen[field] = (*chosen.get(field, ()), *values)
    return options.with_request(**chosen)


def _after_plan(stop: Stop, words: list[str]) -> Stop | None:
    """The state after the plan of another playbook: typed, and carried out in the simulation."""
    alone = _cluster_named(stop.facts, words)
    known = FleetFacts(stop.facts.tool, stop.facts.taken, alone, ()) if alone else stop.facts
    reading.save_snapshot(known, Path(SNAPSHOT))
    again = ["--snapshot", SNAPSHOT] if alone else []  # the facts of that cluster, which the command would read
    typed = CliRunner().invoke(app, [*words[1 : words.index("--out")], *again, "--out", PLAN], env={"COLUMNS": "200"})
    if isinstance(typed.exception, Refused | Unknown):
        return None
    assert typed.exit_code == Exit.OK, (words, typed.output, typed.exception)
    state = State.of(known)
    for action in load_plan(Path(PLAN)).actions:
        state, _ = apply_action(state, action)
    return stop.with_facts(_joined(stop.facts, facts_of(run_controllers(state).after)))


def _cluster_named(facts: FleetFacts, words: list[str]) -> ClusterFacts | None:
    """The member whose context a command names as that of the host."""
    context = words[words.index("--context") + 1]
    return next((member for member in facts.members if member.context == context), None)


def _joined(before: FleetFacts, after: FleetFacts) -> FleetFacts:
    """The whole fleet as it is afterwards: with the lists that can be read now, and without ways of lost records."""
    worlds = {cluster.identity: _with_mended_lists(before, cluster) for cluster in after.clusters}
    host = worlds.get(before.host.identity, before.host)
    members = tuple(worlds.get(member.identity, member) for member in before.members)
    return _without_lost_connections(structs.replace(before, host=host, members=members))


def _with_mended_lists(before: FleetFacts, now: ClusterFacts) -> ClusterFacts:
    """The cluster without the gaps of which the cause has gone: a dead conversion, or an API without a backend."""
    then = before.cluster(now.identity)
    broken = _explained(then) if then else {}
    left = _explained(now)
    mended = {gap for gap, cause in broken.items() if cause not in left.values()}
    return structs.replace(now, gaps=tuple(gap for gap in now.gaps if gap not in mended))


def _explained(cluster: ClusterFacts) -> dict[Gap, str]:
    """By gap, the CRD or APIService whose Service gives no answer."""
    apis = {gap: api.name for api, gap in unanswered_apis(cluster)}
    crds = [crd.name for crd in cluster.of(CRD_KEY) if conversion_service(crd)]
    return apis | {gap: name for gap in cluster.gaps for name in crds if gap.what == f"{LIST_GAP}{name}"}


def _without_lost_connections(facts: FleetFacts) -> FleetFacts:
    names = {obj.name for obj in facts.host.of(CLUSTER_KEY)}
    left = tuple(way for way in facts.host.connections if way.record in names)
    return structs.replace(facts, host=structs.replace(facts.host, connections=left))


def tried(stop: Stop) -> Iterator[tuple[str, bool, Stop]]:
    """Each command with whether the finding has gone after it, and the state then; kubectl's follow one another."""
    now = stop
    for command in commands_of(stop):
        by_hand = command.startswith("kubectl")
        if after := gets_further(now if by_hand else stop, command):
            now = after if by_hand else now
            yield command, stop.id in INSTEAD or not after.found(), after


def carried_out(facts: FleetFacts, text: str) -> FleetFacts:
    """The fleet after the commands of kubectl in a text that change objects."""
    commands = [part.text for part in split_message(text) if part.is_command]
    for command in (one.strip() for each in commands for one in each.split(" && ")):
        if command.startswith("kubectl ") and {*shlex.split(command)} & {*WRITES}:
            facts = carry_out(facts, command)
    return facts
