"""Objects labelled kubefed.io/managed on a cluster without a record.

The next host to join this cluster takes them for its own and deletes those it does not place there (kubesphere issue
3169, fixed for Workspaces alone in kubesphere pull request 3206).
"""

import shlex
from collections.abc import Iterable

from ks_reset.catalogue.names import CLUSTER_KEY, KUBEFED_CLUSTER_KEY, KUBEFED_MANAGED_LABEL
from ks_reset.facts import federation
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import CONNECTIONS, DIALS, EVERYTHING, Reads, each, host
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Reach, Severity, Urgency

DELIVERED = ("GlobalRole.iam.kubesphere.io", "role-template-view-workspaces")
"""Delivered with the label on each cluster, host or member (ks-installer v3.0.0 ks-init/iam-accounts.yaml and v3.1.1 to
v3.4.1 ks-init/role-templates.yaml, both in roles/ks-core/prepare/files)."""

ABOUT = About(Group.FEDERATION, "kubefed's label is on clusters with a record alone", Urgency.REINSTALL)
READS = Reads(
    found_in=each(EVERYTHING),
    decided_by=host(DIALS, CONNECTIONS),
    worded_by=host(KUBEFED_CLUSTER_KEY, CLUSTER_KEY),
)


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    if any(dial.reach is not Reach.REACHED for dial in facts.host.dials):
        return  # the cluster behind a record is unknown, and may be this one
    for cluster in facts.clusters:
        marked = [o for o in cluster.all() if _is_marked(o)]
        if not marked or federation.records_of(facts, cluster):
            continue
        yield Finding(
            id="managed-without-host",
            severity=Severity.WARNING,
            title=f"{len(marked)} object(s) of {cluster.name} are marked as kubefed's, and no record reaches it",
            evidence=tuple(
                Evidence(cluster.name, o.title, f"metadata.labels[{KUBEFED_MANAGED_LABEL}]", "true")
                for o in marked[:20]
            ),
            next="The next host to join this cluster deletes those it does not place here.",
            cure=_way_on(facts, cluster, marked),
        )


def _way_on(facts: FleetFacts, cluster: ClusterFacts, marked: list[Obj]) -> str:
    """adopt-member, or the command for each object on a cluster that is a host with records of others."""
    if cluster is facts.host and federation.is_host(cluster):
        kubectl = f"kubectl --context {shlex.quote(cluster.context)}"
        words = (
            f"{kubectl}{f' -n {o.namespace}' if o.namespace else ''} label "
            f"{shlex.quote(f'{o.kind.resource}/{o.name}')} {KUBEFED_MANAGED_LABEL}-"
            for o in marked[:20]
        )
        return f"Take the labels off before the cluster is joined: {'; '.join(words)}."
    chosen = f" --members {shlex.quote(cluster.name)}" if facts.members else ""
    return (
        f"ks-reset plan adopt-member{chosen} --out plan.json removes the labels, as uninstall does; do not join the "
        "cluster before that."
    )


def _is_marked(obj: Obj) -> bool:
    return obj.labels.get(KUBEFED_MANAGED_LABEL) == "true" and (obj.kind.key, obj.name) != DELIVERED
