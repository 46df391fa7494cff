"""Two KubeFedClusters reach one cluster: kubefed creates objects through one and deletes them through the other.

For each record an object is not placed on, kubefed deletes the object there if it carries kubefed.io/managed
(kubefed v0.8.1, pkg/controller/sync/controller.go, syncToClusters). With a deleted Workspace,
garbage collection deletes the namespaces naming it as owner.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import NAMESPACE_KEY, WORKSPACE_KEY
from ks_reset.facts import federation
from ks_reset.facts.controllers import kubefed_controllers, replica_count
from ks_reset.facts.stray_controllers import running_kubefeds
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import ANY_LIST, DIALS, EVERYTHING, Reads, anywhere, host
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Options, Severity, Urgency
from ks_reset.simulation import as_sentences, losses_by_way_of

ABOUT = About(Group.FEDERATION, "KubeFedClusters reach different clusters", Urgency.DATA)
READS = Reads(found_in=host(DIALS), worded_by=anywhere(EVERYTHING, ANY_LIST))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for group in federation.same_cluster_groups(facts.host):
        names = " and ".join(d.record for d in group.dials)
        running = running_kubefeds(facts.host)
        stale = federation.stale_record(facts.host, group, options.request.records)
        yield Finding(
            id="two-records-one-cluster",
            severity=Severity.CRITICAL,
            title=f"The KubeFedClusters {names} reach the same cluster",
            evidence=tuple(_record_evidence(facts, group)),
            next=_consequence(facts, group, bool(running)),
            cure=_stale_record_cure(stale.record if stale else "", names),
            certainty=_certainty_of(group),
        )


def _certainty_of(group: federation.SameClusterGroup) -> str:
    silent = [d.record for d in group.dials if not d.identity]
    if len({(d.version, d.ca) for d in group.dials if d.identity}) > 1:
        return "dialled, but the CAs or versions differ: a cluster restored from the other's backup looks so"
    return f"same endpoint and CA, not dialled: {', '.join(silent)}; weaker evidence" if silent else "dialled"


def _record_evidence(facts: FleetFacts, group: federation.SameClusterGroup) -> Iterable[Evidence]:
    """The records, and the Deployments of kubefed; what runs it without one is told by stray-controller."""
    host = facts.host.name
    for dial in group.dials:
        where = f"KubeFedCluster {dial.namespace}/{dial.record}"
        yield Evidence(host, where, "spec.apiEndpoint", dial.endpoint)
        if dial.identity:
            yield Evidence(host, where, "kube-system UID behind it", dial.identity)
    for deployment in filter(replica_count, kubefed_controllers(facts.host)):
        yield Evidence(host, deployment.title, "spec.replicas", str(replica_count(deployment)))


def _consequence(facts: FleetFacts, group: federation.SameClusterGroup, running: bool) -> str:
    half = _half_placed(facts.host, group)
    if not half:
        return "Every federated object is placed on both; the first on one alone is deleted and re-created in a loop."
    when = "kubefed is running: it" if running else "kubefed is stopped now; as soon as it is started again, it"
    flapping = [target.name for target in half if target.key == WORKSPACE_KEY]
    users = [f"{t.key} {t.namespace}/{t.name}" for t in half if _deleted_of_users(t)]
    objects = [f"Workspace {', '.join(flapping)}"] if flapping else []
    objects += [f"{len(users)} object(s) of users ({', '.join(users)})"] if users else []
    recreated = " and ".join(objects) or "objects placed on one alone"
    text = f"{when} deletes and re-creates {recreated}, each time with a new UID."
    if not flapping:
        return text
    dangers = [danger for name in flapping for danger in losses_by_way_of(facts, f"{WORKSPACE_KEY} {name}")]
    if dangers:
        return f"{text} Garbage collection deletes the objects they own. {as_sentences(dangers)}"
    return f"{text} Garbage collection deletes every namespace added to it, with all its contents."


def _half_placed(host: ClusterFacts, group: federation.SameClusterGroup) -> list[federation.Target]:
    """The targets placed on one record of the group and not on the other."""
    names = {d.record for d in group.dials}
    placed = [(t, federation.target_placement(host, t) & names) for t in federation.federated_targets(host)]
    return [target for target, chosen in placed if chosen and chosen != names]


def _deleted_of_users(target: federation.Target) -> bool:
    """Whether kubefed deletes this target, a user's, through the stale record; the host's Namespace loses a label."""
    return target.key != NAMESPACE_KEY and not catalogue.is_own_group(target.key.partition(".")[2])


def _stale_record_cure(stale: str, names: str) -> str:
    if stale:
        return (
            f"ks-reset plan stale-record --out plan.json: stops kubefed, deletes just the record {stale}, starts "
            "kubefed."
        )
    commands = "; or ".join(
        f"ks-reset plan stale-record --record {name} --out plan.json" for name in names.split(" and ")
    )
    return f"Facts do not tell which of {names} is stale. Say so: {commands}."
