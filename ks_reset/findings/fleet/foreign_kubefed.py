"""A kubefed other than KubeSphere's uses the same CRDs; without them its federation stops.

It is in another namespace, or in the usual one of a cluster without anything of KubeSphere's, with upstream's image
(kubefed v0.8.1, charts/kubefed/README.md: controllermanager.controller.repository; KubeSphere's is kubesphere/kubefed,
ks-installer v3.3.1, roles/ks-multicluster).
"""

from collections.abc import Iterable
from itertools import groupby

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    CRD_KEY,
    DEPLOYMENT_KEY,
    KUBEFED_CLUSTER_KEY,
    KUBEFED_CONFIG_KEY,
    KUBEFED_NAMESPACE,
    NAMESPACE_KEY,
)
from ks_reset.facts.crds import own_types
from ks_reset.facts.stray_controllers import RUNNERS, stray_controllers
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency

KINDS = (KUBEFED_CONFIG_KEY, KUBEFED_CLUSTER_KEY)

ABOUT = About(Group.FEDERATION, "KubeSphere's kubefed is the only one", Urgency.REINSTALL)
UPSTREAM = "kubernetes-multicluster/kubefed"
READS = Reads(found_in=each(*RUNNERS, *KINDS), decided_by=each(CRD_KEY, NAMESPACE_KEY))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        there = (*cluster.of(DEPLOYMENT_KEY), *stray_controllers(cluster).running)
        controllers = [each for each in there if catalogue.is_kubefed_controller(each)]
        records = [o for key in KINDS for o in cluster.of(key)]
        foreign = [o for o in (*controllers, *records) if o.namespace != KUBEFED_NAMESPACE]
        upstream = [d for d in controllers if d not in foreign and _is_of_upstream(d) and not _has_kubesphere(cluster)]
        if foreign := [*foreign, *upstream]:
            where = "of another program" if upstream else f"outside {KUBEFED_NAMESPACE}"
            yield Finding(
                id="foreign-kubefed",
                severity=Severity.WARNING,
                title=f"{cluster.name} has a kubefed {where}",
                evidence=tuple(Evidence(cluster.name, o.title, "metadata.namespace", o.namespace) for o in foreign),
                next="It shares its CRDs with KubeSphere's, and members may be its members too; an uninstall would "
                "delete its records.",
                cure=f"See whose it is: {_look(cluster, foreign)}. Its owner removes it first, or KubeSphere's "
                "stays; once it is gone, ks-reset doctor does not name it any more.",
            )


def _is_of_upstream(deployment: Obj) -> bool:
    pod = (deployment.spec.get("template") or {}).get("spec") or {}
    return any(UPSTREAM in str(container.get("image", "")) for container in pod.get("containers") or ())


def _has_kubesphere(cluster: ClusterFacts) -> bool:
    """Whether a namespace or a type besides kubefed's is KubeSphere's: then that kubefed may well be its own."""
    homes = [n for n in cluster.of(NAMESPACE_KEY) if catalogue.own_namespace_entry(n) and n.name != KUBEFED_NAMESPACE]
    return bool(homes) or any(not crd.name.endswith("kubefed.io") for crd in own_types(cluster))


def _look(cluster: ClusterFacts, foreign: list[Obj]) -> str:
    """One command of kubectl for each namespace."""
    inside = groupby(sorted(foreign, key=lambda obj: obj.namespace), lambda obj: obj.namespace)
    names = {namespace: " ".join(f"{obj.kind.resource}/{obj.name}" for obj in objs) for namespace, objs in inside}
    return "; ".join(f"kubectl --context {cluster.context} -n {home} get {listed}" for home, listed in names.items())
