"""The catalogue as a whole: its files, and questions about a name instead of an object."""

import shutil
from pathlib import Path

import msgspec
import pytest

from ks_reset import catalogue
from ks_reset.catalogue import loader
from ks_reset.catalogue.entries import Entry
from ks_reset.catalogue.inventory import inventory_versions, load_inventory
from ks_reset.catalogue.names import CRD_KEY

SUBJECTS = catalogue.Catalogue.__struct_fields__
GARBAGE = (
    "- {name: x, since: 3.0.0, until: '', component: core, source: [a@b:c], kind: X, scope: Cluster, ownership: own"
)


def entries(subject: str) -> tuple[Entry, ...]:
    found: tuple[Entry, ...] = getattr(catalogue.load_catalogue(), subject)
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the data files for the loader."""
    copy = shutil.copytree(loader.DATA, tmp_path / "data")
    monkeypatch.setattr(loader, "DATA", copy)
    return copy


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_entry_says_in_which_version_of_what_it_was_read(subject: str) -> None:
    unsourced = [e for e in entries(subject) if not all("@" in s and ":" in s for s in e.source)]
    assert entries(subject)
    assert not unsourced


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_file_of_data_is_a_subject_and_no_entry_is_there_twice(subject: str) -> None:
    assert {path.stem for path in loader.DATA.iterdir()} == set(SUBJECTS)
    rows = [msgspec.json.encode(entry) for entry in entries(subject)]
    assert len(rows) == len(set(rows))


def test_every_own_type_of_an_inventory_has_an_entry() -> None:
    """Without one its CRD stays after an uninstall, and its objects stop it."""
    listed = {e.name for version in inventory_versions() for e in load_inventory(version).entries if CRD_KEY in e.kind}
    own = {name for name in listed if catalogue.is_own_group(name.partition(".")[2])}
    assert len(own) > 80
    assert [name for name in sorted(own) if not catalogue.component_of_type(name)] == []


@pytest.mark.parametrize("extra", ["colour: red", "remove: perhaps", "remove: never-by-default"])
def test_an_unknown_key_or_answer_is_refused(folder: Path, extra: str) -> None:
    with (folder / "crds.yaml").open("a") as file:
        file.write(f"{GARBAGE}, remove: yes, {extra}}}\n" if extra.startswith("colour") else f"{GARBAGE}, {extra}}}\n")
    with pytest.raises(msgspec.ValidationError):
        loader.load_catalogue.__wrapped__()


def test_an_entry_without_a_source_is_refused(folder: Path) -> None:
    row = "{kind: Job, namespace: a, name: b, delivered_by: '', since: 3.0.0, until: '', component: c, source: []}"
    with (folder / "workloads.yaml").open("a") as file:
        file.write(f"- {row}\n")
    with pytest.raises(msgspec.ValidationError):
        loader.load_catalogue.__wrapped__()


@pytest.mark.parametrize(
    ("group", "own"),
    [
        ("kubesphere.io", True),
        ("tenant.kubesphere.io", True),
        ("types.kubefed.io", True),
        ("notkubesphere.io", False),
        ("kubesphere.io.example.com", False),
        ("widgets.shop.example.com", False),
        ("app.k8s.io", False),
        ("", False),
    ],
)
def test_a_group_is_ours_by_its_domain(group: str, own: bool) -> None:
    assert catalogue.is_own_group(group) == own


@pytest.mark.parametrize(
    ("name", "remove"),
    [
        ("kubesphere-system", "yes"),
        ("kubesphere-controls-system", "gateway"),
        ("kube-federation-system", "proof"),
        ("kubesphere-demo", None),
        ("istio-system", None),
        ("argocd", None),
        ("gatekeeper-system", None),
        ("kubeedge", None),
        ("weave", None),
        ("kube-system", None),
        ("default", None),
        ("", None),
    ],
)
def test_only_what_kubesphere_alone_makes_is_its_namespace(name: str, remove: str | None) -> None:
    entry = catalogue.system_namespace(name)
    assert (entry.remove if entry else None) == remove


@pytest.mark.parametrize(
    ("key", "namespace", "name", "ours"),
    [
        ("Deployment.apps", "kubesphere-system", "ks-apiserver", True),
        ("Deployment.apps", "kubesphere-controls-system", "kubectl-ann", True),
        ("Deployment.apps", "kubesphere-controls-system", "kubesphere-router-shop", False),
        ("Deployment.apps", "kubesphere-system", "web", False),
        ("Deployment.apps", "shop", "ks-apiserver", False),
        ("StatefulSet.apps", "kubesphere-system", "ks-apiserver", False),
        ("Deployment.example.com", "kubesphere-system", "ks-apiserver", False),
        ("PersistentVolumeClaim", "kubesphere-system", "minio", True),
        ("Job.batch", "kube-federation-system", "kubefed-x7k2p", True),
    ],
)
def test_a_workload_is_known_by_type_namespace_and_name(key: str, namespace: str, name: str, ours: bool) -> None:
    assert catalogue.is_system_workload(key, namespace, name) == ours


def test_third_party_types_are_never_removed() -> None:
    application = catalogue.load_catalogue().crd_entry("applications.app.k8s.io")
    assert application is not None
    assert (application.ownership, application.remove) == ("third-party", "never")
    assert catalogue.load_catalogue().crd_entry("widgets.shop.example.com") is None


def test_own_types_are_in_own_groups_and_others_are_not() -> None:
    for crd in catalogue.load_catalogue().crds:
        assert catalogue.is_own_group(crd.name.partition(".")[2]) == (crd.ownership != "third-party"), crd.name


def test_the_locks_are_those_that_the_controllers_take() -> None:
    kubefed, manager = (
        catalogue.leader_election_of("kubefed-controller-manager"),
        catalogue.leader_election_of("ks-controller-manager"),
    )
    assert kubefed is not None
    assert manager is not None
    assert (kubefed.lease_seconds, [kind.kind for kind in kubefed.kinds]) == (15, ["ConfigMap", "Endpoints"])
    assert (manager.lease_seconds, [kind.kind for kind in manager.kinds]) == (30, ["Lease", "ConfigMap"])
    assert catalogue.leader_election_of("ks-installer") is None
