"""The seatbelt on the live incident: the API server refuses destructive requests, and everyday work goes on."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import pytest

from ks_reset import seatbelt
from ks_reset.catalogue.names import DEPLOYMENT_KIND, NAMESPACE_KIND, POD_KIND
from ks_reset.cluster import Target, connect_client
from ks_reset.cluster.transport import NotFound
from ks_reset.errors import Forbidden, Retry
from ks_reset.model import Body, Kind
from ks_reset.rehearsal import scenario
from tests.rehearsal.belted import VOLUME, Belted, accepting, asked, pieces, ran, weak, wrote
from tests.rehearsal.command import Command

pytestmark = pytest.mark.rehearsal
PASSING = 60.0
HOME = "intranet"
JOB = Kind("batch", "v1", "Job", "jobs", True)
CRD = Kind("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", False)
CONFIG = Kind("", "v1", "ConfigMap", "configmaps", True)
CLAIM = Kind("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", True)
REPLICAS = Kind("apps", "v1", "ReplicaSet", "replicasets", True)
FOREIGN, OWN = "widgets.shop.example.com", "workspacetemplates.tenant.kubesphere.io"
STORAGE = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "storageClassName": ""}
KEEPSAKE = "keepsake"
GONE = {"apiVersion": "tenant.kubesphere.io/v1alpha2", "kind": "WorkspaceTemplate", "name": "ghost", "uid": "0-0"}
KEPT = [(NAMESPACE_KIND, HOME, ""), (CLAIM, "data", HOME), (VOLUME, "billing-data", ""), (CRD, FOREIGN, "")]


@pytest.fixture(scope="module", params=["1.24.17", "1.34.4"])
def belted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Belted]:
    folder = tmp_path_factory.mktemp("seatbelt")
    with scenario.run_scenario("incident", request.param, print, folder / "world") as world:
        world.live()
        for name in ("scratch", "scrap"):
            world.host.create(NAMESPACE_KIND, {"metadata": {"name": name}})
            world.host.create(CLAIM, {"metadata": {"name": "data", "namespace": name}, "spec": STORAGE})
        run = Command(world, folder)
        assert run("protect", "on", "--except", "scratch").returncode == 0
        yield Belted(world, world.host, run, folder, request.param != "1.24.17")


def test_it_is_on_in_every_cluster_and_named_and_once_more_sends_no_write(belted: Belted) -> None:
    before = wrote(belted.folder)
    again = belted.run("protect", "on")
    assert (again.returncode, wrote(belted.folder)) == (0, before), again.stderr
    assert before == (4 if belted.policy else 2)
    status = belted.run("protect", "status", "-o", "json")
    test, host = json.loads(status.stdout)
    assert (status.returncode, test["cluster"], host["cluster"]) == (0, "test", "host")
    assert all((f["on"], f["run"], f["spared"]) == (True, "protect", ["scratch"]) for f in (test, host))
    assert all(host["protected"][kind.kind] > 0 for kind, _, _ in KEPT)
    assert "seatbelt-left" in belted.run("doctor", "-o", "name").stdout.split()
    assert seatbelt.NAME in belted.run("verify", "-o", "name").stdout


def test_nobody_may_delete_what_is_kept_not_even_an_administrator(belted: Belted) -> None:
    for kind, name, namespace in KEPT:
        with pytest.raises((Forbidden, Retry), match=seatbelt.NAME):
            belted.host.delete(kind, name, namespace)
    with pytest.raises((Forbidden, Retry), match=seatbelt.NAME):
        belted.host.request("DELETE", CLAIM.path(HOME))
    assert "protect off" in belted.host.would_delete(NAMESPACE_KIND, HOME).replace("-off-ends", " off")


def test_kubespheres_own_types_go_by_their_group_or_by_a_label(belted: Belted) -> None:
    assert bool(belted.host.would_delete(CRD, OWN)) is not belted.policy
    belted.host.merge_patch(CRD, OWN, "", {"metadata": {"labels": {seatbelt.REMOVABLE: "true"}}})
    assert belted.host.would_delete(CRD, OWN) == ""
    assert belted.host.would_delete(NAMESPACE_KIND, "kubesphere-monitoring-system") == ""


def test_the_flapping_workspace_takes_no_namespace_with_it(belted: Belted) -> None:
    world, start = belted.world, time.monotonic()
    uid = world.add_namespace("late-comer", "ws1", bound=False)["metadata"]["uid"]
    names = {"late-comer"} | {name for plane, name in world.members_of("ws1") if plane == "host" and name != "catalog"}
    answers: Counter[tuple[str, int]] = Counter()

    def hunted() -> bool:
        for name in names:  # the namespace controller takes the label off, and with it the danger
            world.add_namespace(name, "ws1", bound=False)
        assert world.lost() == []
        answers.update(asked(belted.folder, "namespaces") - answers)
        refused = {name for name, code in answers if code in (403, 500)} & names
        return time.monotonic() - start > PASSING and "late-comer" in refused and len(refused) > len(names) / 2

    world.wait("the garbage collector asked for most of them, for a minute", hunted, 4 * PASSING)
    print(f"it was answered: {dict(answers)}")
    now = world.host.get(NAMESPACE_KIND, "late-comer") or {}
    assert (now["metadata"]["uid"], now["metadata"].get("deletionTimestamp")) == (uid, None)
    assert {code for _, code in answers} <= {403, 409, 500}


def test_a_deployment_rolls_out_and_its_old_replica_set_and_pods_go(belted: Belted) -> None:
    host = belted.host

    def pods() -> list[Body]:
        return host.list(POD_KIND, HOME, "app=app")

    def uids() -> set[str]:
        return {o["metadata"]["uid"] for o in (*host.list(REPLICAS, HOME), *pods())}

    def rolled() -> bool:
        for pod in pods():
            with suppress(NotFound, Retry):  # it is the old one, and going
                ran(host, pod, "Running")
        return len(now := uids()) == 2 and not now & before

    before, strategy = uids(), {"type": "Recreate", "rollingUpdate": None}
    image = {"spec": {"containers": [{"name": "app", "image": "nginx:1.25"}]}}
    spec = {"strategy": strategy, "revisionHistoryLimit": 0, "template": image}
    host.merge_patch(DEPLOYMENT_KIND, "app", HOME, {"spec": spec})

    belted.world.wait("the Deployment rolled out", rolled)


def test_a_pod_is_evicted(belted: Belted) -> None:
    spec = {"containers": [{"name": "web", "image": "nginx:1.25"}]}
    belted.host.create(POD_KIND, {"metadata": {"name": "web", "namespace": HOME}, "spec": spec})
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "web", "namespace": HOME}}
    belted.host.request("POST", POD_KIND.path(HOME, "web") + "/eviction", eviction)
    belted.world.wait("the Pod is gone", lambda: belted.host.get(POD_KIND, "web", HOME) is None)


def test_a_finished_job_is_cleaned_up_with_its_pod(belted: Belted) -> None:
    host = belted.host
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "load", "image": "nginx:1.25"}]}}
    spec = {"ttlSecondsAfterFinished": 1, "template": template}
    host.create(JOB, {"metadata": {"name": "import", "namespace": HOME}, "spec": spec})
    belted.world.wait("the Job has a Pod", lambda: bool(host.list(POD_KIND, HOME, "job-name=import")))
    for pod in host.list(POD_KIND, HOME, "job-name=import"):
        ran(host, pod, "Succeeded")
    belted.world.wait("the Job is gone", lambda: host.get(JOB, "import", HOME) is None)
    belted.world.wait("its Pod is gone", lambda: not host.list(POD_KIND, HOME, "job-name=import"))


def test_garbage_of_an_ordinary_owner_is_collected(belted: Belted) -> None:
    owner = belted.host.create(CONFIG, {"metadata": {"name": "owner", "namespace": HOME}})
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner["metadata"]["uid"]}
    belted.host.create(CONFIG, {"metadata": {"name": "owned", "namespace": HOME, "ownerReferences": [reference]}})
    belted.host.delete(CONFIG, "owner", HOME)
    belted.world.wait("what it owned is gone", lambda: belted.host.get(CONFIG, "owned", HOME) is None)


def test_a_namespace_that_was_left_out_can_be_deleted(belted: Belted) -> None:
    belted.host.delete(CLAIM, "data", "scratch")
    belted.host.delete(NAMESPACE_KIND, "scratch")
    belted.world.wait("scratch is gone", lambda: belted.host.get(NAMESPACE_KIND, "scratch") is None)


def test_a_policy_keeps_workloads_from_kubefed_and_kubesphere_and_from_nobody_else(belted: Belted) -> None:
    for who in ("kube-federation-system:kubefed-controller", "kubesphere-system:kubesphere"):
        user = f"system:serviceaccount:{who}"
        account = connect_client(
            Target(str(belted.world.kubeconfig), "host", user, ("system:masters",), agent="rehearsal")
        )
        for kind, name in ((DEPLOYMENT_KIND, "app"), (CONFIG, "settings")):
            assert (seatbelt.NAME in account.would_delete(kind, name, HOME)) is belted.policy
            assert belted.host.would_delete(kind, name, HOME) == ""
        assert account.would_delete(CONFIG, "kube-root-ca.crt", "kubesphere-system") == ""


def test_a_policy_keeps_a_config_map_from_the_cascade_of_a_kubesphere_owner(belted: Belted) -> None:
    gone = {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "name": "ghost", "uid": "0-0"}
    belted.host.create(CONFIG, {"metadata": {"name": "kept", "namespace": HOME, "ownerReferences": [gone]}})
    answer = ("kept", 403 if belted.policy else 200)
    belted.world.wait("the collector asked", lambda: asked(belted.folder, "configmaps")[answer] > 0)
    assert bool(belted.host.get(CONFIG, "kept", HOME)) is belted.policy


def test_one_that_was_weakened_is_called_broken_and_is_repaired(belted: Belted) -> None:
    (kind, body), host = pieces(belted.host)[-1], belted.host
    host.merge_patch(kind, seatbelt.NAME, "", weak(kind, body))
    belted.world.wait("volumes can be deleted", lambda: host.would_delete(VOLUME, "billing-data") == "")
    status = belted.run("protect", "status", "-o", "json")
    assert status.returncode == 3
    assert [each["cluster"] for each in json.loads(status.stdout) if each["broken"]] == ["host"]
    assert belted.run("protect", "on").returncode == 0
    belted.world.wait("volumes are kept", lambda: seatbelt.NAME in host.would_delete(VOLUME, "billing-data"))
    assert belted.run("protect", "status", "-o", "name").stdout.split() == ["test", "host"]


def test_once_off_everything_can_be_deleted_again_and_the_incident_goes_on(belted: Belted) -> None:
    world = belted.world
    assert world.lost() == []
    # Nobody unbinds it, as ks-controller-manager does with namespaces of a Workspace that flaps.
    belted.host.create(NAMESPACE_KIND, {"metadata": {"name": KEEPSAKE, "ownerReferences": [GONE]}})
    before = wrote(belted.folder)
    refused = belted.run("protect", "off")
    assert (refused.returncode, wrote(belted.folder)) == (4, before), refused.stderr
    commands = ("ks-reset plan defuse ", "ks-reset apply defuse.json ", f"--accept-loss {KEEPSAKE}")
    assert all(words in refused.stderr for words in commands), refused.stderr
    assert belted.run("protect", "status").returncode == 0
    done = belted.run("protect", "off", *accepting(belted))
    assert (done.returncode, belted.run("protect", "status").returncode) == (0, 3), done.stderr
    assert "seatbelt-left" not in belted.run("doctor", "-o", "name").stdout.split()
    assert seatbelt.NAME not in belted.run("verify", "-o", "name").stdout
    for kind, name, namespace in ((CLAIM, "data", "scrap"), (NAMESPACE_KIND, "scrap", "")):
        belted.host.delete(kind, name, namespace)
    world.wait("scrap is gone", lambda: belted.host.get(NAMESPACE_KIND, "scrap") is None)
    names = {"late-comer"} | {name for plane, name in world.members_of("ws1") if plane == "host"} - {"catalog", HOME}

    def one_is_lost() -> bool:
        # The namespace controller unbinds most of them in time: with many, the garbage collector is first for one soon.
        return not all(world.alive(("host", name)) and world.add_namespace(name, "ws1", bound=False) for name in names)

    world.wait("a namespace is lost", one_is_lost, 4 * PASSING)


def test_one_that_another_put_on_comes_off_by_force_alone(belted: Belted) -> None:
    assert belted.run("protect", "on").returncode == 0
    for kind, _ in pieces(belted.host):
        belted.host.merge_patch(kind, seatbelt.NAME, "", {"metadata": {"annotations": {seatbelt.RUN: "uninstall"}}})
    before = wrote(belted.folder)
    done = belted.run("protect", "off")
    assert (done.returncode, wrote(belted.folder)) == (4, before)
    assert all(word in done.stderr for word in ("uninstall", "--force"))
    done = belted.run("protect", "off", "--force", *accepting(belted))
    assert done.returncode == 0, done.stderr
    belted.world.wait("deletions are allowed", lambda: not belted.host.would_delete(NAMESPACE_KIND, HOME))
