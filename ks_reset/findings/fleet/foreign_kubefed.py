"""A kubefed other than KubeSphere's uses the same CRDs; without them its federation stops."""

from collections.abc import Iterable
from itertools import groupby

from ks_reset import catalogue
from ks_reset.catalogue.names import DEPLOYMENT_KEY, KUBEFED_CLUSTER_KEY, KUBEFED_CONFIG_KEY, KUBEFED_NAMESPACE
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency

KINDS = (KUBEFED_CONFIG_KEY, KUBEFED_CLUSTER_KEY)

ABOUT = About(Group.FEDERATION, "KubeSphere's kubefed is the only one", Urgency.REINSTALL)
READS = Reads(found_in=each(DEPLOYMENT_KEY, *KINDS))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        controllers = [d for d in cluster.of(DEPLOYMENT_KEY) if catalogue.is_kubefed_controller(d)]
        records = [o for key in KINDS for o in cluster.of(key)]
        foreign = [o for o in (*controllers, *records) if o.namespace != KUBEFED_NAMESPACE]
        if foreign:
            yield Finding(
                id="foreign-kubefed",
                severity=Severity.WARNING,
                title=f"{cluster.name} has a kubefed outside {KUBEFED_NAMESPACE}",
                evidence=tuple(Evidence(cluster.name, o.title, "metadata.namespace", o.namespace) for o in foreign),
                next="It shares its CRDs with KubeSphere's, and members may be its members too; an uninstall would "
                "delete its records.",
                cure=f"See whose it is: {_look(cluster, foreign)}. Its owner removes it first, or KubeSphere's "
                "stays; once it is gone, ks-reset doctor does not name it any more.",
            )


def _look(cluster: ClusterFacts, foreign: list[Obj]) -> str:
    """One command of kubectl for each namespace."""
    inside = groupby(sorted(foreign, key=lambda obj: obj.namespace), lambda obj: obj.namespace)
    names = {namespace: " ".join(f"{obj.kind.resource}/{obj.name}" for obj in objs) for namespace, objs in inside}
    return "; ".join(f"kubectl --context {cluster.context} -n {home} get {listed}" for home, listed in names.items())
