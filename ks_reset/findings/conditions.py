"""The conditions of blocking.py: functions of facts, options and the finding; True where it stops the playbook.

Conditions about an installation or a join hold only where one is planned, so doctor and an uninstall never meet them.
"""

from collections.abc import Callable

from ks_reset.catalogue.names import KUBEFED_CONTROLLER_MANAGER
from ks_reset.facts import federation
from ks_reset.facts.dead_backends import computed_gaps, idle_gaps, idle_own_gaps, mended_gaps
from ks_reset.facts.leader_locks import renewed_locks
from ks_reset.facts.stray_controllers import running_kubefeds
from ks_reset.findings.fleet.stray_controller import BY_HAND
from ks_reset.findings.fleet.terminating_system_namespace import HOLDS
from ks_reset.findings.request.planned_install import has_kubefed, members_to_join, nothing_begun
from ks_reset.model import ClusterFacts, Finding, FleetFacts, Gap, Options

Condition = Callable[[FleetFacts, Options, Finding], bool]


def always(_: FleetFacts, __: Options, ___: Finding) -> bool:
    return True


def rests_on_unread(facts: FleetFacts, options: Options, finding: Finding) -> bool:
    """Whether a list of the finding is unread on which a plan rests: another one than those of dead own backends."""
    return _has_gap_beyond(facts, finding, lambda cluster: idle_gaps(cluster, options.request))


def rests_on_unmended(facts: FleetFacts, options: Options, finding: Finding) -> bool:
    """Whether a list of the finding is unread that a playbook for mending them does not mend."""
    return _has_gap_beyond(facts, finding, lambda cluster: mended_gaps(cluster, options.request))


def puts_on_unread(facts: FleetFacts, options: Options, finding: Finding) -> bool:
    """Whether only lists of dead own backends are unread, and the plan puts something of KubeSphere's on."""
    material = options.material
    puts_on = bool(material.install or material.joining or material.memory or material.past)
    return puts_on and not rests_on_unread(facts, options, finding)


def stops_uninstall(facts: FleetFacts, options: Options, finding: Finding) -> bool:
    """Whether a list of the finding is unread that the plan does not mend: no namespace leaves Terminating then.

    kubernetes v1.24.17, pkg/controller/namespace/deletion/namespaced_resources_deleter.go, deleteAllContent. On a
    member that another host shares nothing is mended at all.
    """
    own = _has_gap_beyond(facts, finding, lambda cluster: idle_own_gaps(cluster, options.request))
    shared = _hides_marks(facts, finding, {m.name for m in facts.members} & {*options.request.shared})
    return (shared or own) and not rests_on_unread(facts, options, finding)


def hides_marks(facts: FleetFacts, options: Options, finding: Finding) -> bool:
    """Whether only lists of dead own backends are unread, one of them on a cluster that is left: labels stay in it."""
    left = {cluster.name for cluster in facts.members or (facts.host,)}
    return _hides_marks(facts, finding, left) and not rests_on_unread(facts, options, finding)


def _hides_marks(facts: FleetFacts, finding: Finding, left: set[str]) -> bool:
    def known(cluster: ClusterFacts) -> frozenset[Gap]:
        return computed_gaps(cluster) if cluster.name in left else frozenset(cluster.gaps)

    return _has_gap_beyond(facts, finding, known)


def kubefed_runs(facts: FleetFacts, _: Options, __: Finding) -> bool:
    """Whether kubefed works on the host: with a Deployment or without, or a copy elsewhere renews its lock."""
    elsewhere = [lock for lock in renewed_locks(facts, facts.host) if lock.program == KUBEFED_CONTROLLER_MANAGER]
    return bool(running_kubefeds(facts.host) or elsewhere)


def runs_by_itself(_: FleetFacts, __: Options, finding: Finding) -> bool:
    """Whether no plan can stop a controller of the finding."""
    return any(evidence.field == BY_HAND for evidence in finding.evidence)


def on_host_by_itself(facts: FleetFacts, options: Options, finding: Finding) -> bool:
    """Likewise, on the host: the playbook pauses no other cluster."""
    return runs_by_itself(facts, options, finding) and facts.host.name in _cluster_names(finding)


def stale_record_unclear(facts: FleetFacts, options: Options, finding: Finding) -> bool:
    """Whether neither facts nor --record tell exactly one stale record in the group of the finding."""
    objects = {evidence.object for evidence in finding.evidence}
    groups = [g for g in federation.same_cluster_groups(facts.host) if _record_titles(g) & objects]
    return any(federation.stale_record(facts.host, group, options.request.records) is None for group in groups)


def not_shared(facts: FleetFacts, options: Options, finding: Finding) -> bool:
    """Whether the cluster is the host, or a member not named by --shared."""
    shared = {member.name for member in facts.members} & set(options.request.shared)
    return not shared & _cluster_names(finding)


def whole(_: FleetFacts, options: Options, __: Finding) -> bool:
    """Whether KubeSphere goes as a whole: with --only its marks, records and federated objects stay."""
    return not options.request.only


def member_goes_whole(facts: FleetFacts, options: Options, finding: Finding) -> bool:
    """Likewise, of a selected member."""
    return whole(facts, options, finding) and member_selected(facts, options, finding)


def member_selected(_: FleetFacts, options: Options, finding: Finding) -> bool:
    """Whether --members selects the record of the finding, and --later does not name it."""
    return any(options.request.works_on(name) for name in _object_names(finding))


def install_planned(_: FleetFacts, options: Options, __: Finding) -> bool:
    return options.material.install is not None


def join_planned(_: FleetFacts, options: Options, __: Finding) -> bool:
    return bool(options.material.joining)


def kubefed_installed(_: FleetFacts, options: Options, __: Finding) -> bool:
    """Whether ks-installer is to be applied: it brings kubefed, the chart of 4.x does not."""
    return bool(options.material.install and options.material.install.objects)


def host_joins_itself(facts: FleetFacts, options: Options, finding: Finding) -> bool:
    """Whether the finding is of the host, and kubefed is to be installed there."""
    return kubefed_installed(facts, options, finding) and facts.host.name in _cluster_names(finding)


def adopts_this(facts: FleetFacts, _: Options, finding: Finding) -> bool:
    """Whether something holds the namespace on a cluster that adopt-member prepares: a member, or the only one given.

    The playbook itself deletes such a namespace once it is empty, and creates nothing in it.
    """
    held = any(evidence.field == HOLDS for evidence in finding.evidence)
    return held and (not facts.members or facts.host.name not in _cluster_names(finding))


def joins_here(facts: FleetFacts, options: Options, finding: Finding) -> bool:
    """Whether a join is planned, and it creates objects on the cluster of the finding: the host, or this member."""
    on_host = facts.host.name in _cluster_names(finding)
    return join_planned(facts, options, finding) and (on_host or joins_this_member(facts, options, finding))


def restores_here(facts: FleetFacts, options: Options, finding: Finding) -> bool:
    """Whether an object that the plan gives back is in the namespace of the finding."""
    clusters = {c.identity for c in facts.clusters if c.name in _cluster_names(finding)}
    past, names = options.material.past, _object_names(finding)
    return any(image.cluster in clusters and image.obj.namespace in names for image in past)


def installation_not_begun(facts: FleetFacts, options: Options, finding: Finding) -> bool:
    """Whether an installation is planned and has not begun on the cluster: until it ends, webhooks have no backend."""
    clusters = [cluster for cluster in facts.clusters if cluster.name in _cluster_names(finding)]
    return options.material.install is not None and any(nothing_begun(cluster) for cluster in clusters)


def join_to_kubefed(facts: FleetFacts, options: Options, _: Finding) -> bool:
    """Whether a join is planned to a host with kubefed (3.x)."""
    return bool(options.material.joining) and has_kubefed(facts)


def joins_this_member(facts: FleetFacts, options: Options, finding: Finding) -> bool:
    """Whether a member of the finding is to be joined, and the host does not name it yet."""
    return any(member.name in _cluster_names(finding) for _, member in members_to_join(facts, options))


def joins_this_member_to_kubefed(facts: FleetFacts, options: Options, finding: Finding) -> bool:
    """Likewise, to a host with kubefed.

    4.x gives a member its host's jwtSecret, and has no kubefed (kubesphere v4.1.3, pkg/controller/cluster/helper.go).
    """
    return has_kubefed(facts) and joins_this_member(facts, options, finding)


def joins_by_this_record(_: FleetFacts, options: Options, finding: Finding) -> bool:
    """Whether a Cluster or KubeFedCluster in the evidence has the name of a member to be joined."""
    names = [joining.cluster.obj.name for joining in options.material.joining]
    titles = {f"{kind} {name}" for name in names for kind in ("Cluster", "KubeFedCluster")}
    return any(evidence.object in titles for evidence in finding.evidence)


def _has_gap_beyond(facts: FleetFacts, finding: Finding, known: Callable[[ClusterFacts], frozenset[Gap]]) -> bool:
    clusters = {cluster.name: {gap.what for gap in known(cluster)} for cluster in facts.clusters}
    return any(evidence.object not in clusters.get(evidence.cluster, set()) for evidence in finding.evidence)


def _cluster_names(finding: Finding) -> set[str]:
    return {evidence.cluster for evidence in finding.evidence}


def _object_names(finding: Finding) -> set[str]:
    """The names of the objects in the evidence, without kind and namespace."""
    return {evidence.object.rpartition(" ")[2].rpartition("/")[2] for evidence in finding.evidence}


def _record_titles(group: federation.SameClusterGroup) -> set[str]:
    return {f"KubeFedCluster {dial.namespace}/{dial.record}" for dial in group.dials}
