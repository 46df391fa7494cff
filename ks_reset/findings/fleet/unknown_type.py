"""Objects in KubeSphere's API groups of a component outside the catalogue: the effect of deleting them is unknown."""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import CRD_KEY, WORKLOAD_KEYS
from ks_reset.facts.crds import key_of_type, own_types
from ks_reset.facts.operators import spared_groups
from ks_reset.facts.shared_types import groups_of_foreign_operators
from ks_reset.findings.reads import ANY_LIST, Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity

INSTALL_PLANS = "installplans.kubesphere.io"

READS = Reads(found_in=each(CRD_KEY, *WORKLOAD_KEYS, ANY_LIST))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        users = groups_of_foreign_operators(cluster)
        unknown = [
            c
            for c in own_types(cluster)
            if (catalogue.component_of_type(c.name) not in catalogue.COVERED or c.spec["group"] in users)
            and c.spec["group"] not in spared_groups(options.request)
            and cluster.of(key_of_type(c))
        ]
        if unknown:
            yield Finding(
                id="unknown-type",
                severity=Severity.WARNING,
                title=f"{cluster.name} holds objects of {len(unknown)} KubeSphere type(s) unknown to this ks-reset",
                evidence=tuple(
                    Evidence(cluster.name, c.title, "objects", str(len(cluster.of(key_of_type(c))))) for c in unknown
                ),
                next="They belong to a component outside this catalogue, or to an operator outside KubeSphere's "
                "namespaces; deleting them may delete workloads.",
                cure=_way_on(cluster, unknown),
            )


def _way_on(cluster: ClusterFacts, unknown: list[Obj]) -> str:
    """The commands that show the objects. KubeSphere takes an extension off itself once its InstallPlan is deleted.

    kubesphere v4.1.3, pkg/controller/core/installplan_controller.go, reconcileDelete.
    """
    kubectl = f"kubectl --context {cluster.context}"
    plans = [obj.name for crd in unknown if crd.name == INSTALL_PLANS for obj in cluster.of(key_of_type(crd))]
    others = [crd for crd in unknown if crd.name != INSTALL_PLANS]
    words = []
    if plans:
        words.append(
            "Let KubeSphere take the extensions off while ks-controller-manager runs: "
            f"{kubectl} delete {INSTALL_PLANS} {' '.join(plans)}. It is done when that command returns."
        )
    if others:
        look = "; ".join(f"{kubectl} get {crd.name}{_everywhere(crd)}" for crd in others)
        words.append(
            f"See what they are: {look}. Let their component delete those nobody needs, while it runs; a deletion may "
            "take workloads along."
        )
    return " ".join((*words, "Then: ks-reset plan uninstall -o plan.json."))


def _everywhere(crd: Obj) -> str:
    return " -A" if crd.spec.get("scope", "Namespaced") == "Namespaced" else ""
