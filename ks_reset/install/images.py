"""The images needed by an installation, and the images on the nodes."""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    CRON_JOB_KEY,
    DAEMON_SET_KEY,
    DEPLOYMENT_KEY,
    JOB_KEY,
    KS_APISERVER,
    NODE_KEY,
    STATEFUL_SET_KEY,
)
from ks_reset.facts.installation import CORE_DEPLOYMENTS
from ks_reset.install.effective import effective_settings
from ks_reset.limits import load_yaml_documents
from ks_reset.model import MANIFEST, ClusterFacts, ExternalAnswers, FleetFacts, Kind, Obj, SourceContent, Values

WORKLOADS = (DEPLOYMENT_KEY, STATEFUL_SET_KEY, DAEMON_SET_KEY, JOB_KEY, CRON_JOB_KEY)
HUB = "docker.io"


def needed_images(values: Values, facts: FleetFacts, source: SourceContent) -> tuple[str, ...]:
    """Full references: the manifest's, the core's of this version, those in use if of the same version, the values'.

    Images in a manifest keep their registry; all others come from the registry and namespace that the configuration of
    a cluster names, if it does. kubesphere v3.3.1 and v4.1.3, build/.
    """
    core = [f"kubesphere/{name}:{values.version}" for name in CORE_DEPLOYMENTS]
    running = {image for cluster in facts.clusters for image in _running_images(cluster)}
    same = running if any(image.endswith(f"{KS_APISERVER}:{values.version}") for image in running) else set()
    needed = [full_reference(image) for image in (*core, *sorted(same), *values.images)]
    settings = [effective_settings(values, cluster, facts) for cluster in facts.clusters]
    others = [in_registry(s.registry, image, s.namespace) for s in dict.fromkeys(settings) for image in needed]
    return tuple(dict.fromkeys([*(full_reference(image) for image in _manifest_images(source)), *others]))


def _manifest_images(source: SourceContent) -> Iterable[str]:
    """The images of the workloads in a manifest."""
    for body in load_yaml_documents(source.data, "The manifest") if source.kind == MANIFEST else ():
        if isinstance(body, dict):
            yield from workload_images(Obj(Kind("", "", str(body.get("kind", "")), "", False), body))


def _running_images(cluster: ClusterFacts) -> Iterable[str]:
    for key in WORKLOADS:
        for obj in cluster.of(key):
            if catalogue.system_namespace(obj.namespace):
                yield from workload_images(obj)


def workload_images(obj: Obj) -> Iterable[str]:
    """The images of a workload's containers."""
    spec = obj.spec.get("jobTemplate", {}).get("spec") or obj.spec
    pod = (spec.get("template") or {}).get("spec") or {}
    for container in (*(pod.get("initContainers") or ()), *(pod.get("containers") or ())):
        yield str(container.get("image", ""))


def full_reference(image: str) -> str:
    """A full reference: `kubesphere/x:v1` → `docker.io/kubesphere/x:v1`; the default tag is latest."""
    first, slash, _ = image.partition("/")
    hosted = bool(slash) and ("." in first or ":" in first or first == "localhost")
    name = image if hosted else f"{HUB}/{image}" if slash else f"{HUB}/library/{image}"
    return name if ":" in name.rpartition("/")[2] or "@" in name else f"{name}:latest"


def in_registry(registry: str, image: str, namespace: str = "") -> str:
    """The image with its host replaced by `registry`, and its namespace by `namespace`; "" keeps them.

    As ks-installer does with local_registry and namespace_override; the namespace library stays (v3.3.1,
    roles/download/defaults/main.yml, base_repo and base_library_repo). An image of the registry keeps its place in it.
    """
    registry = registry.rstrip("/")
    host, _, path = image.partition("/")
    if registry and image.startswith(f"{registry}/"):
        host, path = registry, image.removeprefix(f"{registry}/")
    home, _, name = path.rpartition("/")
    if namespace and home != "library":
        path = f"{namespace}/{name}"
    return f"{registry or host}/{path}"


def missing_images(answers: ExternalAnswers, facts: FleetFacts) -> list[str]:
    """The images that no registry gives, and that are not on every node of each cluster either."""
    return [
        image
        for image, why in answers.images.items()
        if why and not all(on_every_node(cluster, image) for cluster in facts.clusters)
    ]


def on_every_node(cluster: ClusterFacts, image: str) -> bool:
    """Whether all nodes report the image; a node reports 50 at most (nodeStatusMaxImages)."""
    nodes = cluster.of(NODE_KEY)
    return bool(nodes) and all(image in _node_images(node) for node in nodes)


def _node_images(node: Obj) -> set[str]:
    entries = (node.body.get("status") or {}).get("images") or []
    return {full_reference(name) for entry in entries for name in entry.get("names") or []}
