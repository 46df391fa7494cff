"""The tool for inventories, on a small checkout written here in the form of the vendor's."""

from pathlib import Path

import msgspec
import pytest

from ks_reset.catalogue.inventory.content import content_digest
from ks_reset.catalogue.inventory.entries import InventoryEntry
from ks_reset.model import Body
from tools.inventory.charts import REPAIRS
from tools.inventory.components import component_of
from tools.inventory.found import Found, read_documents
from tools.inventory.implied import implied_objects
from tools.inventory.installer import walk_installer
from tools.inventory.lines import make_lines
from tools.inventory.schemas import as_stored, read_schemas
from tools.inventory.settings import OTHERS
from tools.inventory.tasks import find_namespaces, find_releases, find_secrets

CONFIGURATION = """
kind: ClusterConfiguration
apiVersion: installer.kubesphere.io/v1alpha1
metadata: {name: ks-installer, namespace: kubesphere-system}
spec: {common: {redis: {enabled: false, volumeSize: 2Gi}}, multicluster: {clusterRole: none}}
"""
TASKS = """
- name: Apply
  shell: "{{ bin_dir }}/kubectl -n kubesphere-system apply -f {{ kubesphere_dir }}/common/{{ item }}"
- name: Secret
  shell: >
    {{ bin_dir }}/kubectl create secret generic redis-secret --from-literal=auth=x
    -n kubesphere-system
#  {{ bin_dir }}/kubectl create secret generic old-secret -n kubesphere-system
"""
TEMPLATE = """
{% if common.redis.enabled is defined and common.redis.enabled %}
kind: ConfigMap
apiVersion: v1
metadata: {name: redis-configmap}
data: {size: "{{ common.redis.volumeSize }}", mode: "{{ mode }}"}
---
kind: ConfigMap
apiVersion: v1
metadata: {name: redis-fixed}
data: {mode: "{{ mode }}"}
{% endif %}
"""
HELM = """
- name: Deploy
  shell: >
    {{ bin_dir }}/helm upgrade --install ks-minio
    {{ kubesphere_dir }}/minio-ha
    -f {{ kubesphere_dir }}/custom-values-minio.yaml
    --set fullnameOverride=minio
    --namespace kubesphere-system
    --wait
  register: minio_status
"""


@pytest.fixture
def lines(tmp_path: Path) -> dict[str, InventoryEntry]:
    files = {
        "deploy/cluster-configuration.yaml": CONFIGURATION,
        "roles/common/defaults/main.yaml": "mode: '{{ other }}'\nother: fast\n",
        "roles/common/tasks/main.yaml": TASKS,
        "roles/common/templates/redis.yaml.j2": TEMPLATE,
        "roles/ks-monitor/files/list.yaml": "kind: List\napiVersion: v1\nitems:\n"
        "- {kind: Service, apiVersion: v1, metadata: {name: a, namespace: b}, spec: {ports: [{port: 80}]}}\n",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return {entry.name: entry for entry in make_lines(walk_installer(tmp_path, Path("helm")))}


def test_a_template_is_rendered_with_everything_on(lines: dict[str, InventoryEntry]) -> None:
    entry = lines["redis-configmap"]
    assert (entry.namespace, entry.component, entry.source) == (
        "kubesphere-system",
        "redis",
        "roles/common/templates/redis.yaml.j2",
    )


def test_content_from_the_operators_values_varies(lines: dict[str, InventoryEntry]) -> None:
    assert lines["redis-configmap"].varies
    assert not lines["redis-fixed"].varies
    assert len(lines["redis-fixed"].digests) == 1


def test_a_secret_made_by_a_command_and_a_list_are_in_it(lines: dict[str, InventoryEntry]) -> None:
    assert lines["redis-secret"].namespace == "kubesphere-system"
    assert "old-secret" not in lines
    assert lines["a"].component == "monitoring"


def test_namespaces_with_objects_are_in_it(lines: dict[str, InventoryEntry]) -> None:
    assert lines["b"].kind == "Namespace"


def test_the_lines_are_sorted_and_small(lines: dict[str, InventoryEntry]) -> None:
    keys = [(entry.kind, entry.namespace, entry.name) for entry in lines.values()]
    assert keys == sorted(keys)
    assert b"false" not in msgspec.json.encode(list(lines.values()))


def test_a_task_tells_release_values_and_namespace() -> None:
    (release,) = find_releases(HELM)
    assert (release.name, release.namespace, release.chart) == ("ks-minio", "kubesphere-system", "minio-ha")
    assert (release.values, release.sets) == (("custom-values-minio.yaml",), ("fullnameOverride=minio",))


def test_a_chart_installed_as_two_releases_has_the_objects_of_both(tmp_path: Path) -> None:
    """OpenSearch is one chart with two releases. A script that prints a Service named after the release is the helm."""
    helm = tmp_path / "helm"
    helm.write_text('#!/bin/sh\necho "{kind: Service, apiVersion: v1, metadata: {name: $2}}"\n')
    helm.chmod(0o755)
    install = "{{ bin_dir }}/helm upgrade --install search-%s {{ kubesphere_dir }}/search --namespace logs"
    tasks = f"- shell: >\n    {install % 'master'}\n    && {install % 'data'}\n"
    files = {"deploy/cluster-configuration.yaml": CONFIGURATION, "roles/common/tasks/main.yaml": tasks}
    files["roles/common/files/search/Chart.yaml"] = "name: search\nversion: 1.0.0\n"
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    found = {(line.name, line.release) for line in make_lines(walk_installer(tmp_path, helm)) if line.release}
    assert found == {("search-master", "logs/search-master"), ("search-data", "logs/search-data")}


def test_a_namespace_given_to_kubectl_is_that_of_the_applied_folder() -> None:
    text = "kubectl apply -f {{ kubesphere_dir }}/servicemesh/kiali/kiali-cr.yaml --namespace istio-system"
    assert find_namespaces(text) == {"kiali-cr.yaml": "istio-system"}


def test_a_secret_without_a_namespace_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "main.yaml").write_text("shell: kubectl create secret generic a --from-literal=b=c\n")
    assert not list(find_secrets(tmp_path / "main.yaml"))


def test_a_release_implies_the_secrets_of_helm() -> None:
    body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}}
    made = {
        f.body["metadata"]["name"] for f in implied_objects([Found(body, "p", "core", release="ns/r", namespace="ns")])
    }
    assert made == {"sh.helm.release.v1.r.v*", "ns"}


def test_other_values_are_not_among_the_digests() -> None:
    bodies = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"b": v}} for v in "12"]
    found = [Found(bodies[0], "p", "core", "on", "", "n"), Found(bodies[1], "p", "core", OTHERS, "", "n")]
    entry = next(line for line in make_lines(found) if line.kind == "ConfigMap")
    assert (len(entry.digests), entry.varies) == (1, True)


def test_a_digest_is_that_of_the_object_as_a_cluster_gives_it() -> None:
    """No value is hidden before: what hides values has a key of its own on each machine."""
    endpoints = [{"port": "web", "interval": "30s"}]
    body: Body = {"apiVersion": "monitoring.coreos.com/v1", "kind": "ServiceMonitor", "metadata": {"name": "a"}}
    body["spec"] = {"endpoints": endpoints}
    entry = next(line for line in make_lines([Found(body, "p", "core", namespace="n")]) if line.name == "a")
    assert entry.digests == (content_digest("ServiceMonitor", body),)


def test_a_document_that_is_no_yaml_does_not_hide_the_next() -> None:
    text = "a: {{ b }}\n---\nkind: Service\napiVersion: v1\nmetadata: {name: a}\n---\nenum: [=]\nkind: X\n"
    assert [body["metadata"]["name"] for body in read_documents(text)] == ["a"]


def test_a_schema_fills_in_defaults_and_drops_unknown_fields() -> None:
    fields = {"a": {"type": "string"}, "b": {"type": "string", "default": "x"}}
    schema = {"openAPIV3Schema": {"properties": {"spec": {"properties": fields}}}}
    crd = {"spec": {"group": "g", "names": {"kind": "K"}, "versions": [{"name": "v1", "schema": schema}]}}
    body = {"apiVersion": "g/v1", "kind": "K", "metadata": {"name": "n"}, "spec": {"a": "1", "c": "2"}}
    assert as_stored(read_schemas([crd]), body)["spec"] == {"a": "1", "b": "x"}


def test_the_longest_prefix_tells_the_component() -> None:
    assert component_of("roles/ks-monitor/files/notification-manager/values.yaml") == "notification"
    assert component_of("roles/ks-monitor/tasks/main.yaml") == "monitoring"


@pytest.mark.parametrize(
    ("written", "repaired"),
    [
        ("failurePolicy: { { .Values.policy } }", "failurePolicy: {{ .Values.policy }}"),
        ('{{- if (.Values.a) and eq .Values.a "true" }}', "{{- if (.Values.a) }}"),
        ("{{- if and ((not .Values.a) (not .Values.b)) }}", "{{- if and ((not .Values.a)) }}"),
        ("{{- if (not .Values.a) }}", "{{- if (not .Values.a) }}"),
        ("{{- if and .Values.a (not .Values.b) }}", "{{- if and .Values.a (not .Values.b) }}"),
    ],
)
def test_known_faults_of_templates_are_repaired(written: str, repaired: str) -> None:
    for pattern, replacement in REPAIRS:
        written = pattern.sub(replacement, written)
    assert written == repaired
