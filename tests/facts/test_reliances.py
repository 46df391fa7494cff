"""What users' namespaces will be without, and the volumes that are found again."""

from ks_reset.facts.reliances import lost_reliances
from ks_reset.facts.stored_data import retained_notes, stored_data
from ks_reset.model import Request
from tests.build import facts
from tests.shorthand import expand_case

GATEWAY = {
    "Service kubesphere-controls-system/kubesphere-router-shop": {
        "spec": {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30080}], "externalIPs": ["10.0.0.7"]}
    }
}
INGRESS = {"Ingress.v1.networking.k8s.io shop/web": {"spec": {"rules": [{"host": "shop.example.com"}]}}}
VOLUME = {
    "PersistentVolume pv1": {
        "spec": {
            "capacity": {"storage": "20Gi"},
            "storageClassName": "local",
            "persistentVolumeReclaimPolicy": "Retain",
            "claimRef": {"namespace": "kubesphere-monitoring-system", "name": "prometheus-k8s-db-prometheus-k8s-0"},
        }
    }
}


def test_a_gateway_is_told_with_its_address_its_ports_and_the_hosts_it_serves() -> None:
    rows = expand_case({"host": ["Namespace kubesphere-controls-system", "Namespace shop", GATEWAY, INGRESS]})["host"]
    (lost,) = lost_reliances(facts(rows).host, Request())
    assert lost.objects == (
        "kubesphere-router-shop: NodePort 10.0.0.7, ports 80 (node port 30080); hosts: shop.example.com",
    )


def test_pipelines_are_counted_but_not_those_of_a_type_that_stays() -> None:
    pipeline = "Pipeline.v1alpha3.devops.kubesphere.io demo/build"
    world = facts(expand_case({"host": ["Namespace demo", pipeline]})["host"]).host
    (lost,) = lost_reliances(world, Request())
    assert (lost.what, lost.count) == ("DevOps pipelines and image builds", 1)
    assert not list(lost_reliances(world, Request(kept_types=("pipelines.devops.kubesphere.io",))))


def test_with_single_components_only_theirs_is_told() -> None:
    rows = ["Namespace demo", "Pipeline.v1alpha3.devops.kubesphere.io demo/build", GATEWAY, INGRESS]
    world = facts(expand_case({"host": rows})["host"]).host
    assert [lost.what for lost in lost_reliances(world, Request(only=("devops",)))] == [
        "DevOps pipelines and image builds"
    ]


def test_a_volume_without_its_claim_is_found_again_by_what_it_holds() -> None:
    (note,) = retained_notes(facts(expand_case({"host": [VOLUME]})["host"]).host)
    assert note.why.startswith("the metrics of Prometheus; it stays with its data")
    assert " get persistentvolume pv1 -o yaml" in note.why
    assert '[{"op":"remove","path":"/spec/claimRef"}]' in note.why


def test_a_claim_without_an_entry_is_told_as_not_known() -> None:
    rows = ["Namespace kubesphere-system", "PersistentVolumeClaim kubesphere-system/mine"]
    (data,) = stored_data(facts(expand_case({"host": rows})["host"]).host)
    assert data.holds.startswith("not known")
