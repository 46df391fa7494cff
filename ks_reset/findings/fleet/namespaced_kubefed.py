"""A kubefed scoped to its namespace watches this one alone; all other rules are for one scoped to the cluster.

kubefed v0.8.1, pkg/apis/core/v1beta1/kubefedconfig_types.go, scope.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import KUBEFED_CONFIG_KEY
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import Reads, host
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity, Urgency

ABOUT = About(Group.FEDERATION, "kubefed is scoped to the cluster", Urgency.REINSTALL)
READS = Reads(found_in=host(KUBEFED_CONFIG_KEY))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for config in facts.host.of(KUBEFED_CONFIG_KEY):
        if config.spec.get("scope") == "Namespaced":
            yield Finding(
                id="namespaced-kubefed",
                severity=Severity.WARNING,
                title=f"The kubefed in {config.namespace} is scoped to its namespace",
                evidence=(Evidence(facts.host.name, config.title, "spec.scope", "Namespaced"),),
                next="KubeSphere never installs it so: it is somebody's own, and shares CRDs with KubeSphere's.",
                cure=f"See whose it is: kubectl --context {facts.host.context} -n {config.namespace} get "
                f"{config.kind.resource}/{config.name} deployments. Its owner removes it first, since KubeSphere is "
                "not taken off beside it; once it is gone, ks-reset doctor does not name it any more.",
            )
