"""The programs of a workload, by the names of its images."""

import re

from ks_reset.model import Obj


def image_name(image: str) -> str:
    """The last part of an image's name, as `operator` of `quay.io/x/operator:v1@sha256:1`."""
    return re.split(r"[:@]", image.rsplit("/", 1)[-1], maxsplit=1)[0]


def image_names(workload: Obj) -> frozenset[str]:
    """The names of the images of its containers, without registry, tag and digest."""
    pod = (workload.spec.get("template") or {}).get("spec") or workload.spec
    containers = (*(pod.get("initContainers") or ()), *(pod.get("containers") or ()))
    return frozenset(image_name(str(container.get("image", ""))) for container in containers)
