"""Checks between two stages of a reset: the same fleet as at the beginning, nothing left, nothing lost."""

import shlex

from ks_reset.catalogue.names import CRD_KEY, NAMESPACE_KEY, PERSISTENT_VOLUME_CLAIM_KEY, PERSISTENT_VOLUME_KEY
from ks_reset.errors import Correction, Stale, Unknown, Usage
from ks_reset.model import FleetFacts, Options, Plan
from ks_reset.workflows.verify import Verdict

LASTING_KINDS = (
    *(NAMESPACE_KEY, PERSISTENT_VOLUME_CLAIM_KEY, PERSISTENT_VOLUME_KEY),
    CRD_KEY,
)
"""The types protected by the seatbelt; objects of other types change in the days between two stages."""


def stopping_remains(options: Options, verdict: Verdict, uninstall: Plan) -> list[str]:
    """Leftovers not kept by uninstall, lost bystanders, and deferred members to work on, one clause each."""
    kept = {(s.cluster, s.object) for s in uninstall.kept if not s.why.startswith("keeps ")}  # marks: verify knows
    leftovers = [item for item in verdict.leftovers if (item.cluster, item.object) not in kept]
    changes = verdict.proof.changes if verdict.proof else ()
    lost = [change for change in changes if change.is_lost and change.kind in LASTING_KINDS]
    deferred = [name for name in verdict.later if options.request.works_on(name)]
    return [
        *(f"{item.object} is left" for item in leftovers),
        *(f"{change.object} {change.what}" for change in lost),
        *deferred,
    ]


def require_recorded_names(facts: FleetFacts) -> None:
    """Raises Usage if the host records a member under another name: Workspaces are placed by its record's name."""
    ways = (*facts.host.connections, *facts.host.dials)
    for member in facts.members:
        names = sorted({way.record for way in ways if way.identity == member.identity})
        if names and member.name not in names:
            raise Usage(
                f"The member that you call {member.name} is {' and '.join(names)} to its host. Workspaces are placed "
                f"by that name, so give it: --member {names[0]}={member.context}.",
                Correction(f"--member {member.name}={member.context}", f"--member {names[0]}={member.context}"),
            )


def require_same_fleet(options: Options, before: FleetFacts, facts: FleetFacts) -> None:
    """Raises Stale if a member is another cluster than when the reset began, Unknown if one does not answer."""
    began = {member.name: member.identity for member in before.members if options.request.works_on(member.name)}
    now = {member.name: member.identity for member in facts.members}
    for member in facts.missing:
        if member.name in began:
            raise Unknown(
                f"The member {member.name} does not answer: {member.why}. To go on without it: ks-reset reset --later "
                f"{shlex.quote(member.name)}."
            )
    for name in sorted({*began, *now}):
        if began.get(name) != now.get(name):
            raise Stale(
                f"The reset began with the member {name} as {began.get(name, 'none of the fleet')}; now it is "
                f"{now.get(name, 'not given')} (kube-system UID). Nothing was sent. Name it with --member "
                f"{name}=CONTEXT as then, or leave it: ks-reset reset --later {shlex.quote(name)}."
            )
