"""The facts that tests build: plurals as an API server has them."""

import pytest

from tests.build import plural_of


@pytest.mark.parametrize(
    ("kind", "group", "plural"),
    [
        ("ConfigMap", "", "configmaps"),
        ("NetworkPolicy", "networking.k8s.io", "networkpolicies"),
        ("Ingress", "networking.k8s.io", "ingresses"),
        ("StorageClass", "storage.k8s.io", "storageclasses"),
        ("Endpoints", "", "endpoints"),
        ("Gateway", "gateway.kubesphere.io", "gateways"),
        ("Nginx", "gateway.kubesphere.io", "nginxes"),
    ],
)
def test_a_plural_is_that_of_the_crd_or_follows_kubernetes_rule(kind: str, group: str, plural: str) -> None:
    assert plural_of(kind, group) == plural
