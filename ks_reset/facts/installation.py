"""An installation of KubeSphere: whether it has begun, its version, its Deployments, and its unfinished parts.

ks-installer v3.3.1, roles/ks-core/ks-core and roles/ks-multicluster; kubesphere v4.1.3, config/ks-core/templates.
"""

import re
from collections.abc import Iterable

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
    KUBESPHERE_NAMESPACE,
    PERSISTENT_VOLUME_CLAIM_KEY,
    POD_KEY,
    REPLICA_SET_KEY,
    SECRET_KEY,
    STATEFUL_SET_KEY,
)
from ks_reset.facts import installer
from ks_reset.limits import load_yaml
from ks_reset.model import Body, ClusterFacts, Install, Obj

CORE_DEPLOYMENTS = (KS_APISERVER, KS_CONSOLE, KS_CONTROLLER_MANAGER)

POD_OWNER_KEYS = (DEPLOYMENT_KEY, STATEFUL_SET_KEY)
INSTALLATION_KEYS = (*POD_OWNER_KEYS, REPLICA_SET_KEY, POD_KEY, PERSISTENT_VOLUME_CLAIM_KEY, CLUSTER_CONFIGURATION_KEY)
"""Types read again while ks-reset waits for an installation."""
TAG = re.compile(r":(v\d+\.\d+\.\d+[\w.-]*)$")


def is_installation_begun(cluster: ClusterFacts) -> bool:
    """Whether an installation of KubeSphere is complete or in progress here: a ClusterConfiguration, or a helm release.

    ks-installer creates a release ks-core too (ks-installer v3.3.1, roles/ks-core/ks-core/tasks/main.yaml).
    """
    return has_helm_release(cluster) or cluster_configuration(cluster) is not None


def cluster_configuration(cluster: ClusterFacts) -> Obj | None:
    """The ClusterConfiguration of ks-installer; None if it is absent."""
    return cluster.get(CLUSTER_CONFIGURATION_KEY, KS_INSTALLER, KUBESPHERE_NAMESPACE)


def has_helm_release(cluster: ClusterFacts) -> bool:
    """Whether helm has a release ks-core."""
    secrets = (secret.labels for secret in cluster.of(SECRET_KEY) if secret.namespace == KUBESPHERE_NAMESPACE)
    return any(labels.get("owner") == "helm" and labels.get("name") == KS_CORE_RELEASE for labels in secrets)


def running_version(cluster: ClusterFacts) -> str:
    """KubeSphere's version, such as v3.3.1, from ks-apiserver's image, else from ks-installer's status, else ""."""
    apiserver = cluster.get(DEPLOYMENT_KIND.key, CORE_DEPLOYMENTS[0], KUBESPHERE_NAMESPACE)
    pod = ((apiserver.spec.get("template") or {}).get("spec") or {}) if apiserver else {}
    images = (str(container.get("image", "")) for container in pod.get("containers") or ())
    tags = [match[1] for match in map(TAG.search, images) if match]
    return tags[0] if tags else installer.installed_version(cluster_configuration(cluster))


def jwt_secret(config: Body) -> str:
    """The jwtSecret in a ConfigMap kubesphere-config; "" for none. Raises ValueError if its text is not YAML.

    kubesphere v3.3.1, pkg/apiserver/authentication/options.go: authentication.jwtSecret; v4.1.1,
    config/ks-core/templates/kubesphere-config.yaml: authentication.issuer.jwtSecret.
    """
    settings = load_yaml(str((config.get("data") or {}).get("kubesphere.yaml") or ""), "kubesphere.yaml")
    authentication = (settings.get("authentication") or {}) if isinstance(settings, dict) else {}
    return str(authentication.get("jwtSecret") or (authentication.get("issuer") or {}).get("jwtSecret") or "")


def expected_deployments(install: Install | None) -> Iterable[tuple[str, str, str]]:
    """Cluster identity, namespace and name of each Deployment required for a working installation."""
    for past in install.objects if install else ():
        if past.kind.key == CLUSTER_CONFIGURATION_KEY:
            yield from ((past.cluster, KUBESPHERE_NAMESPACE, name) for name in CORE_DEPLOYMENTS)
            if (past.obj.spec.get("multicluster") or {}).get("clusterRole") == "host":
                yield past.cluster, KUBEFED_NAMESPACE, KUBEFED_CONTROLLER_MANAGER
    for chart in install.charts if install else ():
        yield from ((chart.cluster, KUBESPHERE_NAMESPACE, name) for name in CORE_DEPLOYMENTS)


def unfinished_parts(cluster: ClusterFacts, names: Iterable[tuple[str, str]]) -> list[str]:
    """Lines that name each part not ready yet: Deployments by namespace and name, ks-installer's unfinished tasks and
    components, and other workloads in KubeSphere's namespaces; no DaemonSets, since one broken node would block them.
    """
    names = list(names)
    others = [obj for key in POD_OWNER_KEYS for obj in cluster.of(key) if catalogue.system_namespace(obj.namespace)]
    rest = [obj for obj in others if (obj.namespace, obj.name) not in names or obj.kind.key != DEPLOYMENT_KIND.key]
    return [
        *unready_deployments(cluster, names),
        *(line for obj in rest if (line := _missing_pods(obj))),
        *_installer_tasks(cluster),
    ]


def _installer_tasks(cluster: ClusterFacts) -> Iterable[str]:
    """ks-installer's unfinished tasks; while it is here, an absent ClusterConfiguration is one: updates recreate it."""
    if settings := cluster_configuration(cluster):
        return installer.unfinished_tasks(settings)
    deployment = cluster.get(DEPLOYMENT_KEY, KS_INSTALLER, KUBESPHERE_NAMESPACE)
    return ["ClusterConfiguration ks-installer does not exist"] if deployment else []


def unready_deployments(cluster: ClusterFacts, names: Iterable[tuple[str, str]]) -> list[str]:
    """A line for each of these Deployments, by namespace and name, that is absent, stopped or short of pods."""
    deployments = [(where, name, cluster.get(DEPLOYMENT_KEY, name, where)) for where, name in names]
    lines = [
        _reason_not_working(obj) if obj else f"Deployment {where}/{name} does not exist"
        for where, name, obj in deployments
    ]
    return [line for line in lines if line]


def _reason_not_working(obj: Obj) -> str:
    return _missing_pods(obj) or (f"{obj.title} is stopped" if obj.spec.get("replicas", 1) == 0 else "")


def _missing_pods(obj: Obj) -> str:
    """A line with a workload's available and wanted pods if it is short of pods; else "".

    For a StatefulSet ready pods count: availableReplicas exists from Kubernetes 1.22 on (kubernetes v1.22.0,
    pkg/apis/apps/types.go).
    """
    status = obj.body.get("status") or {}
    counted = "availableReplicas" if obj.kind.kind == "Deployment" else "readyReplicas"
    wanted, ready = obj.spec.get("replicas", 1), status.get(counted, 0) or 0
    if status.get("observedGeneration", 0) < obj.meta.get("generation", 0):
        return f"{obj.title}: its controller has not seen its last change yet"
    return "" if ready >= wanted else f"{obj.title}: {ready} of {wanted} pod(s) available"
