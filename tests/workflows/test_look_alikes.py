"""An uninstall keeps each look-alike of each object in the inventories: other content, other or copied labels, another
group.

They are in a user's namespace, in kube-system, and in no namespace. In KubeSphere's own namespaces other proofs count.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from ks_reset import catalogue
from ks_reset.catalogue.inventory import InventoryEntry, inventory_versions, load_inventory
from ks_reset.catalogue.inventory.content import EMPTY_KINDS
from ks_reset.catalogue.names import API_SERVICE_KEY, CRD_KEY, NAMESPACE_KEY
from ks_reset.findings import check_fleet
from ks_reset.model import Body, Options
from ks_reset.plan.make import make_plan
from ks_reset.plan.playbook import load_playbook
from tests.build import facts
from tests.carried_out import facts_after
from tests.shorthand import expand_case

SERVICE = {"namespace": "shop", "name": "web"}
CONTENT: dict[str, Body] = {
    "Role": {"rules": [{"apiGroups": ["shop.example.com"], "resources": ["orders"], "verbs": ["get"]}]},
    "Binding": {"roleRef": {"kind": "ClusterRole", "name": "shop"}, "subjects": [{"kind": "User", "name": "alice"}]},
    "ConfigMap": {"data": {"shop": "yes"}},
    "WebhookConfiguration": {"webhooks": [{"name": "shop.example.com", "clientConfig": {"service": SERVICE}}]},
    "": {
        "spec": {
            "group": "shop.example.com",
            "service": SERVICE,
            "selector": {"app": "shop"},
            "template": {"spec": {"containers": [{"name": "shop", "image": "shop:1"}]}},
            "names": {"kind": "Shop", "plural": "shops"},
            "versions": [{"name": "v1", "served": True}],
        },
    },
}
"""What an object of a user's has, by the end of its kind."""
FOREIGN_KUBEFED = "Deployment.apps shop/kubefed-controller-manager"
OTHER_GROUP = ".example.com"
OTHER_DOMAIN = re.compile(r"((?:kubesphere|kubefed)\.io)$")
LABELS = ("app", "app.kubernetes.io/managed-by", "app.kubernetes.io/name", "k8s-app")
HELM = {"meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": "shop"}
HOSTS: dict[str, list[Any]] = {
    "3": ["Namespace kube-system", "Namespace shop", "Namespace kubesphere-system",
          "Deployment kubesphere-system/ks-installer", "Deployment kubesphere-system/ks-apiserver"],
    "4": ["Namespace kube-system", "Namespace shop", "Namespace kubesphere-system",
          "Secret kubesphere-system/sh.helm.release.v1.ks-core.v1 -> deployed",
          "Deployment kubesphere-system/ks-apiserver"],
}  # fmt: skip


def other_content(entry: InventoryEntry) -> Iterator[Body]:
    """The same type and name. A type, an API or a namespace of KubeSphere is known by its name: no user has another."""
    kind, _, group = entry.kind.partition(".")
    named = entry.kind in (CRD_KEY, API_SERVICE_KEY) and catalogue.is_own_group(entry.name.partition(".")[2])
    if named or entry.kind == NAMESPACE_KEY or catalogue.is_own_group(group):
        return
    yield row(kind, group, entry, entry.name)


def other_labels(entry: InventoryEntry) -> Iterator[Body]:
    """The labels of the entry, and those of each chart, with other values, on an object with another name."""
    kind, _, group = entry.kind.partition(".")
    if catalogue.is_own_group(group):
        return
    labels = dict.fromkeys((*LABELS, *entry.labels), "shop")
    yield row(kind, group, entry, f"my-{entry.name}", labels=labels, annotations=HELM)


def copied_labels(entry: InventoryEntry) -> Iterator[Body]:
    """The labels as delivered, and as a chart gives them: under another name, and under the same one elsewhere.

    An object without content and with the same name and labels, in kube-system as delivered, is the same object.
    """
    kind, _, group = entry.kind.partition(".")
    if catalogue.is_own_group(group):
        return
    labels = dict.fromkeys(LABELS, entry.name) | entry.labels
    yield row(kind, group, entry, f"my-{entry.name}", labels=labels)
    if entry.namespace and not (kind in EMPTY_KINDS and entry.namespace == "kube-system"):
        yield row(kind, group, entry, entry.name, labels=labels)


def other_group(entry: InventoryEntry) -> Iterator[Body]:
    """The same type and name in a group with the same beginning or end; for types and APIs, their name has it."""
    kind, _, group = entry.kind.partition(".")
    if entry.kind in (CRD_KEY, API_SERVICE_KEY):
        names = (entry.name + OTHER_GROUP, OTHER_DOMAIN.sub(r"my\1", entry.name))
        yield from (row(kind, group, entry, name) for name in names if name != entry.name)
    elif group and not group.endswith("k8s.io"):
        groups = (group + OTHER_GROUP, OTHER_DOMAIN.sub(r"my\1", group))
        yield from (row(kind, other, entry, entry.name) for other in groups if other != group)


def row(kind: str, group: str, entry: InventoryEntry, name: str, **meta: Any) -> Body:
    """An object with a user's content: in kube-system, if the entry is there, or in a user's namespace."""
    place = {"namespace": "kube-system" if entry.namespace == "kube-system" else "shop"} if entry.namespace else {}
    version = f"{group}/v1" if group else "v1"
    meta = {"name": name.replace("*", "1"), **place, **meta}
    content = next(content for end, content in CONTENT.items() if kind.endswith(end))
    return {"apiVersion": version, "kind": kind, "metadata": meta, **content}


@pytest.mark.parametrize("look_alikes", [other_content, other_labels, copied_labels, other_group])
@pytest.mark.parametrize("version", inventory_versions())
def test_an_uninstall_keeps_each_look_alike_of_each_object(version: str, look_alikes: Any) -> None:
    host = expand_case({"host": HOSTS[version[0]], "members": {}})["host"]
    theirs = {title(made): made for entry in load_inventory(version).entries for made in look_alikes(entry)}
    assert len(theirs) > 100
    known = facts([*host, *theirs.values()])
    plan = make_plan(load_playbook("uninstall"), known, Options())
    after = {obj.title for obj in facts_after(plan, known).host.all()}
    assert sorted(theirs.keys() - after) == []
    assert "Deployment.apps kubesphere-system/ks-apiserver" not in after
    changed = {action.target for action in plan.actions if action.verb != "remove-marks"}
    assert changed & theirs.keys() <= {FOREIGN_KUBEFED}


def test_a_kubefed_of_a_user_stops_an_uninstall() -> None:
    known = facts(expand_case({"host": [*HOSTS["3"], "Deployment shop/kubefed-controller-manager"]})["host"])
    assert "uninstall" in next(f.blocks for f in check_fleet(known, Options()) if f.id == "foreign-kubefed")


def title(body: Body) -> str:
    group, meta = body["apiVersion"].rpartition("/")[0], body["metadata"]
    where = f"{meta['namespace']}/" if "namespace" in meta else ""
    return f"{body['kind']}{'.' if group else ''}{group} {where}{meta['name']}"
