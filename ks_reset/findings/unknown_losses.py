"""Whether the losses without a seatbelt can be told: `protect off`, a run and doctor ask the same.

Every cluster, every list and the controllers of every host must have been read.
"""

import shlex
from collections.abc import Callable

from ks_reset.errors import Unknown
from ks_reset.facts.dead_backends import gaps_beyond, idle_gaps
from ks_reset.facts.join_accounts import foreign_joins, own_accounts
from ks_reset.findings.mend import contexts, how_to_mend
from ks_reset.model import ClusterFacts, FleetFacts, Options


def _context_flag(context: str) -> str:
    return shlex.join(["--context", context])


def unknown_for_losses(facts: FleetFacts, options: Options, flags_to: Callable[[str], str] = _context_flag) -> str:
    """The reason nobody can tell what would be lost without the seatbelts, with the way on; "" if it can be told.

    Members left for later are not asked about, nor hosts that are gone or share a member, as the options say.
    `flags_to` gives the flags that lead to the cluster of a context alone.
    """
    for member in facts.missing:
        if options.request.works_on(member.name):
            look = shlex.join(["kubectl", "--context", member.context, "version"])
            return (
                f"The member {member.name} does not answer: {member.why.rstrip('.')}. See why: {look}. Then run this "
                "command again."
            )
    for cluster in facts.clusters:
        for gap in gaps_beyond(cluster, idle_gaps(cluster, options.request)):
            mend = how_to_mend(contexts(facts), [(cluster.name, gap)])
            return f"{gap.what} of {cluster.name} could not be read: {gap.why.rstrip('.')}. {mend}"
        others = foreign_joins(facts, cluster, options)
        shared = cluster.name in options.request.shared
        if others and not shared and not own_accounts(facts, cluster, options):
            return _way_past_hosts(cluster, [join.account for join in others], flags_to(cluster.context))
    return ""


def require_losses_known(facts: FleetFacts, options: Options, flags_to: Callable[[str], str]) -> None:
    """Raises Unknown if a cluster, a list or the controllers of a host were not read."""
    if why := unknown_for_losses(facts, options, flags_to):
        raise Unknown(f"What would be lost without the seatbelt is not known, so it stays on. {why}")


def _way_past_hosts(cluster: ClusterFacts, accounts: list[str], flags: str) -> str:
    member = shlex.quote(f"{cluster.name}={cluster.context}")
    gone = shlex.join([word for account in accounts for word in ("--gone-host", account)])
    return (
        f"{cluster.name} was joined by another host ({', '.join(accounts)}), whose controllers were not read. Name "
        f"that host with --context CONTEXT-OF-THAT-HOST, and this cluster with --member {member}. If the host is gone "
        f"for good: ks-reset plan adopt-member {flags} {gone} --out adopt-member.json; ks-reset apply "
        f"adopt-member.json {flags}; then run this command again."
    )
