"""Extensions of KubeSphere 4: which namespaces and objects are theirs."""

from typing import Any

from ks_reset.catalogue import extensions_of, own_namespace
from ks_reset.catalogue.detection import State, detect_installation
from ks_reset.catalogue.ownership import is_users
from ks_reset.model import ClusterFacts
from ks_reset.report.detection import detection_lines
from tests.build import facts
from tests.shorthand import expand_case

HOME = "extension-grafana"
LABELS = {"kubesphere.io/extension-ref": "grafana", "kubesphere.io/managed": "true"}
NAMESPACE = {f"Namespace {HOME}": {"labels": LABELS}}
AGENT = f"Secret {HOME}/sh.helm.release.v1.grafana-agent.v2 -> superseded"


def host(*short: Any) -> ClusterFacts:
    return facts(expand_case({"host": [*short]})["host"]).host


def of_release(title: str, release: str = "grafana-agent", **more: Any) -> dict[str, Any]:
    annotations = {"meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": HOME}
    return {title: {"labels": {"app.kubernetes.io/managed-by": "Helm"}, "annotations": annotations, **more}}


def test_the_release_of_an_agent_has_a_name_of_its_own() -> None:
    world = host(NAMESPACE, AGENT, of_release(f"ConfigMap {HOME}/a"), of_release(f"ConfigMap {HOME}/b", "grafana"))
    theirs, other = world.of("ConfigMap")
    assert extensions_of(world).proof(theirs) == f"it is of the extension's helm release {HOME}/grafana-agent"
    assert extensions_of(world).proof(other) is None


def test_an_object_of_a_release_without_helms_label_is_no_ones_proof() -> None:
    world = host(NAMESPACE, AGENT, of_release("PriorityClass.v1.scheduling.k8s.io a", labels={}))
    assert extensions_of(world).proof(world.of("PriorityClass.scheduling.k8s.io")[0]) is None


def test_the_index_is_made_once_for_the_same_facts() -> None:
    world = host(NAMESPACE)
    assert extensions_of(world) is extensions_of(world)
    assert own_namespace(world, HOME)
    assert own_namespace(host(f"Namespace {HOME}"), HOME) is None
    assert own_namespace(host(), "kubesphere-system")


def test_pods_of_a_release_elsewhere_are_not_users_and_a_users_pod_is() -> None:
    world = host(
        NAMESPACE,
        AGENT,
        of_release("Deployment kube-system/agent"),
        {"ReplicaSet kube-system/agent-1": {"owners": ["Deployment kube-system/agent"]}},
        {"Pod kube-system/agent-1-a": {"owners": [{"ReplicaSet kube-system/agent-1": {"apiVersion": "apps/v1"}}]}},
        {"Pod kube-system/old": {"owners": [{"Deployment kube-system/agent": {"uid": "of-a-former-one"}}]}},
        {"Pod kube-system/its-own-owner": {"owners": ["Pod kube-system/its-own-owner"]}},
        "Pod kube-system/mine",
        f"Pod {HOME}/mine",
    )
    assert {pod.title: is_users(pod, world) for pod in world.of("Pod")} == {
        "Pod kube-system/agent-1-a": False,
        "Pod kube-system/old": True,
        "Pod kube-system/its-own-owner": True,
        "Pod kube-system/mine": True,
        f"Pod {HOME}/mine": False,
    }


def test_what_a_marked_object_without_a_namespace_owns_follows_it_and_the_object_itself_is_a_users() -> None:
    owner = {"ClusterPolicy main": {"apiVersion": "gpu.example.com/v1", "uid": "uid-of-ClusterPolicy--main"}}
    world = host(
        NAMESPACE,
        AGENT,
        of_release("ClusterPolicy.v1.gpu.example.com main"),
        {"DaemonSet.v1.apps kube-system/gpu-agent": {"owners": [owner]}},
    )
    assert is_users(world.of("ClusterPolicy.gpu.example.com")[0], world)
    assert not is_users(world.of("DaemonSet.apps")[0], world)


def test_no_proof_of_an_extension_covers_a_claim_or_a_class_of_storage() -> None:
    owner = {"StatefulSet kube-system/db": {"apiVersion": "apps/v1"}}
    world = host(
        NAMESPACE,
        AGENT,
        of_release("StatefulSet kube-system/db"),
        of_release("PersistentVolumeClaim kube-system/marked"),
        of_release("StorageClass.v1.storage.k8s.io marked"),
        {"PersistentVolumeClaim kube-system/data": {"owners": [owner]}},
    )
    kept = [*world.of("PersistentVolumeClaim"), *world.of("StorageClass.storage.k8s.io")]
    assert [is_users(obj, world) for obj in kept] == [True, True, True]


def test_an_extension_that_is_left_alone_is_told_and_counts_as_half_removed() -> None:
    found = detect_installation(host(NAMESPACE))
    assert (found.state, found.extensions) == (State.HALF_REMOVED, ("grafana",))
    assert "extensions: grafana" in list(detection_lines(found))
    assert detect_installation(host(f"Namespace {HOME}")).state is State.ABSENT


HOOK = {"annotations": {"helm.sh/hook": "post-install"}}
RECORD = "Secret kubesphere-devops-system/sh.helm.release.v1.devops-agent.v1"
EXECUTOR = "ServiceAccount kubesphere-devops-system/helm-executor.devops"
DEVOPS = (
    "Namespace kubesphere-devops-system",
    {EXECUTOR: {"labels": {"kubesphere.io/extension-ref": "devops"}}},
    {RECORD: {"labels": {"owner": "helm", "name": "devops-agent"}}},
)


def test_the_account_that_a_hook_of_an_extension_leaves_is_the_extensions() -> None:
    title = "ServiceAccount kubesphere-devops-system/devops-post-install"
    world = host(*DEVOPS, {title: HOOK})
    proofs = {account.name: extensions_of(world).proof(account) for account in world.of("ServiceAccount")}
    assert (
        proofs["devops-post-install"] == "it is of the extension's helm release kubesphere-devops-system/devops-agent"
    )


def test_an_account_without_the_annotation_or_without_the_release_is_not_proven_by_a_hook() -> None:
    title = "ServiceAccount kubesphere-devops-system/devops-post-install"
    for rows in ((*DEVOPS, title), (*DEVOPS[:2], {title: HOOK}), (*DEVOPS, {title.replace("post", "my"): HOOK})):
        world = host(*rows)
        account = next(one for one in world.of("ServiceAccount") if one.name.endswith("-install"))
        assert extensions_of(world).proof(account) is None


def test_a_cluster_role_of_a_hook_needs_the_content_of_the_extensions() -> None:
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}]
    world = host(*DEVOPS, {"ClusterRole devops-post-install": {**HOOK, "rules": rules}})
    (role,) = world.of("ClusterRole.rbac.authorization.k8s.io")
    assert extensions_of(world).proof(role) is None
