"""KubeSphere 3.x finds no StorageClass to use: ks-installer stops there.

ks-installer v3.3.1, roles/preinstall/tasks/precheck.yaml and deploy/cluster-configuration.yaml (persistence).
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import CLUSTER_CONFIGURATION_KEY, DEFAULT_STORAGE_CLASS_ANNOTATIONS, STORAGE_CLASS_KEY
from ks_reset.findings.reads import Reads, each
from ks_reset.install.effective import effective_settings
from ks_reset.model import ClusterFacts, Evidence, ExternalAnswers, Finding, FleetFacts, Obj, Severity, Values

READS = Reads(decided_by=each(STORAGE_CLASS_KEY, CLUSTER_CONFIGURATION_KEY))


def check(values: Values, facts: FleetFacts, _: ExternalAnswers) -> Iterable[Finding]:
    for cluster in facts.clusters if values.release < (4,) else ():
        classes = cluster.of(STORAGE_CLASS_KEY)
        names = ", ".join(sorted(storage_class.name for storage_class in classes)) or "none"
        wanted = effective_settings(values, cluster, facts).storage_class
        if wanted and not any(obj.name == wanted for obj in classes):
            title = f"{cluster.name} has no StorageClass {wanted}; it has: {names}"
        elif not wanted and not any(map(_is_default, classes)):
            title = f"No StorageClass of {cluster.name} is the default; it has: {names}"
        else:
            continue
        yield Finding(
            id="storage-class",
            severity=Severity.WARNING,
            title=title,
            evidence=(Evidence(cluster.name, "StorageClass", "metadata.name", names),),
            next="ks-installer stops in its precheck, and KubeSphere stays off.",
            cure=_way_on(cluster, wanted),
        )


def _way_on(cluster: ClusterFacts, wanted: str) -> str:
    """One that is named and absent is not replaced by a default."""
    kubectl = f"kubectl --context {cluster.context}"
    if wanted:
        return f"Create it, or set storageClass in the values file to one that is there: {kubectl} get storageclass."
    first = next(iter(cluster.of(STORAGE_CLASS_KEY)), None)
    if first is None:
        return f"Create one, and mark it as the default; that is done when this shows it: {kubectl} get storageclass."
    mark = f"{kubectl} annotate storageclass {first.name} {DEFAULT_STORAGE_CLASS_ANNOTATIONS[0]}=true"
    return f"Set storageClass in the values file, or mark a default: {mark}."


def _is_default(obj: Obj) -> bool:
    return any(obj.annotations.get(key) == "true" for key in DEFAULT_STORAGE_CLASS_ANNOTATIONS)
