"""A member that is to be joined, and that a host of 4.x has marked as its own.

kubesphere v4.1.3: the host writes its name and the member's on Namespace kubesphere-system of the member
(pkg/controller/cluster/cluster_controller.go, syncClusterName); only the console asks for it before a join
(pkg/kapis/cluster/v1alpha1/handler.go, clusterIsManaged). What a host of 3.x leaves is two-hosts'.
"""

from collections.abc import Iterable

from ks_reset.facts.installation import SYSTEM
from ks_reset.findings.request.planned_install import due
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity

HOST, NAME = "cluster.kubesphere.io/host-cluster", "cluster.kubesphere.io/name"


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for _, member in due(facts, options):
        home = member.get("Namespace", SYSTEM)
        host = home.annotations.get(HOST, "") if home else ""
        called = f"{home.annotations.get(NAME, '')}-{host}" if home else ""
        if home and host and called not in options.request.gone:
            yield Finding(
                id="claimed-member",
                severity=Severity.WARNING,
                title=f"{member.name} says that it is a member of the host {host}",
                evidence=(Evidence(member.name, home.title, f"metadata.annotations[{HOST}]", host),),
                next="If that host still runs, two hosts work on one member, each with its own Workspaces. Most hosts "
                "are called host, so the name does not tell whether it was this one.",
                cure=f"Have that host let it go; if it is gone, or was this one, say so with --gone-host {called}.",
                blocks=("rejoin",),
            )
