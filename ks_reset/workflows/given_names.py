"""The names in the flags, and the inputs that a playbook needs: each is there, and is of these clusters."""

from ks_reset.catalogue.names import CLUSTER_KEY, KUBEFED_CLUSTER_KEY
from ks_reset.errors import Usage
from ks_reset.facts import federation
from ks_reset.facts.orphan_secrets import orphan_secrets
from ks_reset.model import FleetFacts, Options
from ks_reset.plan.playbook import Playbook
from ks_reset.workflows.choices import as_list


def require_known_names(playbook: Playbook, facts: FleetFacts, options: Options) -> None:
    """Raises Usage for a member or a record that does not exist, or none where the playbook needs one."""
    host, chosen = facts.host, options.request
    members = {w.name for w in facts.members} | {m.name for m in facts.missing}
    records = {o.name for key in (CLUSTER_KEY, KUBEFED_CLUSTER_KEY) for o in host.of(key)}
    if playbook.scope == "record":
        if {"all", "none"} & set(chosen.members):
            raise Usage(f"{playbook.name} needs to know which: --members NAME. Records: {as_list(records)}.")
        _require_known(set(chosen.members), records, "member")
        if own := {*federation.own_records(host)} & {*chosen.members}:
            raise Usage(f"{as_list(own)} is the host itself, whose record stays. Records: {as_list(records - own)}.")
    else:
        _require_known(set(chosen.members) - {"all", "none"}, members, "member with a context")
    alone = not (members or federation.is_host(host))
    if playbook.scope == "member" and not alone and {"all", "none"} & set(chosen.members):
        raise Usage(_which_member(playbook, facts, members, records))
    if playbook.scope == "host":
        _require_known(
            set(chosen.records), {d.record for d in host.dials} | {s.name for s in orphan_secrets(host)}, "record"
        )
    _require_known(
        set(chosen.shared) - set(chosen.later),
        {w.name for w in facts.members},
        "member with a context",
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
            "uninstall keeps one in its journal, before.json.gz; ks-reset snapshot --out memory.json.gz makes one."
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


def _require_known(names: set[str], known: set[str], what: str) -> None:
    if strange := names - known:
        raise Usage(f"There is no {what} {min(strange)}. There are: {as_list(known)}.")
