"""Every case under tests/cases/detection: what is installed in a cluster, and what this rests on."""

from collections.abc import Iterable

import pytest
from msgspec import structs

from ks_reset.catalogue.detection import State, detect_installation
from ks_reset.catalogue.inventory import load_inventory
from ks_reset.catalogue.inventory import proof as proofs
from ks_reset.catalogue.inventory.index import Index, Listed
from ks_reset.model import ClusterFacts
from ks_reset.report.detection import detection_lines
from tests.build import facts
from tests.cases import FleetCase, load_cases


class DetectionCase(FleetCase, kw_only=True, forbid_unknown_fields=True):
    told: tuple[str, ...]
    inventories: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    evidence: tuple[str, ...] | None = None
    part: str = ""
    state: str = ""


@pytest.mark.parametrize("case", load_cases("detection", DetectionCase), ids=str)
def test_what_is_installed_is_detected(case: DetectionCase) -> None:
    found = detect_installation(case.facts.host)
    assert (found.told, found.unknown, found.role, found.unread) == (case.told, case.unknown, case.part, case.unread)
    assert found.inventories == case.inventories
    if case.state:
        assert found.state.partition(":")[0] == case.state
    if case.evidence is not None:
        assert tuple(f"{clue.field} = {clue.value}" for clue in found.evidence) == case.evidence


def cluster(*rows: dict[str, object], version: str = "v3.3.1") -> ClusterFacts:
    configuration = {"apiVersion": "installer.kubesphere.io/v1alpha1", "kind": "ClusterConfiguration"}
    meta = {"name": "ks-installer", "namespace": "kubesphere-system", "labels": {"version": version}}
    return facts([{**configuration, "metadata": meta}, *rows]).host


Entries = dict[tuple[str, str, str], tuple[Listed, ...]]
ROLE = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole"}
RULES = [{"apiGroups": ["shop.example.com"], "resources": ["orders"], "verbs": ["get"]}]
DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "ks-apiserver", "namespace": "kubesphere-system"},
    "spec": {"template": {"spec": {"containers": [{"name": "a", "image": "a:1"}]}}},
}


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> Entries:
    """An index with the entries the test puts into it."""
    exact: Entries = {}
    index = Index(exact, {})
    for module in ("inventory.proof", "detection.components", "detection.detect"):
        monkeypatch.setattr(f"ks_reset.catalogue.{module}.index_of", lambda versions=(): _index_of(index, versions))
    return exact


def _index_of(index: Index, versions: Iterable[str]) -> Index:
    kept = {k: tuple(one for one in many if one.version in versions) for k, many in index.exact.items()}
    return Index(kept, {}) if versions else index


def add(entries: Entries, body: dict[str, object], *versions: str) -> None:
    from tests.catalogue.test_inventories import obj

    template = load_inventory("3.3.1").entries[0]
    meta = body["metadata"]
    assert isinstance(meta, dict)
    group = str(body["apiVersion"]).rpartition("/")[0]
    entry = structs.replace(
        template,
        kind=f"{body['kind']}.{group}",
        namespace=meta.get("namespace", ""),
        name=meta["name"],
        component="core",
        digests=(proofs.content_digest(str(body["kind"]), obj(template, **body).body),),
    )
    entries[entry.kind, entry.namespace, entry.name] = tuple(Listed(version, entry) for version in versions)


def test_a_core_without_its_deployments_is_half_removed(
    entries: Entries,
) -> None:
    role = {**ROLE, "metadata": {"name": "ks"}, "rules": RULES}
    add(entries, role, "3.3.1")
    add(entries, DEPLOYMENT, "3.3.1")
    assert detect_installation(cluster(role)).state is State.HALF_REMOVED
    assert detect_installation(cluster(role, DEPLOYMENT)).state is State.INSTALLED
    assert [part.is_left_over for part in detect_installation(cluster(role)).components] == [True]


def test_an_object_of_an_earlier_version_only_tells_that_version(
    entries: Entries,
) -> None:
    role = {**ROLE, "metadata": {"name": "users-manager"}, "rules": RULES}
    add(entries, role, "3.0.0", "3.1.1")
    assert detect_installation(cluster(role)).earlier == ("3.1.1",)
    assert detect_installation(cluster()).earlier == ()


def test_without_a_program_the_version_with_most_of_the_content_is_told_as_likely(entries: Entries) -> None:
    role = {**ROLE, "metadata": {"name": "ks"}, "rules": RULES}
    add(entries, role, "4.1.3")
    add(entries, DEPLOYMENT, "4.1.3")
    found = detect_installation(facts([role]).host)
    said, *_, rests = detection_lines(found)
    assert said.endswith("; no configuration or program tells the version, most objects are as in 4.1.3")
    assert rests == "this rests on 1 objects same as in = 4.1.3"
