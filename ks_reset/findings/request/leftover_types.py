"""CRDs of an earlier installation on a cluster where KubeSphere is to be installed.

helm does not touch an existing CRD of crds/, of any version (helm v3.19.5, pkg/action/install.go, installCRDs); the
API server refuses to drop a version with stored objects, as ks-installer would (ks-installer v3.3.1,
roles/ks-core/ks-core, Upgrade CRDs). Controllers act on objects stored in them.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import CRD_KEY, WORKLOAD_KEYS
from ks_reset.facts.crds import key_of_type, own_types
from ks_reset.facts.kept import Kept
from ks_reset.facts.shared_types import groups_of_foreign_operators, type_proof
from ks_reset.findings.mend import for_cluster
from ks_reset.findings.reads import ANY_LIST, Reads, each
from ks_reset.findings.request.planned_install import BEGUN, SELECTED, clusters_to_install, nothing_begun
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity

READS = Reads(found_in=each(CRD_KEY), decided_by=(*each(*WORKLOAD_KEYS), *BEGUN, *SELECTED), worded_by=each(ANY_LIST))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for cluster in clusters_to_install(facts, options):
        users = groups_of_foreign_operators(cluster)
        kept = Kept(cluster, options.request)
        ours = [crd for crd in own_types(cluster) if type_proof(crd, users) and not kept.keeps_type(crd)]
        leftovers = [crd for crd in ours if not _is_in_plan(crd, options)]
        if leftovers and nothing_begun(cluster):
            yield Finding(
                id="leftover-types",
                severity=Severity.WARNING,
                title=f"{cluster.name} has {len(leftovers)} type(s) of an earlier KubeSphere, and no installation",
                evidence=tuple(
                    Evidence(cluster.name, crd.title, "versions", _versions_and_objects(cluster, crd))
                    for crd in leftovers
                ),
                next="The installation keeps them as they are, or is refused half-way; its controllers act on old "
                "records and Workspaces in them.",
                cure=f"ks-reset plan uninstall{for_cluster(facts, cluster)} --out plan.json removes them, with "
                "everything else left.",
            )


def _is_in_plan(crd: Obj, options: Options) -> bool:
    """Whether the plan itself creates the CRD, as it does before the ClusterConfiguration by which a run has begun."""
    objects = options.material.install.objects if options.material.install else ()
    return any(past.kind.key == CRD_KEY and past.obj.name == crd.name for past in objects)


def _versions_and_objects(cluster: ClusterFacts, crd: Obj) -> str:
    versions = ", ".join(str(version.get("name")) for version in crd.spec.get("versions") or ()) or "none"
    objects = cluster.of(key_of_type(crd))
    return f"{versions}; {len(objects)} object(s)"
