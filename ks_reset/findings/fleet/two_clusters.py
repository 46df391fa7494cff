"""Two Clusters reach one cluster: a host of 4.x makes a Workspace through one and deletes it through the other.

At each change of a template, and when a Cluster gets ready, the Workspace is written into the cluster of every Cluster
the template matches, and deleted in that of every other (kubesphere v4.1.3,
pkg/controller/workspacetemplate/workspacetemplate_controller.go, syncWorkspaceTemplate). Before 4.1.3 garbage
collection then deletes the namespaces in it (kubesphere v4.1.1, pkg/controller/namespace/namespace_controller.go). 3.x
joins both to kubefed, with the same effect. A Cluster being deleted is taken out of every template, and a template
that named it alone is placed nowhere (kubesphere v4.1.3, pkg/controller/cluster/cluster_controller.go,
unbindWorkspaceTemplate): so templates are placed on the other one first.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import CLUSTER_KEY, HOST_ROLE_LABEL, WORKSPACE_KEY, WORKSPACE_TEMPLATE_KEY
from ks_reset.facts import federation
from ks_reset.facts.federation import SameClusterGroup
from ks_reset.facts.label_selectors import selector_matches
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import CONNECTIONS, DIALS, EVERYTHING, Reads, anywhere, host
from ks_reset.model import Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency
from ks_reset.simulation import as_sentences, losses_by_way_of
from ks_reset.simulation.by_hand import place_patch

ABOUT = About(Group.FEDERATION, "Clusters reach different clusters", Urgency.DATA)
READS = Reads(
    found_in=host(CONNECTIONS),
    decided_by=host(DIALS),
    worded_by=(*host(WORKSPACE_TEMPLATE_KEY, CLUSTER_KEY), *anywhere(EVERYTHING)),
)


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    told = [{dial.record for dial in group.dials} for group in federation.same_cluster_groups(facts.host)]
    for group in federation.groups_of_one_cluster(facts.host.connections):
        names = [dial.record for dial in group.dials]
        if not any(set(names) <= records for records in told):
            yield Finding(
                id="two-clusters-one-cluster",
                severity=Severity.CRITICAL,
                title=f"The Clusters {' and '.join(names)} reach the same cluster",
                evidence=tuple(_evidence(facts, group)),
                next=_consequence(facts, names),
                cure=_cure(facts, group),
                certainty=_certainty(group),
            )


def _evidence(facts: FleetFacts, group: SameClusterGroup) -> Iterable[Evidence]:
    host = facts.host.name
    for dial in group.dials:
        yield Evidence(host, f"Cluster {dial.record}", "spec.connection", dial.endpoint)
        if dial.identity:
            yield Evidence(host, f"Cluster {dial.record}", "kube-system UID behind it", dial.identity)
    for template in _half_placed(facts, [dial.record for dial in group.dials]):
        yield Evidence(host, template.title, "spec.placement", ", ".join(sorted(_placed_on(facts, template))))


def _consequence(facts: FleetFacts, names: list[str]) -> str:
    half = [template.name for template in _half_placed(facts, names)]
    if not half:
        return "Every template is placed on both or on none; a Workspace placed on one alone is deleted and made again."
    text = f"At each change of its template Workspace {', '.join(half)} is deleted and made again, with a new UID."
    dangers = [danger for name in half for danger in losses_by_way_of(facts, f"{WORKSPACE_KEY} {name}")]
    if dangers:
        return f"{text} Garbage collection deletes the objects they own. {as_sentences(dangers)}"
    return f"{text} Before 4.1.3 garbage collection deletes every namespace in it; 4.1.3 takes its label away."


def _cure(facts: FleetFacts, group: SameClusterGroup) -> str:
    """First the placements, then the deletion of the Cluster with the fewest templates; never of the host's own."""
    names = [dial.record for dial in group.dials]
    own = [name for name in names if HOST_ROLE_LABEL in _labels(facts, name)]
    keep = own[0] if own else max(names, key=lambda name: sum(name in _placed_on(facts, t) for t in _templates(facts)))
    others = " ".join(name for name in names if name != keep)
    kubectl = f"kubectl --context {facts.host.context}"
    delete = f"{kubectl} delete clusters.cluster.kubesphere.io {others}"
    kept = (
        f"{keep} stays, because it is the host's own name."
        if own
        else f"{keep} stays, because most templates name it; if people use another name, keep that one instead."
    )
    half = _half_placed(facts, names)
    if not half:
        return f"Delete the second name: {delete}. {kept}"
    edit = f"{kubectl} edit workspacetemplates.tenant.kubesphere.io"
    placing = [place_patch(facts.host, template, names) or f"{edit} {template.name}" for template in half]
    why = f"First place each template on all of {', '.join(names)}, so that none of their Workspaces is deleted"
    return f"{why}: {'; '.join(placing)}. Then: {delete}. {kept}"


def _certainty(group: SameClusterGroup) -> str:
    silent = [dial.record for dial in group.dials if not dial.identity]
    return f"same endpoint and CA, not dialled: {', '.join(silent)}; weaker evidence" if silent else "dialled"


def _half_placed(facts: FleetFacts, names: list[str]) -> list[Obj]:
    """The templates placed on some of these Clusters and not on others."""
    placed = [(template, _placed_on(facts, template) & set(names)) for template in _templates(facts)]
    return [template for template, chosen in placed if chosen and chosen != set(names)]


def _placed_on(facts: FleetFacts, template: Obj) -> set[str]:
    """The names of the Clusters a template is placed on, as 4.x computes it: an empty list counts as none."""
    placement = template.spec.get("placement") or {}
    if names := {str(each.get("name")) for each in placement.get("clusters") or []}:
        return names
    selector = placement.get("clusterSelector")
    clusters = facts.host.of(CLUSTER_KEY) if selector is not None else ()
    return {cluster.name for cluster in clusters if selector_matches(selector, cluster.labels)}


def _templates(facts: FleetFacts) -> tuple[Obj, ...]:
    return facts.host.of(WORKSPACE_TEMPLATE_KEY)


def _labels(facts: FleetFacts, name: str) -> dict[str, str]:
    cluster = facts.host.get(CLUSTER_KEY, name)
    return cluster.labels if cluster else {}
