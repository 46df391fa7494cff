"""The webhook below Kubernetes 1.22, where namespaces lack the label of their name: exceptions are marked."""

from typing import Any

import pytest
from msgspec import structs

from ks_reset import seatbelt
from ks_reset.apply.write.delete import deletion_request
from ks_reset.apply.write.namespace_marks import mark_namespaces
from ks_reset.apply.write.seatbelt import delete_seatbelt
from ks_reset.cluster.transport import NotFound
from ks_reset.facts.webhooks import is_webhook_called, webhooks_of
from ks_reset.guards import GuardContext
from ks_reset.model import Body, ClusterFacts, Delete, Kind, Obj
from ks_reset.report.protect import status_of_seatbelt
from tests.build import action, body_of, cluster, kind_of
from tests.seatbelt.test_seatbelt import NEW, OLD, WEBHOOK, named, seatbelt_rows

OLDER = ["v1.15.3", "v1.20.15", "v1.21.14+k3s1", "1.20", ""]
NAME = "kubernetes.io/metadata.name"
WEBHOOK_KEY = "ValidatingWebhookConfiguration.admissionregistration.k8s.io"
MARKED = {"labels": {seatbelt.REMOVABLE: "true"}}
CANARY = {"labels": {"ks-reset/canary": "ws1"}}


def world(version: str, *rows: dict[str, Any], spared: tuple[str, ...] = ()) -> ClusterFacts:
    """A cluster of this version with a complete seatbelt and these objects."""
    bare = structs.replace(cluster("c", OLD), version=version)
    belt = [body for _, body in seatbelt.seatbelt_objects(bare, "protect", "ops@bastion", spared)]
    return structs.replace(cluster("c", [WEBHOOK, *belt, *rows]), version=version)


def namespace(name: str, **meta: Any) -> dict[str, Any]:
    return {"kind": "Namespace", "metadata": {"name": name, **meta}}


def is_refused(made: ClusterFacts, obj: Obj) -> bool:
    """Whether the API server calls one of the rendered webhooks, none of which answers, for a DELETE of the object."""
    home = obj if obj.kind.kind == "Namespace" else made.get("Namespace", obj.namespace)
    labels = home.labels if home and (obj.namespace or obj is home) else None
    (webhook,) = made.of(WEBHOOK_KEY)
    return any(is_webhook_called(hook, obj.kind, "DELETE", obj.labels, labels) for hook in webhooks_of(webhook))


ROWS = [
    (namespace("kubesphere-system", **MARKED), False),
    (namespace("kubesphere-system"), True),
    (namespace("kubesphere-system", labels={NAME: "kubesphere-system"}), False),
    (namespace("scratch", **MARKED), False),
    (namespace("scratch"), True),
    (namespace("ks-reset-canary-ws1", **CANARY), False),
    (namespace("shop"), True),
    (namespace("shop", labels={NAME: "shop"}), True),
    (namespace("shop", labels={"team": "a"}), True),
]


@pytest.mark.parametrize("version", OLDER)
@pytest.mark.parametrize(("row", "kept"), ROWS, ids=str)
def test_the_judgement_agrees_with_the_rendered_webhook(version: str, row: dict[str, Any], *, kept: bool) -> None:
    claim = named("PersistentVolumeClaim", "data", row["metadata"]["name"])
    made = world(version, row, claim, spared=("scratch",))
    belt = seatbelt.present(made)
    assert belt is not None
    assert seatbelt.is_on(made)
    for key in ("Namespace", "PersistentVolumeClaim"):
        (obj,) = made.of(key)
        assert (seatbelt.keeps_object(made, belt, obj), is_refused(made, obj)) == (kept, kept)
    assert status_of_seatbelt(made).protected == ({"Namespace": 1, "PersistentVolumeClaim": 1} if kept else {})


@pytest.mark.parametrize("version", ["v1.22.0", "v1.24.17", "v1.29.3-eks", "v2.0.0"])
def test_with_the_label_of_the_name_nothing_is_marked(version: str) -> None:
    made = world(version, namespace("shop", **MARKED, uid="u"))
    belt = seatbelt.present(made)
    assert belt is not None
    assert not seatbelt.selects_by_marks(made)
    assert not seatbelt.marks_namespaces([(part.kind, part.body) for part in belt.parts])
    assert seatbelt.keeps_object(made, belt, made.of("Namespace")[0])


def test_an_exception_is_a_namespace_by_name_or_with_a_label_of_ks_reset() -> None:
    (webhook,) = world("v1.20.15", spared=("scratch",)).of(WEBHOOK_KEY)
    named, *labelled = next(iter(webhooks_of(webhook)))["namespaceSelector"]["matchExpressions"]
    assert (named["key"], named["operator"], named["values"][-1]) == (NAME, "NotIn", "scratch")
    keys = (seatbelt.REMOVABLE, "ks-reset/canary")
    absent = [{"key": key, "operator": "DoesNotExist"} for key in keys]
    assert sorted(labelled, key=lambda rule: keys.index(rule["key"])) == absent


def test_volumes_and_types_are_kept_as_before_and_an_unread_namespace_is_kept() -> None:
    made = world("v1.20.15", named("PersistentVolume", "disk"), named("PersistentVolumeClaim", "data", "unread"))
    belt = seatbelt.present(made)
    assert belt is not None
    assert all(seatbelt.keeps_object(made, belt, o) for o in made.all() if o.kind.group == "")


@pytest.mark.parametrize(
    ("labels", "kept"), [({}, True), ({seatbelt.REMOVABLE: "true"}, False)], ids=["bare", "marked"]
)
def test_a_webhook_keeps_a_type_of_kubespheres_until_it_is_marked(labels: dict[str, str], *, kept: bool) -> None:
    about = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
    meta = {"name": "workspaces.tenant.kubesphere.io", "labels": labels}
    made = world("v1.24.17", about | {"metadata": meta, "spec": {"group": "tenant.kubesphere.io"}})
    belt = seatbelt.present(made)
    assert belt is not None
    (crd,) = made.of(f"{about['kind']}.apiextensions.k8s.io")
    assert (seatbelt.keeps_object(made, belt, crd), is_refused(made, crd)) == (kept, kept)


def test_the_seatbelt_of_the_other_form_does_not_count_as_complete() -> None:
    labelled = [{**row, "kind": "ValidatingWebhookConfiguration"} for row in seatbelt_rows(OLD)]
    made = structs.replace(cluster("c", [WEBHOOK, *labelled]), version="v1.20.15")
    assert (seatbelt.present(made) is None, seatbelt.is_on(made)) == (False, False)


class Namespaces:
    """A cluster's namespaces; `events` has what was sent."""

    def __init__(self, *rows: dict[str, Any]) -> None:
        self.rows = [body_of(row) for row in rows]
        self.events: list[str] = []

    def list(self, kind: Kind, *, labels: str, metadata_only: bool) -> list[Body]:
        assert (kind.kind, metadata_only) == ("Namespace", True)
        return [row for row in self.rows if not labels or labels in row["metadata"].get("labels", {})]

    def merge_patch(self, _: Kind, name: str, namespace: str, patch: Body) -> None:
        assert namespace == ""
        if name == "kubesphere-devops-system":
            raise NotFound("gone")
        uid, value = patch["metadata"]["uid"], patch["metadata"]["labels"][seatbelt.REMOVABLE]
        self.events.append(f"{'unmark' if value is None else 'mark'} {name} {uid}")

    def delete(self, kind: Kind, name: str, *_: str) -> None:
        self.events.append(f"delete {kind.kind} {name}")


def marked_by(version: str, *rows: dict[str, Any], spared: tuple[str, ...] = ()) -> list[str]:
    there: Any = Namespaces(*rows)
    bare = structs.replace(cluster("c", OLD), version=version)
    writes = mark_namespaces(there, seatbelt.seatbelt_objects(bare, "protect", "me", spared))
    assert writes == len(there.events)
    return list(there.events)


def test_put_on_it_marks_the_exceptions_that_exist_and_no_others() -> None:
    rows = [
        namespace("kubesphere-system", uid="s"),
        namespace("kubesphere-controls-system", **MARKED),
        namespace("kubesphere-monitoring-system", deletionTimestamp="now"),
        namespace("kubesphere-devops-system"),
        namespace("scratch", uid="c"),
        namespace("shop"),
        namespace("formerly-spared", **MARKED, uid="f"),
        namespace("ks-reset-canary-ws1", **CANARY),
    ]
    said = ["mark kubesphere-system s", "mark scratch c", "unmark formerly-spared f"]
    assert marked_by("v1.20.15", *rows, spared=("scratch", "ks-reset-canary-ws1")) == said
    assert marked_by("v1.22.0", *rows, spared=("scratch",)) == []


@pytest.mark.parametrize(("version", "unmarked"), [("v1.20.15", ["unmark scratch c"]), ("v1.24.17", [])])
def test_taken_off_it_takes_its_marks_along(version: str, unmarked: list[str]) -> None:
    belt, there = (
        seatbelt.present(world(version)),
        Namespaces(namespace("scratch", **MARKED, uid="c"), namespace("shop")),
    )
    client: Any = there
    assert belt is not None
    assert delete_seatbelt(client, belt) == 1 + len(unmarked)
    assert there.events == [f"delete ValidatingWebhookConfiguration {seatbelt.NAME}", *unmarked]


@pytest.mark.parametrize(
    ("version", "meta", "marked"),
    [
        ("v1.20.15", {}, True),
        ("v1.20.15", MARKED, False),
        ("v1.20.15", CANARY, False),
        ("v1.24.17", {}, False),
    ],
)
def test_a_namespace_made_since_is_marked_right_before_its_deletion(
    version: str, meta: dict[str, Any], *, marked: bool
) -> None:
    row, there = namespace("kubesphere-system", uid="s", **meta), Namespaces()
    client: Any = there
    now = Obj(kind_of(row), body_of(row))
    request = deletion_request(action(Delete, "uid-of-c", now.kind, now.name, uid="s"), now)
    assert request is not None
    request.send(client, GuardContext(world(version, row), "uid-of-c", frozenset(), (), True))
    assert there.events == [*(["mark kubesphere-system s"] if marked else []), "delete Namespace kubesphere-system"]
    there.events.clear()
    request.send(client, GuardContext(world(version, row), "uid-of-c", frozenset(), (), None))
    assert there.events == ["delete Namespace kubesphere-system"]


def test_a_policy_marks_nothing() -> None:
    policy = seatbelt.seatbelt_objects(structs.replace(cluster("c", NEW), version="v1.20.15"), "protect", "me")
    there: Any = Namespaces(namespace("kubesphere-system", **MARKED))
    assert not seatbelt.marks_namespaces(policy)
    assert mark_namespaces(there, policy) == 0
    assert there.events == []
