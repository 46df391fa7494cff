"""Which findings, another playbook's matter otherwise, stop a plan that puts KubeSphere on or joins members.

They count only where something is to be put on or joined, so each rule stays as it is: doctor says the same, and an
uninstall is stopped by what it was stopped by. Left out is what such a plan mends itself or does not touch:
orphan-finalizer (the manager comes back), seatbelt-left (the first step), unready-record (it is what is waited for),
unknown-placement (its operator placed there by that name, and wants it back), and unknown-reach, since a host's own
record may lead to an address that only its inside reaches (unknown-record tells that one apart).
"""

from collections.abc import Callable, Iterable

from msgspec import structs

from ks_reset.findings.request.planned_install import due, federates, fresh
from ks_reset.model import ClusterFacts, Finding, FleetFacts, Options

Place = Callable[[FleetFacts, Options, Finding], bool]
"""Whether a finding concerns what is put on, or who is joined."""
REINSTALL, REJOIN = "reinstall", "rejoin"


def gated(finding: Finding, facts: FleetFacts, options: Options) -> Finding:
    """The finding, which also stops what is planned if it must not stand then."""
    asked = {REINSTALL: options.material.install is not None, REJOIN: bool(options.material.joining)}
    more = [book for book, rules in GATES.items() if asked[book] and finding.id in rules]
    more = [book for book in more if book not in finding.blocks and GATES[book][finding.id](facts, options, finding)]
    return structs.replace(finding, blocks=(*finding.blocks, *more)) if more else finding


def _anywhere(_: FleetFacts, __: Options, ___: Finding) -> bool:
    return True


def _kubefed_comes(_: FleetFacts, options: Options, __: Finding) -> bool:
    """Only what an installer puts on brings kubefed; the chart of 4.x does not."""
    return bool(options.material.install and options.material.install.objects)


def _host_joins_itself(facts: FleetFacts, options: Options, finding: Finding) -> bool:
    return _kubefed_comes(facts, options, finding) and facts.host.name in _clusters(finding)


def _kubefed_acts(facts: FleetFacts, _: Options, __: Finding) -> bool:
    return federates(facts)


def _on_fresh(facts: FleetFacts, _: Options, finding: Finding) -> bool:
    """A webhook has no backend yet while its installation is under way."""
    return any(fresh(world) for world in facts.clusters if world.name in _clusters(finding))


def _on_member(facts: FleetFacts, options: Options, finding: Finding) -> bool:
    return any(member.name in _clusters(finding) for member in _members(facts, options))


def _on_federated(facts: FleetFacts, options: Options, finding: Finding) -> bool:
    """4.x gives a member its host's jwtSecret, and knows no kubefed (v4.1.3, pkg/controller/cluster/helper.go)."""
    return federates(facts) and _on_member(facts, options, finding)


def _of_member(_: FleetFacts, options: Options, finding: Finding) -> bool:
    """Another member's record does not stand in the way of this one's."""
    names = [joining.cluster.obj.name for joining in options.material.joining]
    ways = {f"{kind} {name}" for name in names for kind in ("Cluster", "KubeFedCluster")}
    return any(evidence.object in ways for evidence in finding.evidence)


def _members(facts: FleetFacts, options: Options) -> Iterable[ClusterFacts]:
    return (member for _, member in due(facts, options))


def _clusters(finding: Finding) -> set[str]:
    return {evidence.cluster for evidence in finding.evidence}


LOSES: dict[str, Place] = {
    "old-owner": _anywhere,  # the type Workspace comes back, and takes along what names an old one
    "terminating-workspace": _anywhere,  # the controller that lets it go comes back
    "terminating-federated": _anywhere,  # kubefed goes on with the deletion where it reaches a cluster again
    "two-records-one-cluster": _anywhere,  # kubefed deletes through one what it makes through the other
    "records-disagree": _anywhere,
    "rebuilt-cluster": _anywhere,
    "unplaced-target": _anywhere,
}
"""What is lost once controllers run, or reach a cluster that they did not reach."""
GATES: dict[str, dict[str, Place]] = {
    REINSTALL: {
        **LOSES,
        "foreign-kubefed": _kubefed_comes,  # two of them would share their types, and each other's objects
        "namespaced-kubefed": _kubefed_comes,
        "managed-without-host": _host_joins_itself,  # of members, workspaces-of-another-host tells
        "dead-webhook": _on_fresh,  # an old one refuses what the installation makes
    },
    REJOIN: {
        **LOSES,
        "foreign-kubefed": _kubefed_acts,
        "namespaced-kubefed": _kubefed_acts,  # Workspaces are cluster-scoped, and never come to a member
        "two-hosts": _on_federated,  # each host deletes what it has marked and does not place
        "other-host": _on_federated,
        "other-jwt-secret": _on_federated,
        "clock-skew": _on_member,  # tokens are refused
        "expired-certificate": _of_member,
    },
}
