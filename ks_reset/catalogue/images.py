"""The programs of a workload, by the names of its images."""

from ks_reset.model import Obj


def image_names(workload: Obj) -> frozenset[str]:
    """The last parts of its images' names: `quay.io/x/prometheus-operator:v1@sha256:1` → `prometheus-operator`."""
    pod = (workload.spec.get("template") or {}).get("spec") or workload.spec
    containers = (*(pod.get("initContainers") or ()), *(pod.get("containers") or ()))
    images = (str(container.get("image", "")).partition("@")[0] for container in containers)
    return frozenset(image.rpartition("/")[2].partition(":")[0] for image in images)
