"""Objects that no manifest has, but that follow from one: helm's Secrets of a release, and namespaces with objects."""

from collections.abc import Iterable, Iterator

from tools.inventory.found import Found

KUBERNETES = ("", "default", "kube-system", "kube-public", "kube-node-lease")


def implied_objects(found: Iterable[Found]) -> Iterator[Found]:
    """One Secret pattern for each release, one Namespace for each namespace that is not Kubernetes'.

    helm v3.19.5, pkg/storage/driver/secrets.go, newSecretsObject: owner and name are labels.
    """
    releases: dict[str, Found] = {}
    namespaces: dict[str, Found] = {}
    for one in found:
        namespace = one.body["metadata"].get("namespace") or one.namespace
        namespaces.setdefault(namespace, one)
        if one.release:
            releases.setdefault(one.release, one)
    for release, one in releases.items():
        namespace, _, name = release.partition("/")
        namespaces.setdefault(namespace, one)
        labels = {"owner": "helm", "name": name}
        meta = {
            "name": f"sh.helm.release.v1.{name}.v*",
            "namespace": namespace,
            "labels": labels,
        }
        yield Found({"apiVersion": "v1", "kind": "Secret", "metadata": meta}, one.source, one.component)
    for namespace, one in namespaces.items():
        if namespace not in KUBERNETES:
            body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
            yield Found(body, one.source, one.component)
