"""The real helm on a real control plane: its objects, its refusals, and how it ends.

The chart is a stand-in for ks-core. There is no kubelet, so a hook of it runs until a test says that it is done.
"""

import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec import structs

from ks_reset.cluster import Client, until
from ks_reset.cluster.client import MERGE_PATCH
from ks_reset.errors import Refused, Stopped
from ks_reset.external import helm
from ks_reset.facts import helm_releases
from ks_reset.model import Body, Kind, Obj
from ks_reset.rehearsal.plane.plane import Plane
from ks_reset.rehearsal.programs import binaries
from tests.rehearsal.charts import package

pytestmark = pytest.mark.rehearsal
SYSTEM = "kubesphere-system"
NAMESPACE = Kind("", "v1", "Namespace", "namespaces", False)
SECRET = Kind("", "v1", "Secret", "secrets", True)
CONFIG = Kind("", "v1", "ConfigMap", "configmaps", True)
ROLE = Kind("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", False)
DEPLOYMENT = Kind("apps", "v1", "Deployment", "deployments", True)
JOB = Kind("batch", "v1", "Job", "jobs", True)
USER = Kind("iam.kubesphere.io", "v1beta1", "User", "users", False)
PLAIN: Body = {"authentication": {"adminPassword": "hunter2-admin", "issuer": {"jwtSecret": "hunter2-jwt"}}}
HOOKED: Body = {**PLAIN, "standin": {"hook": True}}
CHART = package()
MINE: Body = {"metadata": {"name": "ks-core-standin"}, "rules": [{"verbs": ["get"], "nonResourceURLs": ["/mine"]}]}
Say = Callable[[str], None]


def quietly(_: str) -> None:
    return


@pytest.fixture(scope="module")
def plane(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    with Plane.start("helmed", programs, tmp_path_factory.mktemp("helm")) as plane:
        yield plane


@pytest.fixture
def cluster(plane: Plane, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A cluster without anything of the chart but its types, and helm to put it on."""
    monkeypatch.setenv("KS_RESET_HELM", str(binaries.helm_program(print)))
    yield plane.cluster
    plane.cluster.delete(NAMESPACE, SYSTEM)
    plane.cluster.delete(ROLE, "ks-core-standin")
    plane.cluster.delete(USER, "admin")
    assert until(lambda: plane.cluster.get(NAMESPACE, SYSTEM) is None, 60)


def install(
    cluster: Client, values: Body = PLAIN, *, chart: bytes = CHART, timeout: float = 60, say: Say = quietly
) -> None:
    helm.install_chart(chart, values, cluster.way, timeout, say)


def secrets(cluster: Client) -> list[Obj]:
    return [Obj(SECRET, body) for body in cluster.list(SECRET, SYSTEM, metadata_only=True)]


def state(cluster: Client) -> str:
    return helm_releases.release_status(secrets(cluster))


def clear(cluster: Client) -> None:
    """Delete the release's objects before helm begins again."""
    for left in helm_releases.revisions_to_remove(secrets(cluster)):
        cluster.delete(SECRET, left.name, left.namespace, left.uid)


def uids(cluster: Client) -> dict[str, str]:
    return {each["metadata"]["name"]: each["metadata"]["uid"] for each in cluster.list(DEPLOYMENT, SYSTEM)}


def rules(cluster: Client) -> object:
    return (cluster.get(ROLE, "ks-core-standin") or {})["rules"]


def helms() -> list[int]:
    """The process ids of this test's helm children."""
    mine = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    pids = [int(pid) for file in mine for pid in file.read_text().split()]
    return [pid for pid in pids if b"kubesphere-system" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def at_the_hook(then: Callable[[], object]) -> Say:
    """Do something when helm waits for the chart's hook."""

    def say(text: str) -> None:
        if "Jobs active" in text:
            then()

    return say


def interrupted() -> None:
    raise KeyboardInterrupt


def kill() -> None:
    for pid in helms():
        os.kill(pid, signal.SIGKILL)


def test_the_chart_is_put_on_and_put_on_again_without_making_anything_anew(cluster: Client) -> None:
    install(cluster)
    first = uids(cluster)
    assert sorted(first) == ["ks-apiserver", "ks-console", "ks-controller-manager"]
    assert cluster.get(USER, "admin")
    install(cluster)
    assert uids(cluster) == first
    assert [s.labels["status"] for s in helm_releases.release_revisions(secrets(cluster))] == ["superseded", "deployed"]


def test_values_arrive_and_no_credential_is_in_a_command_line_an_environment_or_a_file(
    cluster: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    seen: list[bytes] = []

    def look() -> None:
        for pid in helms():
            seen.extend(Path(f"/proc/{pid}/{name}").read_bytes() for name in ("cmdline", "environ"))
        seen.extend(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
        done = {"status": {"succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]}}
        cluster.request("PATCH", f"{JOB.path(SYSTEM, 'ks-core-post-patch-user')}/status", done, MERGE_PATCH)

    told: list[str] = []
    install(cluster, HOOKED, say=lambda text: (told.append(text), at_the_hook(look)(text))[0])
    config = (cluster.get(CONFIG, "kubesphere-config", SYSTEM) or {})["data"]["kubesphere.yaml"]
    assert "hunter2-jwt" in config
    assert CHART in seen
    assert not any(b"hunter2" in each for each in (*seen, *(text.encode() for text in told)))
    assert not list(tmp_path.glob("*.tgz"))


def test_helm_killed_in_the_middle_goes_on_once_its_half_written_record_is_gone(cluster: Client) -> None:
    with pytest.raises(Stopped, match=r"ended by signal 9"):
        install(cluster, HOOKED, say=at_the_hook(kill))
    made = uids(cluster)
    assert state(cluster) == "pending-install"
    with pytest.raises(Stopped, match=r"another operation .* is in progress"):
        install(cluster)
    clear(cluster)
    install(cluster)
    assert state(cluster) == helm_releases.DEPLOYED
    assert uids(cluster) == made


def test_a_hook_that_is_not_done_in_time_fails_in_helms_words(cluster: Client) -> None:
    with pytest.raises(Stopped, match=r"post-install: .*timed out waiting for the condition"):
        install(cluster, HOOKED, timeout=2)
    assert state(cluster) == "failed"


def test_over_a_failed_first_revision_helm_takes_what_it_does_not_own_so_that_one_goes_first(cluster: Client) -> None:
    with pytest.raises(Stopped):
        install(cluster, HOOKED, timeout=1)
    cluster.delete(ROLE, "ks-core-standin")
    cluster.create(ROLE, MINE)
    (record,) = [cluster.get(SECRET, left.name, SYSTEM) for left in helm_releases.revisions_to_remove(secrets(cluster))]
    clear(cluster)
    with pytest.raises(Stopped, match=r"ClusterRole .* cannot be imported"):
        install(cluster)
    assert rules(cluster) == MINE["rules"]
    assert record
    record["metadata"].pop("resourceVersion")
    cluster.create(SECRET, record)
    install(cluster)
    assert rules(cluster) is None


@pytest.mark.parametrize("ending", ["interrupt", "time"])
def test_helm_ended_by_us_is_gone_and_has_written_down_that_it_failed(
    cluster: Client, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setattr(helm, "MORE", 30.0 if ending == "interrupt" else -57.0)
    with pytest.raises((KeyboardInterrupt, Stopped)) as caught:
        install(cluster, HOOKED, say=at_the_hook(interrupted) if ending == "interrupt" else quietly)
    assert "Jobs active" in str(caught.value) or ending == "interrupt"
    assert not helms()
    assert state(cluster) == "failed"


def test_a_chart_that_does_not_render_is_refused_in_helms_words_and_leaves_no_release(cluster: Client) -> None:
    bad = package(bad="{{ .Values.nothing.here }}")
    with pytest.raises(Refused, match=r"nil pointer evaluating"):
        helm.render_chart(bad, PLAIN, cluster.version)
    with pytest.raises(Stopped, match=r"nil pointer evaluating"):
        helm.install_chart(bad, PLAIN, cluster.way, 60, quietly)
    assert cluster.get(NAMESPACE, SYSTEM) is None


def test_an_object_that_helm_does_not_own_is_not_taken(cluster: Client) -> None:
    cluster.create(ROLE, MINE)
    with pytest.raises(Stopped, match=r'ClusterRole "ks-core-standin" .* exists and cannot be imported'):
        install(cluster)
    assert rules(cluster) == MINE["rules"]
    assert cluster.get(NAMESPACE, SYSTEM) is None


def test_helm_acts_as_whom_we_act_as(cluster: Client) -> None:
    way = structs.replace(cluster.way, user="nobody", groups=("nobodies",))
    with pytest.raises(Stopped, match=r'User "nobody" cannot'):
        helm.install_chart(CHART, PLAIN, way, 60, quietly)
    assert cluster.get(NAMESPACE, SYSTEM) is None


def test_what_comes_of_the_chart_is_known_before_without_hooks_and_types(cluster: Client) -> None:
    chart = package(version="kind: ConfigMap\nmetadata: {name: '{{ .Capabilities.KubeVersion }}'}")
    found = helm.render_chart(chart, HOOKED, "v1.27.3")
    assert {body["kind"] for body in found} == {"ConfigMap", "ClusterRole", "Deployment", "User"}
    assert {body["metadata"]["name"] for body in found} >= {"ks-console", "v1.27.3"}
