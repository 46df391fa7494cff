"""References to pods, claims and volumes inside the content of other objects."""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from ks_reset.model import ClusterFacts, Obj

POD, CLAIM, VOLUME = "Pod", "PersistentVolumeClaim", "PersistentVolume"
POD_FIELDS = ("pod", "podName", "pod_name")
NAMESPACE_FIELDS = ("namespace", "podNamespace", "pod_namespace")
CONTAINER, NETWORK = "cni.projectcalico.org/containerID", "k8s-pod-network"
"""Calico's annotation on a pod, and the network in its manifests; `<network>.<container>` is the handle."""
HANDLE_FIELDS = ("handle_id", "handleID")
VOLUME_FIELDS = re.compile(r"(?i:volume|handle)|(?<![a-z])pv(?![a-z])|(?<![A-Z])P[vV](?![a-zC])")
"""The fields, and the kinds of objects, that hold the name or the handle of a volume; elsewhere it is any word."""

Place = tuple[str, str]
"""The namespace and the name of a pod."""


class References:
    """The texts and mappings that stand for `pods` and `others`, which are gone.

    With `known`, the places of all pods that were ever read, a mapping that names a pod outside them is one too.
    """

    def __init__(
        self, before: ClusterFacts, pods: Iterable[Obj], others: Iterable[Obj], known: set[Place] | None = None
    ) -> None:
        self.before, self.pods, self.others, self.known = before, list(pods), list(others), known

    def reason(self, part: Any) -> str:
        """Which of them a part of an object refers to, as a phrase; "" for none."""
        title = next((self._by_text[text] for text in strings(part) if text in self._by_text), "")
        title = title or next((self._volumes[name] for name in volume_names(part) if name in self._volumes), "")
        title = title or next((pod for mapping in mappings(part) if (pod := self._pod_of(mapping))), "")
        return f"it refers to {title}, which is gone" if title else ""

    @cached_property
    def by_uid(self) -> dict[str, str]:
        """Their titles by UID."""
        return {obj.uid: obj.title for obj in (*self.pods, *self.others)}

    @cached_property
    def _by_text(self) -> dict[str, str]:
        return self.by_uid | self._handles | {f"{pod.namespace}/{pod.name}": pod.title for pod in self.pods}

    @cached_property
    def _volumes(self) -> dict[str, str]:
        """The titles of the volumes, by name and by handle."""
        volumes = [obj for obj in self.others if obj.kind.key == VOLUME]
        handles = {str((v.spec.get("csi") or {}).get("volumeHandle") or v.name): v.title for v in volumes}
        return {v.name: v.title for v in volumes} | handles

    @cached_property
    def _handles(self) -> dict[str, str]:
        """The handles that another object gives to one of the pods, with the title of that pod."""
        blocks = (part for obj in self.before.all() if "." in obj.kind.group for part in mappings(obj.body))
        found = ((part, self._pod_of(part.get("secondary") or part)) for part in blocks if _handle(part))
        in_blocks = {_handle(part): pod for part, pod in found if pod}
        annotated = [pod for pod in self.pods if CONTAINER in pod.annotations]
        return in_blocks | {f"{NETWORK}.{pod.annotations[CONTAINER]}": pod.title for pod in annotated}

    @cached_property
    def _titles(self) -> dict[Place, str]:
        return {(pod.namespace, pod.name): pod.title for pod in self.pods}

    def _pod_of(self, part: dict[str, Any]) -> str:
        """The title of the pod that a mapping names by namespace and name, if it is one of them."""
        place = named_pod(part)
        unread = self.known is not None and all(place) and place not in self.known
        return f"{POD} {place[0]}/{place[1]}" if unread else self._titles.get(place, "")


def named_pod(part: dict[str, Any]) -> Place:
    """The namespace and the name of a pod in a mapping; "" for what it does not say."""
    fields = ("name", *POD_FIELDS) if part.get("kind") == POD else POD_FIELDS
    namespace = next((str(part[field]) for field in NAMESPACE_FIELDS if isinstance(part.get(field), str)), "")
    return namespace, next((str(part[field]) for field in fields if isinstance(part.get(field), str)), "")


def strings(part: Any) -> Iterator[str]:
    """Every text in a part of an object, at any depth; keys are none."""
    if isinstance(part, str):
        yield part
    for inner in _inner(part):
        yield from strings(inner)


def mappings(part: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in a part of an object, at any depth."""
    if isinstance(part, dict):
        yield part
    for inner in _inner(part):
        yield from mappings(inner)


def volume_names(part: Any) -> Iterator[str]:
    """Every text in a part of an object that may be the name or the handle of a volume, by its field."""
    for mapping in mappings(part):
        for field, value in mapping.items():
            if _holds_volume(field) or (field == "name" and mapping.get("kind") == VOLUME):
                yield from (text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str))


def _holds_volume(field: str) -> bool:
    return bool(VOLUME_FIELDS.search(field)) and "claim" not in field.lower()


def differing_parts(old: dict[str, Any], new: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The smallest parts of two mappings that differ, each with its key; None for what one of them does not have."""
    for key in sorted(old.keys() | new.keys()):
        was, now = old.get(key), new.get(key)
        if isinstance(was, dict) and isinstance(now, dict):
            yield from differing_parts(was, now)
        elif was != now:
            yield {key: was}, {key: now}


def _inner(part: Any) -> Iterable[Any]:
    return part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()


def _handle(part: dict[str, Any]) -> str:
    return next((str(part[field]) for field in HANDLE_FIELDS if isinstance(part.get(field), str)), "")
