"""Objects of an earlier installation, from which the next one takes settings in place of those asked for.

kubesphere v4.1.3, config/ks-core/templates/_helpers.tpl: role, name of the host and jwtSecret come from a ConfigMap
kubesphere-config where the values leave them empty. ks-installer v3.3.1, roles/ks-core/init-token: where no jwtSecret
is asked for, that of a Secret kubesphere-secret stays; roles/ks-core/config: of the ConfigMap, the index prefix and
SonarQube's token.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import (
    CLUSTER_CONFIGURATION_KEY,
    CONFIG_MAP_KEY,
    KUBESPHERE_CONFIG,
    KUBESPHERE_NAMESPACE,
    SECRET_KEY,
)
from ks_reset.findings.reads import Reads, each
from ks_reset.findings.request.planned_install import BEGUN, SELECTED, clusters_to_install, nothing_begun
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity

READS = Reads(found_in=each(CONFIG_MAP_KEY), decided_by=(*BEGUN, *SELECTED))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for cluster in clusters_to_install(facts, options) if options.material.install else ():
        if nothing_begun(cluster) and (leftovers := list(_leftovers(cluster, options))):
            names = " and ".join(obj.title for obj in leftovers)
            yield Finding(
                id="leftover-config",
                severity=Severity.WARNING,
                title=f"{cluster.name} has {names} of an earlier installation",
                evidence=tuple(Evidence(cluster.name, o.title, "metadata.uid", o.uid) for o in leftovers),
                next="The installation takes role and jwtSecret from there where the values file gives none; with "
                "another jwtSecret members refuse the tokens of their host.",
                cure="Save them: ks-reset vault --out vault.age --recipient AGE-KEY. Then: kubectl "
                f"--context {cluster.context} -n {KUBESPHERE_NAMESPACE} delete "
                + " ".join(f"{obj.kind.kind.lower()}/{obj.name}" for obj in leftovers)
                + ".",
            )


def _leftovers(cluster: ClusterFacts, options: Options) -> Iterable[Obj]:
    config = cluster.get(CONFIG_MAP_KEY, KUBESPHERE_CONFIG, KUBESPHERE_NAMESPACE)
    secret = cluster.get(SECRET_KEY, "kubesphere-secret", KUBESPHERE_NAMESPACE)
    return (obj for obj in (config, None if _gives_jwt_secret(cluster, options) else secret) if obj)


def _gives_jwt_secret(cluster: ClusterFacts, options: Options) -> bool:
    """Whether the plan sets a jwtSecret, or nothing reads that Secret."""
    objects = options.material.install.objects if options.material.install else ()
    configurations = [
        p.obj for p in objects if p.cluster == cluster.identity and p.kind.key == CLUSTER_CONFIGURATION_KEY
    ]
    return all((obj.spec.get("authentication") or {}).get("jwtSecret") for obj in configurations)
