"""From 3.3.1 to 4.1.3 with a member, by reset alone: the host of 4.1.3 puts ks-core on the member itself, by helm.

Both control planes are real. KubeSphere's installations are their objects; the controllers are stand-ins
(ks_reset/rehearsal/standin/v4.py and joins_of_v4.py), and the chart has the objects of an installation.
"""

import re
import subprocess
import tempfile
from base64 import b64decode
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest
from msgspec import Struct

from ks_reset.catalogue.names import CLUSTER_KIND, CLUSTER_NAME_ANNOTATION, KUBESPHERE_NAMESPACE, SECRET_KIND
from ks_reset.cluster import Client, until
from ks_reset.errors import ResetError
from ks_reset.model import Body
from ks_reset.rehearsal.build import STANDIN
from ks_reset.rehearsal.objects import put_objects
from ks_reset.rehearsal.plane.kubelet import Kubelet
from ks_reset.rehearsal.plane.plane import Plane, write_merged_kubeconfig
from ks_reset.rehearsal.programs import binaries
from ks_reset.rehearsal.standin.installer import repeat_in_background, report_pods
from ks_reset.rehearsal.standin.joins_of_v4 import reconcile_clusters
from ks_reset.rehearsal.standin.v4 import CASCADING
from tests.rehearsal import moving
from tests.rehearsal.certified import with_certificate
from tests.rehearsal.command import Command
from tests.rehearsal.registry import registry

pytestmark = [pytest.mark.rehearsal, pytest.mark.nightly]
BOUND = {("host", name): workspace for name, workspace in moving.BUSINESS.items()} | {("eu", "depot"): "ws1"}


class Pair(Struct):
    """A host and its member to be; `release` is that of the controllers of both."""

    planes: dict[str, Plane]
    run: Command
    release: list[str]
    flags: list[str]
    uids: dict[tuple[str, str], str]

    def meta(self, place: tuple[str, str]) -> Body:
        body = self.planes[place[0]].cluster.get(moving.NAMESPACE, place[1]) or {"metadata": {}}
        return body["metadata"]  # type: ignore[no-any-return]

    def stage(self, approve: str = "") -> tuple[int, str, str]:
        """One call of reset: its exit code, the digest to approve, and its output."""
        done = self.run("reset", *self.flags, *([f"--approve={approve}"] if approve else []))
        said = done.stdout + done.stderr
        found = re.search(r"--approve ([0-9a-f]{12})", said)
        return done.returncode, found[1] if found else "", said


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder, release = tmp_path_factory.mktemp("pair"), ["3.3.1"]
    programs, helm = binaries.control_plane("1.34.4", print), binaries.helm_program(print)
    with ExitStack() as stack:
        planes = {name: stack.enter_context(Plane.start(name, programs, folder / name)) for name in ("host", "eu")}
        config = write_merged_kubeconfig(list(planes.values()), folder / "kubeconfig")
        kubelets = {
            name: stack.enter_context(moving.install_three(plane, folder, release)) for name, plane in planes.items()
        }
        run, images = Command.on(config, folder), stack.enter_context(registry(set()))
        run.environment |= {"KS_RESET_MEMBER": "eu=eu", "KS_RESET_HELM": str(helm)}
        chart, values = folder / "ks-core.tgz", folder / "install.yaml"
        chart.write_bytes(moving.make_chart())
        values.write_text(
            moving.VALUES.format(chart=chart, sha256=sha256(chart.read_bytes()).hexdigest(), registry=images)
        )
        join = partial(_join_members, planes["host"].cluster, kubelets["host"], release, helm, chart)
        pods = [partial(report_pods, plane.cluster, {STANDIN[1]}) for plane in planes.values()]
        stack.enter_context(repeat_in_background([*pods, join], print))
        flags = [f"--values={values}", f"--join=eu={with_certificate(planes['eu'].folder)}", f"--plain-http={images}"]
        made = Pair(planes, run, release, [*flags, "--watch=4", "--timeout=120"], {})
        put_objects(planes["host"].cluster, moving.tenancy())
        put_objects(planes["eu"].cluster, _member_tenancy())
        assert until(lambda: all(made.meta(place).get("ownerReferences") for place in BOUND), 60)
        made.uids.update({place: made.meta(place)["uid"] for place in BOUND})
        yield made


def _member_tenancy() -> list[Body]:
    template = {"metadata": {}, "spec": {}}
    labels = {"kubesphere.io/workspace": "ws1", "team": "depot"}
    return [
        {
            "apiVersion": "tenant.kubesphere.io/v1alpha2",
            "kind": "WorkspaceTemplate",
            "metadata": {"name": "ws1"},
            "spec": {"template": template},
        },
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "depot", "labels": labels}},
    ]


def _join_members(host: Client, kubelet: Kubelet, release: list[str], helm: Path, chart: Path) -> None:
    """The host's cluster controller, as long as its ks-controller-manager runs as 4.1.3."""
    if release[0] == "4.1.3" and kubelet.running:
        reconcile_clusters(host, "host", partial(_install_member, helm, chart))


def _install_member(helm: Path, chart: Path, _: Client, cluster: Body) -> None:
    with tempfile.NamedTemporaryFile() as config:
        config.write(b64decode(cluster["spec"]["connection"]["kubeconfig"]))
        config.flush()
        where = ["--kubeconfig", config.name, "--namespace", KUBESPHERE_NAMESPACE, "--create-namespace"]
        line = [str(helm), "upgrade", "ks-core", str(chart), "--install", "--wait", "--timeout=5m", *where]
        done = subprocess.run(
            [*line, "--set=multicluster.role=member"], capture_output=True, text=True, check=False, timeout=400
        )
    if done.returncode:
        raise ResetError(f"helm: {done.stderr}")


def test_a_whole_reset_goes_from_3_3_1_to_4_1_3_with_its_member(pair: Pair) -> None:
    (code, digest, said), seen = pair.stage(), []
    while code == 3:
        seen.append(said.rpartition("Plan ")[2].split()[0])
        if seen[-1] == "reinstall":
            pair.release[0] = "4.1.3"
        code, digest, said = pair.stage(digest)
    assert (code, seen) == (0, ["uninstall", "reinstall", "rejoin", "rebind"]), said


def test_the_host_has_installed_its_member_and_names_it(pair: Pair) -> None:
    cluster = pair.planes["host"].cluster.get(CLUSTER_KIND, "eu") or {}
    assert {(each["type"], each["status"]) for each in cluster["status"]["conditions"]} == {
        ("KSCoreReady", "True"),
        ("Ready", "True"),
    }
    assert cluster["status"]["uid"] == pair.planes["eu"].cluster.identity
    member = pair.planes["eu"].cluster
    assert member.get(SECRET_KIND, "sh.helm.release.v1.ks-core.v1", KUBESPHERE_NAMESPACE) is not None
    assert member.get(CLUSTER_KIND, "host") is None
    assert pair.meta(("eu", KUBESPHERE_NAMESPACE))["annotations"][CLUSTER_NAME_ANNOTATION] == "eu"


def test_every_namespace_on_host_and_member_is_bound_and_is_the_one_that_it_was(pair: Pair) -> None:
    for place, workspace in BOUND.items():
        meta = pair.meta(place)
        assert meta["uid"] == pair.uids[place]
        assert (meta["labels"]["kubesphere.io/workspace"], meta["labels"]["team"]) == (workspace, place[1])
        assert meta["finalizers"] == [CASCADING]
        assert "ownerReferences" not in meta
