"""Whether the losses without a seatbelt can be told: `protect off`, a run and doctor ask the same.

Every cluster, every list and the controllers of every host must have been read, and no record that was not dialled may
matter: had it led to one of the clusters, nothing more would be lost.
"""

import shlex
from collections.abc import Callable, Iterator

from ks_reset import seatbelt
from ks_reset.errors import Unknown
from ks_reset.facts.claims import foreign_claim
from ks_reset.facts.dead_backends import gaps_beyond, idle_gaps
from ks_reset.facts.join_accounts import foreign_joins, own_accounts
from ks_reset.facts.leader_locks import renewed_locks
from ks_reset.facts.supposed_reach import supposing, unknown_dials
from ks_reset.findings.mend import command_to_see, contexts, how_to_mend
from ks_reset.model import ClusterFacts, Dial, FleetFacts, Options
from ks_reset.simulation import as_sentences, losses_without_seatbelt
from ks_reset.simulation.threats import Danger
from ks_reset.simulation.without_seatbelt import unaccepted_losses

FlagsTo = Callable[[str], str]


def _context_flag(context: str) -> str:
    return shlex.join(["--context", context])


def unknown_for_losses(facts: FleetFacts, options: Options, flags_to: FlagsTo = _context_flag) -> str:
    """The reason nobody can tell what would be lost without the seatbelts, with the way on; "" if it can be told.

    Members left for later are not asked about, nor hosts that are gone or share a member, as the options say.
    `flags_to` gives the flags that lead to the cluster of a context alone.
    """
    return next(_reasons(facts, options, flags_to), "")


def require_losses_known(facts: FleetFacts, options: Options, flags_to: FlagsTo) -> None:
    """Raises Unknown if a cluster, a list or the controllers of a host were not read, or a record may matter."""
    if why := unknown_for_losses(facts, options, flags_to):
        raise Unknown(f"What would be lost without the seatbelt is not known, so it stays on. {why}")


def _reasons(facts: FleetFacts, options: Options, flags_to: FlagsTo) -> Iterator[str]:
    for member in facts.missing:
        if options.request.works_on(member.name):
            look = shlex.join(["kubectl", "--context", member.context, "version"])
            yield (
                f"The member {member.name} does not answer: {member.why.rstrip('.')}. See why: {look}. Then run this "
                "command again."
            )
    for cluster in facts.clusters:
        for gap in gaps_beyond(cluster, idle_gaps(cluster, options.request)):
            mend = how_to_mend(contexts(facts), [(cluster.name, gap)])
            yield f"{gap.what} of {cluster.name} could not be read: {gap.why.rstrip('.')}. {mend}"
        if cluster.name not in options.request.shared:
            yield from _other_hosts(facts, cluster, options, flags_to)
        yield from _copies_elsewhere(facts, cluster)
    yield from _records_that_matter(facts, options, flags_to(facts.host.context))


def _other_hosts(facts: FleetFacts, cluster: ClusterFacts, options: Options, flags_to: FlagsTo) -> Iterator[str]:
    """The hosts that work on a cluster and were not read; a join of this host besides tells nothing of theirs."""
    accounts = [join.account for join in foreign_joins(facts, cluster, options)]
    belt = seatbelt.present(cluster)
    force = " --force" if belt and belt.run != seatbelt.BY_HAND else ""
    off = f"ks-reset protect off {_fleet_flags(facts, flags_to)}{force}"
    if accounts:
        what = f"{cluster.name} was joined by another host ({', '.join(accounts)})"
        if own_accounts(facts, cluster, options):
            yield _way_past_second_host(what, cluster, accounts, off)
        else:
            flags = flags_to(cluster.context)
            adopt = (
                f"ks-reset plan adopt-member {flags} {_gone(accounts)} --out adopt-member.json; ks-reset apply "
                f"adopt-member.json {flags}; then run this command again"
            )
            yield _way_past_host(what, cluster, cluster.name, adopt)
    if claim := foreign_claim(facts, cluster, options):
        what = f"{cluster.name} is a member of the host {claim.host} ({claim.account})"
        yield _way_past_host(what, cluster, claim.member or cluster.name, f"{off} {_gone([claim.account])}")


def _way_past_host(what: str, cluster: ClusterFacts, name: str, gone: str) -> str:
    member = shlex.quote(f"{name}={cluster.context}")
    return (
        f"{what}, whose controllers were not read. Name that host with --context CONTEXT-OF-THAT-HOST, and this "
        f"cluster with --member {member}. If the host is gone for good, or was this one: "
        f"{gone}."
    )


def _way_past_second_host(what: str, cluster: ClusterFacts, accounts: list[str], off: str) -> str:
    """Facts have one host, so what the other would delete is asked of doctor."""
    member, shared = shlex.quote(f"{cluster.name}={cluster.context}"), shlex.quote(cluster.name)
    return (
        f"{what}, whose controllers were not read. See what that host would delete: ks-reset doctor --context "
        f"CONTEXT-OF-THAT-HOST --member {member}. If that is nothing: {off} --shared {shared}. If the host is gone for "
        f"good: {off} {_gone(accounts)}. A plan takes --shared and --gone-host as well."
    )


def _gone(accounts: list[str]) -> str:
    return shlex.join([word for account in accounts for word in ("--gone-host", account)])


def _fleet_flags(facts: FleetFacts, flags_to: FlagsTo) -> str:
    """The flags to reach all clusters, with their names."""
    members = [word for each in facts.members for word in ("--member", f"{each.name}={each.context}")]
    return " ".join(filter(None, (flags_to(facts.host.context), shlex.join(members))))


def _copies_elsewhere(facts: FleetFacts, cluster: ClusterFacts) -> Iterator[str]:
    for lock in renewed_locks(facts, cluster):
        look = command_to_see(cluster, lock.obj)
        yield (
            f"Nothing on {cluster.name} runs {lock.program}, and {lock.holder} holds its lock: a copy elsewhere may "
            f"work with it. Find the holder, and stop it: {look}. A minute after the last renewal, run this command "
            "again."
        )


def _records_that_matter(facts: FleetFacts, options: Options, flags: str) -> Iterator[str]:
    """The records with a possible way to one of the clusters from inside, if then more would be lost."""
    whole, later, accepted = facts.whole(), options.request.later, options.request.accepted
    identities = {cluster.identity for cluster in whole.clusters}
    known: set[tuple[str, str]] | None = None
    for cluster in whole.clusters:
        dials = [dial for dial in unknown_dials(whole.host, cluster.identity) if dial.record not in later]
        if not dials:
            continue
        if known is None:
            known = {_place(danger) for danger in losses_without_seatbelt(whole, identities)}
        dangers = losses_without_seatbelt(supposing(whole, dials, cluster.identity), identities)
        more = [danger for danger in unaccepted_losses(dangers, accepted) if _place(danger) not in known]
        if more:
            yield _way_past_records(facts.host, dials, f"if it leads to {cluster.name}: {as_sentences(more)}", flags)


def _place(danger: Danger) -> tuple[str, str]:
    return danger[1].id.cluster, danger[1].uid


def _way_past_records(host: ClusterFacts, unknown: list[Dial], matters: str, flags: str) -> str:
    dial, names = unknown[0], [*dict.fromkeys(dial.record for dial in unknown)]
    where = f" -n {dial.namespace}" if dial.namespace else ""
    resource = "kubefedclusters.core.kubefed.io" if dial.way == "KubeFedCluster" else "clusters.cluster.kubesphere.io"
    name = shlex.quote(f"{resource}/{dial.record}")
    members = shlex.join([word for name in names for word in ("--members", name)])
    return (
        f"What the record {', '.join(names)} reaches is unknown ({dial.reach}), and KubeSphere may reach it from "
        f"inside; {matters} See its address: kubectl --context {shlex.quote(host.context)}{where} describe {name}. "
        "Run ks-reset where the address answers, as in a Pod of that cluster. If the record is superfluous, or its "
        f"cluster is gone for good: ks-reset plan forget-member {flags} {members} --out forget-member.json; ks-reset "
        f"apply forget-member.json {flags}; then run this command again."
    )
