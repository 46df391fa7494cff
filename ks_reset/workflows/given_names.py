"""The names in the flags, and the inputs that a playbook needs: each is there, and is of these clusters."""

from ks_reset.catalogue.names import CLUSTER_KEY, KUBEFED_CLUSTER_KEY
from ks_reset.errors import NAME, Correction, Usage, corrected_to, left_out
from ks_reset.facts import federation
from ks_reset.facts.orphan_secrets import orphan_secrets
from ks_reset.model import FleetFacts, Options
from ks_reset.plan.playbook import Playbook
from ks_reset.workflows.choices import as_list

OTHER_HOST = Correction("--context", "--context CONTEXT")
OF_MEMORY = (Correction("--memory", "--memory SNAPSHOT"), OTHER_HOST)
"""The memory of this host, or the host of this memory."""


def require_known_names(playbook: Playbook, facts: FleetFacts, options: Options) -> None:
    """Raises Usage for a member or a record that does not exist, or none where the playbook needs one."""
    host, chosen = facts.host, options.request
    members = {w.name for w in facts.members} | {m.name for m in facts.missing}
    records = {o.name for key in (CLUSTER_KEY, KUBEFED_CLUSTER_KEY) for o in host.of(key)}
    own = {*federation.own_records(host)}
    if playbook.scope == "record":
        if {"all", "none"} & set(chosen.members):
            what = f"{playbook.name} needs to know which: --members NAME. Records: {as_list(records)}."
            raise Usage(what, *(corrected_to(records - own, "all", "--members") or [OTHER_HOST]))
        _require_known(set(chosen.members), records, "member", "--members")
        if strange := own & {*chosen.members}:
            what = f"{as_list(strange)} is the host itself, whose record stays. Records: {as_list(records - strange)}."
            raise Usage(what, *(corrected_to(records - own, min(strange), "--members") or [OTHER_HOST]))
    else:
        _require_known(set(chosen.members) - {"all", "none"}, members, "member with a context", "--members")
    alone = not (members or federation.is_host(host))
    if playbook.scope == "member" and not alone and {"all", "none"} & set(chosen.members):
        raise Usage(_which_member(playbook, facts, members, records))
    if playbook.scope == "host":
        _require_known(
            set(chosen.records),
            {d.record for d in host.dials} | {s.name for s in orphan_secrets(host)},
            "record",
            "--record",
        )
    _require_known(
        set(chosen.shared) - set(chosen.later),
        {w.name for w in facts.members},
        "member with a context",
        "--shared",
    )


def _which_member(playbook: Playbook, facts: FleetFacts, members: set[str], records: set[str]) -> str:
    """The choice between members, with the command for the first; a host alone is a member of another host only."""
    plan, context = f"ks-reset plan {playbook.name}", facts.host.context
    known = f"Members with a context: {as_list(members)}. Records: {as_list(records)}."
    if members:
        return f"{playbook.name} needs to know which: {plan} --members {min(members)} --out plan.json. {known}"
    own = {*federation.own_records(facts.host)}
    if others := records - own:
        name = min(others)
        return (
            f"{playbook.name} needs to know which, with a context that reaches it: {plan} --member {name}=CONTEXT "
            f"--members {name} --out plan.json. {known}"
        )
    return (
        f"{facts.host.name} is a host itself, without a member to work on. {known} If it is a member of another host "
        f"too, work from there: {plan} --context CONTEXT --member {facts.host.name}={context} --members "
        f"{facts.host.name} --out plan.json. To take KubeSphere off it: ks-reset plan uninstall --out plan.json."
    )


def require_inputs(playbook: Playbook, facts: FleetFacts, options: Options) -> None:
    """Raises Usage without the memory or the run that the playbook needs, or with those of another fleet."""
    memory = options.material.memory
    if playbook.needs == "memory" and memory is None:
        raise Usage(
            f"{playbook.name} needs to know what there was: --memory SNAPSHOT, from before KubeSphere went. An "
            "uninstall keeps one in its journal, before.json.gz; ks-reset snapshot --out memory.json.gz makes one.",
            Correction("", "--memory SNAPSHOT"),
        )
    if playbook.needs == "past" and not options.material.past:
        raise Usage(
            f"{playbook.name} needs to know of which run: --run NAME. These are known: ks-reset runs list.",
            Correction("", "--run NAME"),
        )
    known = {world.identity for world in facts.clusters}
    if strange := {past.cluster for past in options.material.past} - known:
        names = ", ".join(sorted(strange))
        what = f"The run was on other clusters too (kube-system UID {names}): name them with --member."
        raise Usage(what, Correction("", f"--member {NAME}=CONTEXT"))
    if memory and memory.host != facts.host.identity:
        raise Usage(
            f"The memory is of another fleet: its host has the kube-system UID {memory.host}, the context "
            f"{facts.host.context} reaches {facts.host.identity}.",
            *OF_MEMORY,
        )


def _require_known(names: set[str], known: set[str], what: str, flag: str) -> None:
    if strange := names - known:
        absent = min(strange)
        wider = flag == "--members"  # without it a playbook works on other members, or on the host
        ways = corrected_to(known, absent, flag) or (() if wider else left_out(f"{flag} {absent}"))
        raise Usage(f"There is no {what} {absent}. There are: {as_list(known)}.", *ways)
