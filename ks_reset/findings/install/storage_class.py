"""KubeSphere 3.x finds no StorageClass to use: ks-installer stops there.

ks-installer v3.3.1, roles/preinstall/tasks/precheck.yaml and deploy/cluster-configuration.yaml (persistence).
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import CLUSTER_CONFIGURATION_KEY, DEFAULT_STORAGE_CLASS_ANNOTATIONS, STORAGE_CLASS_KEY
from ks_reset.findings.reads import Reads, each
from ks_reset.install.effective import effective_settings
from ks_reset.model import Evidence, ExternalAnswers, Finding, FleetFacts, Obj, Severity, Values

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
            cure=f"Create one, set storageClass in the values file, or mark a default: kubectl --context "
            f"{cluster.context} annotate storageclass {classes[0].name if classes else 'NAME'} "
            f"{DEFAULT_STORAGE_CLASS_ANNOTATIONS[0]}=true.",
        )


def _is_default(obj: Obj) -> bool:
    return any(obj.annotations.get(key) == "true" for key in DEFAULT_STORAGE_CLASS_ANNOTATIONS)
