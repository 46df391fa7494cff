"""What tells KubeSphere's version: the ClusterConfiguration, images, labels of helm charts, and CRDs.

ks-installer v3.3.1: deploy/cluster-configuration.yaml sets the label `version`, roles/check-result/tasks/main.yaml
writes `status.core.version` last. kubesphere v4.1.3, config/ks-core/templates: the images of its Deployments have the
chart's tag. The release ks-core exists from 3.2 on (ks-installer v3.2.1, roles/ks-core/ks-core/tasks/main.yaml).
"""

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from ks_reset.catalogue.names import (
    CLUSTER_CONFIGURATION_KEY,
    CRD_KEY,
    DEPLOYMENT_KEY,
    KS_APISERVER,
    KS_CONSOLE,
    KS_CONTROLLER_MANAGER,
    KS_INSTALLER,
    KUBESPHERE_NAMESPACE,
)
from ks_reset.model import ClusterFacts, Obj

RUNNING = (KS_APISERVER, KS_CONTROLLER_MANAGER, KS_CONSOLE, KS_INSTALLER)
VERSION = re.compile(r"v?(\d+\.\d+\.\d+)(?:[-+][\w.]+)?$")
MARKS = {"extensions.kubesphere.io": "4", "installer.kubesphere.io": "3"}
"""API groups with CRDs of one major version only (ks-installer v3.3.1, deploy/kubesphere-installer.yaml; kubesphere
v4.1.3, config/ks-core/charts/ks-crds)."""


class Clue(Struct, frozen=True):
    """One fact, and the version it tells: "" if it tells none, such as an image with a digest."""

    object: str
    field: str
    value: str
    version: str = ""


def version_clues(cluster: ClusterFacts) -> tuple[Clue, ...]:
    """Every fact that tells a version or should, in the order of their weight."""
    return (*_configuration_clues(cluster), *_image_clues(cluster))


def major_clues(cluster: ClusterFacts) -> tuple[Clue, ...]:
    """CRDs of a group that only one major version has: one clue a group."""
    groups = {str(crd.spec.get("group", "")) for crd in cluster.of(CRD_KEY)}
    return tuple(Clue(f"CRDs of {group}", "only in", f"{MARKS[group]}.x") for group in sorted(groups & MARKS.keys()))


def told_versions(clues: Iterable[Clue]) -> tuple[str, ...]:
    """The versions the clues tell, each once, in their order."""
    return tuple(dict.fromkeys(clue.version for clue in clues if clue.version))


def _configuration_clues(cluster: ClusterFacts) -> Iterator[Clue]:
    for configuration in cluster.of(CLUSTER_CONFIGURATION_KEY):
        status = (configuration.body.get("status") or {}).get("core") or {}
        if isinstance(status, dict) and status.get("version"):
            yield _clue(configuration, "status.core.version", str(status["version"]))
        if label := configuration.labels.get("version"):
            yield _clue(configuration, "label version", label)


def _image_clues(cluster: ClusterFacts) -> Iterator[Clue]:
    for name in RUNNING:
        deployment = cluster.get(DEPLOYMENT_KEY, name, KUBESPHERE_NAMESPACE)
        pod = ((deployment.spec.get("template") or {}).get("spec") or {}) if deployment else {}
        for container in pod.get("containers") or ():
            image = str(container.get("image", ""))
            if deployment and image.rsplit("/", 1)[-1].startswith(name):
                yield _clue(deployment, "image", image)


def _clue(obj: Obj, field: str, value: str) -> Clue:
    match = VERSION.search(value.rsplit(":", 1)[-1])
    return Clue(obj.title, field, value, match[1] if match else "")
