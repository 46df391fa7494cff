"""A cluster is a member of a host of 4.x that was not read: its controllers work there, and nothing here shows them.

kubesphere v4.1.3, pkg/controller/workspacetemplate/workspacetemplate_controller.go: the host deletes the Workspaces of
a member where it does not place them. The findings two-hosts and other-host tell the hosts of 3.x.
"""

import shlex
from collections.abc import Iterable

from ks_reset.catalogue.names import CLUSTER_KEY, HOST_CLUSTER_ANNOTATION, KUBESPHERE_NAMESPACE, NAMESPACE_KEY
from ks_reset.facts.claims import Claim, foreign_claim
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import CONNECTIONS, Reads, each, host
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Options, Severity, Urgency

ABOUT = About(Group.CLUSTERS, "The host of each member was read", Urgency.DATA)
READS = Reads(found_in=each(NAMESPACE_KEY), decided_by=(*each(CLUSTER_KEY), *host(CONNECTIONS)))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        if claim := foreign_claim(facts, cluster, options):
            yield _unread_finding(cluster, claim)


def _unread_finding(cluster: ClusterFacts, claim: Claim) -> Finding:
    where = f"Namespace {KUBESPHERE_NAMESPACE}"
    return Finding(
        id="unread-host",
        severity=Severity.WARNING,
        title=f"{cluster.name} is a member of the host {claim.host}, which was not read",
        evidence=(Evidence(cluster.name, where, f"metadata.annotations[{HOST_CLUSTER_ANNOTATION}]", claim.host),),
        next="While that host runs, it deletes the Workspaces it does not place here, and their namespaces follow.",
        cure="Name that host with --context CONTEXT-OF-THAT-HOST, and this cluster with "
        f"--member {shlex.quote(f'{claim.member}={cluster.context}')}. If the host is gone for good, or was "
        f"this one: ks-reset plan PLAYBOOK --gone-host {shlex.quote(claim.account)} --out plan.json.",
    )
