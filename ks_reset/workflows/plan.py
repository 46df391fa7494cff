"""A plan as it is shown and saved: nothing blocks it, and nothing that follows from it touches what is protected."""

from pathlib import Path

from ks_reset.errors import Unknown, Usage
from ks_reset.facts import federation
from ks_reset.facts.orphan_secrets import orphans
from ks_reset.findings import blocking
from ks_reset.model import FleetFacts, Options, Plan, PlannedConsequence
from ks_reset.plan import file as plan_file
from ks_reset.plan import make as planning
from ks_reset.plan.deferred import left, leftover
from ks_reset.plan.playbook import Playbook
from ks_reset.report.console import err
from ks_reset.simulation import StepConsequence, foresee, harmless


def planned(playbook: Playbook, facts: FleetFacts, options: Options) -> Plan:
    """Raises Usage for names that mean nothing here.

    Raises Refused or Unknown with the finding, or the chain of consequences, that stands against the plan.
    """
    _named(playbook, facts, options)
    _given(playbook, facts, options)
    blocking(playbook, facts, options)
    if playbook.scope == "fleet":
        options = options.with_request(later=(*options.request.later, *left(facts, options)))
    plan = planning.make(playbook, facts, options)
    silent = federation.unknown(facts.host) if playbook.needs in ("", "memory") else []
    if silent and not any(action.writes for action in plan.actions):
        raise Unknown(
            f"{playbook.name} finds nothing to do, but what the record {silent[0].record} reaches is not known "
            f"({silent[0].reach}: {silent[0].detail or silent[0].endpoint}). kubefed may reach it from inside. Run "
            "this where that address answers, or mend the record."
        )
    found = foresee(plan, facts)
    harmless(plan, found)
    return planning.foreseen(plan, tuple(_short(each) for each in found))


def beside(plan: Plan, facts: FleetFacts, path: Path) -> None:
    """Save a plan beside this one for each member that is left for later, and say so."""
    for each in leftover(plan, facts):
        cluster = each.clusters[-1]
        file = path.with_name(f"{path.stem}.later-{cluster.name}.json")
        plan_file.save(each, file)
        who = cluster.identity or "not recorded"
        err().print(
            f"Left for later: {cluster.name} (kube-system UID {who}). When it answers: ks-reset plan {file} "
            "--context ITS-CONTEXT -o now.json, and apply that.",
            markup=False,
        )


def _named(playbook: Playbook, facts: FleetFacts, options: Options) -> None:
    host = facts.host
    members = {w.name for w in facts.members} | {m.name for m in facts.missing}
    records = {o.name for key in (federation.CLUSTER, federation.RECORD) for o in host.of(key)}
    if playbook.scope == "record":
        if {"all", "none"} & set(options.request.members):
            raise Usage(f"{playbook.name} needs to know which: --members NAME. Records: {_list(records)}.")
        _known(set(options.request.members), records, "member")
    else:
        _known(set(options.request.members) - {"all", "none"}, members, "member with a context")
    alone = not (members or host.of(federation.RECORD))
    if playbook.scope == "member" and not alone and {"all", "none"} & set(options.request.members):
        raise Usage(
            f"{playbook.name} needs to know which: --members NAME, with --member NAME=CONTEXT. Members with a context: "
            f"{_list(members)}. Records: {_list(records)}."
        )
    if playbook.scope == "host":
        _known(set(options.request.records), {d.record for d in host.dials} | {s.name for s in orphans(host)}, "record")
    _known(
        set(options.request.shared) - set(options.request.later),
        {w.name for w in facts.members},
        "member with a context",
    )


def _given(playbook: Playbook, facts: FleetFacts, options: Options) -> None:
    memory = options.material.memory
    if playbook.needs == "memory" and memory is None:
        raise Usage(
            f"{playbook.name} needs to know what there was: --memory SNAPSHOT, from before KubeSphere went. An "
            "uninstall keeps one in its journal, before.json.gz; ks-reset snapshot -o makes one."
        )
    if playbook.needs == "past" and not options.material.past:
        raise Usage(f"{playbook.name} needs to know of which run: --run NAME, as apply has said at its end.")
    known = {world.identity for world in facts.clusters}
    if strange := {past.cluster for past in options.material.past} - known:
        names = ", ".join(sorted(strange))
        raise Usage(f"The run was on other clusters too (kube-system UID {names}): name them with --member.")
    if memory and memory.host != facts.host.identity:
        raise Usage(
            f"The memory is of another fleet: its host has the kube-system UID {memory.host}, the context "
            f"{facts.host.context} reaches {facts.host.identity}."
        )


def _known(asked: set[str], there: set[str], what: str) -> None:
    if strange := asked - there:
        raise Usage(f"There is no {what} {min(strange)}. There are: {_list(there)}.")


def _list(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _short(each: StepConsequence) -> PlannedConsequence:
    last = each.effect.chain[-1]
    why = f"{last.actor} {last.deed} it: {last.why}" + (f"; {each.effect.detail}" if each.effect.detail else "")
    return PlannedConsequence(each.step, each.effect.cluster, each.effect.object, each.effect.fate, why)
