"""What an installation of KubeSphere brings, whether it has begun, whether it works, and what it waits for.

ks-installer v3.3.1, roles/ks-core/ks-core and roles/ks-multicluster; kubesphere v4.1.3, config/ks-core/templates.
"""

import re
from collections.abc import Iterable

import yaml

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    CLUSTER_CONFIGURATION_KEY,
    DEPLOYMENT_KEY,
    DEPLOYMENT_KIND,
    KS_APISERVER,
    KS_CONSOLE,
    KS_CONTROLLER_MANAGER,
    KS_CORE_RELEASE,
    KS_INSTALLER,
    KUBEFED_CONTROLLER_MANAGER,
    KUBEFED_NAMESPACE,
    KUBESPHERE_CONFIG,
    KUBESPHERE_NAMESPACE,
    PERSISTENT_VOLUME_CLAIM_KEY,
    POD_KEY,
    REPLICA_SET_KEY,
    SECRET_KEY,
    STATEFUL_SET_KEY,
)
from ks_reset.facts import installer
from ks_reset.model import Body, ClusterFacts, Install, Obj

CONFIGURATION = CLUSTER_CONFIGURATION_KEY
INSTALLER = KS_INSTALLER
SYSTEM = KUBESPHERE_NAMESPACE
FEDERATION = KUBEFED_NAMESPACE
CONFIG = KUBESPHERE_CONFIG
RELEASE = KS_CORE_RELEASE
DEPLOYMENT = DEPLOYMENT_KIND
CORE = (KS_APISERVER, KS_CONSOLE, KS_CONTROLLER_MANAGER)
KUBEFED = KUBEFED_CONTROLLER_MANAGER
WORKLOADS = (DEPLOYMENT_KEY, STATEFUL_SET_KEY)
KINDS = (*WORKLOADS, REPLICA_SET_KEY, POD_KEY, PERSISTENT_VOLUME_CLAIM_KEY, CLUSTER_CONFIGURATION_KEY)
"""What is read while an installation is waited for."""
TAG = re.compile(r":(v\d+\.\d+\.\d+[\w.-]*)$")


def begun(cluster: ClusterFacts) -> bool:
    """Whether an installation of KubeSphere stands here, or is under way: a ClusterConfiguration, or a release.

    ks-installer makes a release ks-core of its own (ks-installer v3.3.1, roles/ks-core/ks-core/tasks/main.yaml).
    """
    return released(cluster) or configuration(cluster) is not None


def configuration(cluster: ClusterFacts) -> Obj | None:
    """What ks-installer acts on."""
    return cluster.get(CLUSTER_CONFIGURATION_KEY, KS_INSTALLER, KUBESPHERE_NAMESPACE)


def released(cluster: ClusterFacts) -> bool:
    """Whether helm remembers a release ks-core."""
    secrets = (secret.labels for secret in cluster.of(SECRET_KEY) if secret.namespace == KUBESPHERE_NAMESPACE)
    return any(labels.get("owner") == "helm" and labels.get("name") == KS_CORE_RELEASE for labels in secrets)


def version(cluster: ClusterFacts) -> str:
    """Which KubeSphere runs here, as the image of ks-apiserver says, else ks-installer; "" if neither does."""
    apiserver = cluster.get(DEPLOYMENT_KIND.key, CORE[0], KUBESPHERE_NAMESPACE)
    pod = ((apiserver.spec.get("template") or {}).get("spec") or {}) if apiserver else {}
    tags = [found[1] for each in pod.get("containers") or () if (found := TAG.search(str(each.get("image", ""))))]
    return tags[0] if tags else installer.version(configuration(cluster))


def jwt_secret(config: Body) -> str:
    """The jwtSecret in a ConfigMap kubesphere-config; "" for none. Raises YAMLError for what is no YAML.

    kubesphere v3.3.1, pkg/apiserver/authentication/options.go: authentication.jwtSecret; v4.1.1,
    config/ks-core/templates/kubesphere-config.yaml: authentication.issuer.jwtSecret.
    """
    read = yaml.safe_load((config.get("data") or {}).get("kubesphere.yaml") or "")
    said = (read.get("authentication") or {}) if isinstance(read, dict) else {}
    return str(said.get("jwtSecret") or (said.get("issuer") or {}).get("jwtSecret") or "")


def expected(install: Install | None) -> Iterable[tuple[str, str, str]]:
    """Cluster, namespace and name of each Deployment without which the installation does not work."""
    for past in install.objects if install else ():
        if past.kind.key == CLUSTER_CONFIGURATION_KEY:
            yield from ((past.cluster, KUBESPHERE_NAMESPACE, name) for name in CORE)
            if (past.obj.spec.get("multicluster") or {}).get("clusterRole") == "host":
                yield past.cluster, KUBEFED_NAMESPACE, KUBEFED_CONTROLLER_MANAGER
    for chart in install.charts if install else ():
        yield from ((chart.cluster, KUBESPHERE_NAMESPACE, name) for name in CORE)


def waiting(cluster: ClusterFacts, names: Iterable[tuple[str, str]]) -> list[str]:
    """What is not ready yet, one a line: the Deployments of these namespaces and names, what the installer says of
    itself and its components, and whatever else runs in KubeSphere's namespaces; but no DaemonSet, which one broken
    node would keep from being ready for ever."""
    names = list(names)
    others = [obj for key in WORKLOADS for obj in cluster.of(key) if catalogue.system_namespace(obj.namespace)]
    rest = [obj for obj in others if (obj.namespace, obj.name) not in names or obj.kind.key != DEPLOYMENT_KIND.key]
    return [
        *unready(cluster, names),
        *(line for obj in rest if (line := _missing_pods(obj))),
        *_installer_tasks(cluster),
    ]


def _installer_tasks(cluster: ClusterFacts) -> Iterable[str]:
    if found := configuration(cluster):
        return installer.waiting(found)
    comes = (
        cluster.get(DEPLOYMENT_KIND.key, KS_INSTALLER, KUBESPHERE_NAMESPACE) is not None
    )  # and makes it anew where it brings it up to date
    return ["ClusterConfiguration ks-installer is not there"] if comes else []


def unready(cluster: ClusterFacts, names: Iterable[tuple[str, str]]) -> list[str]:
    """Which of these Deployments, by namespace and name, do not work, one a line; a stopped one does not."""
    found = [(where, name, cluster.get(DEPLOYMENT_KIND.key, name, where)) for where, name in names]
    lines = [
        _reason_not_working(obj) if obj else f"Deployment {where}/{name} is not there" for where, name, obj in found
    ]
    return [line for line in lines if line]


def _reason_not_working(obj: Obj) -> str:
    return _missing_pods(obj) or (f"{obj.title} is stopped" if obj.spec.get("replicas", 1) == 0 else "")


def _missing_pods(obj: Obj) -> str:
    """How many of its pods a workload lacks; "" for none.

    A StatefulSet counts those available from Kubernetes 1.22 on alone (kubernetes v1.22.0, pkg/apis/apps/types.go).
    """
    status = obj.body.get("status") or {}
    counted = "availableReplicas" if obj.kind.kind == "Deployment" else "readyReplicas"
    wanted, ready = obj.spec.get("replicas", 1), status.get(counted, 0) or 0
    seen = status.get("observedGeneration", 0) >= obj.meta.get("generation", 0)
    if not seen:
        return f"{obj.title}: its controller has not seen its last change yet"
    return "" if ready >= wanted else f"{obj.title}: {ready} of {wanted} pod(s) available"
