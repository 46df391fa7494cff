"""A member to be joined is marked as its own by a host of 4.x.

kubesphere v4.1.3: the host writes its name and the member's on Namespace kubesphere-system of the member
(pkg/controller/cluster/cluster_controller.go, syncClusterName); only the console asks for it before a join
(pkg/kapis/cluster/v1alpha1/handler.go, clusterIsManaged). The finding two-hosts reports the marks of a
host of 3.x.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import (
    CLUSTER_KEY,
    CLUSTER_NAME_ANNOTATION,
    HOST_CLUSTER_ANNOTATION,
    KUBESPHERE_NAMESPACE,
    NAMESPACE_KEY,
)
from ks_reset.findings.reads import Reads, each, host
from ks_reset.findings.request.planned_install import members_to_join
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity

READS = Reads(found_in=each(NAMESPACE_KEY), decided_by=host(CLUSTER_KEY))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for _, member in members_to_join(facts, options):
        namespace = member.get(NAMESPACE_KEY, KUBESPHERE_NAMESPACE)
        host = namespace.annotations.get(HOST_CLUSTER_ANNOTATION, "") if namespace else ""
        account = f"{namespace.annotations.get(CLUSTER_NAME_ANNOTATION, '')}-{host}" if namespace else ""
        if namespace and host and account not in options.request.gone:
            yield Finding(
                id="claimed-member",
                severity=Severity.WARNING,
                title=f"{member.name} is marked as a member of the host {host}",
                evidence=(
                    Evidence(member.name, namespace.title, f"metadata.annotations[{HOST_CLUSTER_ANNOTATION}]", host),
                ),
                next="If that host still runs, two hosts work on one member, each with its own Workspaces. Most hosts "
                "are named host, so the name does not tell whether it was this one.",
                cure="Remove the member on that host. If it is gone, or was this one: ks-reset plan rejoin "
                f"--gone-host {account} --out plan.json.",
            )
