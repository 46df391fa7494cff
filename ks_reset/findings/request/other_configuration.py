"""Another installation than the one asked for exists, or is under way: the plan would not change it.

A plan creates absent objects and overwrites nothing. ks-installer v3.3.1 leaves out components its status lists as
enabled (playbooks/multicluster.yaml); controller/installRunner.py rewrites other parts of the spec to its own
version's form, so only the deciding fields are compared.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import (
    CLUSTER_CONFIGURATION_KEY,
    DEPLOYMENT_KEY,
    DEPLOYMENT_KIND,
    KS_CORE_RELEASE,
    KS_INSTALLER,
    KUBEFED_CONTROLLER_MANAGER,
    KUBEFED_NAMESPACE,
    KUBESPHERE_NAMESPACE,
    SECRET_KEY,
)
from ks_reset.facts import installation, installer
from ks_reset.facts.installation import cluster_configuration
from ks_reset.findings.mend import for_cluster
from ks_reset.findings.reads import Reads, each
from ks_reset.model import Body, ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity

DECIDE = (
    *(("multicluster", "hostClusterName"), ("authentication", "jwtSecret")),
    *(("persistence", "storageClass"), ("local_registry",)),
)
"""The deciding fields of a ClusterConfiguration besides version, role and components; ks-installer keeps them."""
Difference = tuple[str, str, str]
"""A field, its value on the cluster, the value asked for."""

READS = Reads(decided_by=each(CLUSTER_CONFIGURATION_KEY, DEPLOYMENT_KEY, SECRET_KEY))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    install = options.material.install
    for past in install.objects if install else ():
        if past.kind.key == CLUSTER_CONFIGURATION_KEY and (cluster := facts.cluster(past.cluster)):
            yield from _other_finding(facts, cluster, _installer_differences(cluster, past.obj))
    for chart in install.charts if install else ():
        if cluster := facts.cluster(chart.cluster):
            yield from _other_finding(facts, cluster, _chart_differences(cluster, install.version if install else ""))


def _other_finding(facts: FleetFacts, cluster: ClusterFacts, differences: Iterable[Difference]) -> Iterable[Finding]:
    if rows := list(differences):
        where = f"Release {KUBESPHERE_NAMESPACE}/{KS_CORE_RELEASE}"
        if cluster_configuration(cluster):
            where = f"ClusterConfiguration {KUBESPHERE_NAMESPACE}/ks-installer"
        yield Finding(
            id="other-configuration",
            severity=Severity.WARNING,
            title=f"{cluster.name} has another KubeSphere already than the one asked for",
            evidence=tuple(
                Evidence(cluster.name, where, field, f"{value}; asked for: {asked}") for field, value, asked in rows
            ),
            next="The plan overwrites nothing, so it would stay as it is, and the plan would wait in vain.",
            cure="Ask for the values on the cluster (in the values file), or change them with KubeSphere's own means, "
            f"or take KubeSphere off first: ks-reset plan uninstall{for_cluster(facts, cluster)} --out plan.json.",
        )


def _installer_differences(cluster: ClusterFacts, asked: Obj) -> Iterable[Difference]:
    current = cluster_configuration(cluster)
    if current is None:
        if installation.has_helm_release(cluster):
            yield "what put it on", "a release of helm's", KS_INSTALLER
        return
    wanted, runs = (
        asked.labels.get("version", ""),
        current.labels.get("version", "") or installer.installed_version(current),
    )
    if wanted and runs and wanted != runs:
        yield "metadata.labels[version]", runs, wanted
    if installer.multicluster_role(asked) != installer.multicluster_role(current):
        yield "spec.multicluster.clusterRole", installer.multicluster_role(current), installer.multicluster_role(asked)
    for path in DECIDE:
        want, has = _value_at(asked.spec, path), _value_at(current.spec, path)
        if want not in (None, "", has):
            yield f"spec.{'.'.join(path)}", str(has or "nothing"), str(want)
    for name in installer.COMPONENTS:
        want, has = _value_at(asked.spec, (name, "enabled")), _value_at(current.spec, (name, "enabled"))
        if want is not None and bool(want) != bool(has):
            yield f"spec.{name}.enabled", str(bool(has)).lower(), str(bool(want)).lower()
    if (
        installer.is_component_enabled(current, "multicluster")
        and cluster.get(DEPLOYMENT_KIND.key, KUBEFED_CONTROLLER_MANAGER, KUBEFED_NAMESPACE) is None
    ):
        yield (
            "status.multicluster",
            "enabled, so ks-installer leaves it out",
            f"Deployment {KUBEFED_NAMESPACE}/{KUBEFED_CONTROLLER_MANAGER}",
        )


def _chart_differences(cluster: ClusterFacts, wanted: str) -> Iterable[Difference]:
    runs = installation.running_version(cluster)
    if cluster_configuration(cluster):
        yield "what put it on", KS_INSTALLER, "helm"
    elif installation.has_helm_release(cluster) and runs not in ("", wanted):
        yield "image of ks-apiserver", runs, wanted


def _value_at(spec: Body, path: tuple[str, ...]) -> object:
    value: object = spec
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value
