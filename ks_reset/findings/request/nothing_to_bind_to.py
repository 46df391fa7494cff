"""Namespaces are to be bound to Workspaces on a cluster without KubeSphere."""

import shlex
from collections.abc import Iterable

from ks_reset.catalogue.names import NAMESPACE_KEY, WORKSPACE_KEY, WORKSPACE_TEMPLATE_KEY
from ks_reset.findings.mend import for_cluster
from ks_reset.findings.reads import Reads, anywhere, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Options, Severity
from ks_reset.tenancy.memberships import pending_memberships

READS = Reads(found_in=each(NAMESPACE_KEY), decided_by=anywhere(WORKSPACE_KEY, WORKSPACE_TEMPLATE_KEY))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    memberships = [membership for membership in pending_memberships(facts, options.material.memory) if membership.there]
    for cluster in facts.clusters:
        unbound = [membership for membership in memberships if membership.cluster == cluster.identity]
        if unbound and WORKSPACE_KEY not in cluster.kinds:
            first = unbound[0]
            yield Finding(
                id="nothing-to-bind-to",
                severity=Severity.WARNING,
                title=f"{len(unbound)} namespace(s) of {cluster.name} belonged to Workspaces, now not served",
                evidence=(Evidence(cluster.name, f"Namespace {first.namespace}", "Workspace", first.workspace),),
                next="Nobody acts on the label, so it binds nothing.",
                cure=_ways_on(facts, cluster),
            )


def _ways_on(facts: FleetFacts, cluster: ClusterFacts) -> str:
    install = f"ks-reset plan reinstall{for_cluster(facts, cluster)} --values FILE --out plan.json"
    if cluster is facts.host:
        return f"Install KubeSphere on {cluster.name}: {install}."
    join = f"ks-reset plan rejoin --join {shlex.quote(cluster.name)}=FILE --out plan.json"
    return f"Install KubeSphere on {cluster.name} as a member ({install}), and join it ({join})."
