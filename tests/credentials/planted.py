"""A fleet with a credential in every place where people, programs and KubeSphere were seen to keep one."""

import json
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from ks_reset.model import Body, Kind
from tests.cluster.answering import ApiServer

APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
WORKLOADS = {
    "Deployment": ("apps", "v1"),
    "StatefulSet": ("apps", "v1"),
    "DaemonSet": ("apps", "v1"),
    "ReplicaSet": ("apps", "v1"),
    "Job": ("batch", "v1"),
    "CronJob": ("batch", "v1"),
    "Pod": ("", "v1"),
}
OTHERS = {
    "ConfigMap": ("", "v1", True),
    "Service": ("", "v1", True),
    "ServiceAccount": ("", "v1", True),
    "PersistentVolume": ("", "v1", False),
    "PersistentVolumeClaim": ("", "v1", True),
    "Node": ("", "v1", False),
    "StorageClass": ("storage.k8s.io", "v1", False),
    "Ingress": ("networking.k8s.io", "v1", True),
    "NetworkPolicy": ("networking.k8s.io", "v1", True),
    "ClusterRole": ("rbac.authorization.k8s.io", "v1", False),
    "RoleBinding": ("rbac.authorization.k8s.io", "v1", True),
    "ValidatingWebhookConfiguration": ("admissionregistration.k8s.io", "v1", False),
    "Widget": ("shop.example.com", "v1", True),
    "Cluster": ("cluster.kubesphere.io", "v1alpha1", False),
    "User": ("iam.kubesphere.io", "v1alpha2", False),
    "Workspace": ("tenant.kubesphere.io", "v1alpha1", False),
    "WorkspaceTemplate": ("tenant.kubesphere.io", "v1alpha2", False),
    "HelmRepo": ("application.kubesphere.io", "v1alpha1", False),
    "Config": ("notification.kubesphere.io", "v2beta2", False),
    "FederatedUser": ("types.kubefed.io", "v1beta1", False),
    "FederatedSecret": ("types.kubefed.io", "v1beta1", True),
    "FederatedDeployment": ("types.kubefed.io", "v1beta1", True),
    "KubeFedCluster": ("core.kubefed.io", "v1beta1", True),
    "ClusterConfiguration": ("installer.kubesphere.io", "v1alpha1", True),
    "Pipeline": ("devops.kubesphere.io", "v1alpha3", True),
}


class Planted:
    """The API server's objects, and the credentials in them."""

    def __init__(self) -> None:
        self.secrets: list[str] = []
        self.kinds: list[Kind] = []
        self.objects: dict[str, list[Body]] = {}
        self._numbers = count(100)
        for name, (group, version) in WORKLOADS.items():
            self._plant(Kind(group, version, name, f"{name.lower()}s", True), self._workload(name))
        for name, (group, version, namespaced) in OTHERS.items():
            self._plant(Kind(group, version, name, f"{name.lower()}s", namespaced), self._special(name))

    def secret(self) -> str:
        """A new credential."""
        made = f"Pl4nted-{next(self._numbers)}-x"
        self.secrets.append(made)
        return made

    def serve(self) -> ApiServer:
        """An API server with these objects."""
        api = ApiServer(self.kinds)
        api.objects |= self.objects
        return api

    def _plant(self, kind: Kind, content: Body) -> None:
        meta: Body = {"name": f"a-{kind.kind.lower()}", "uid": f"uid-{kind.key}", "annotations": self._annotations()}
        if kind.namespaced:
            meta["namespace"] = "shop"
        generic = {"spec": {**content.get("spec", {}), **self._everywhere()}, "status": {"message": self.secret()}}
        self.kinds.append(kind)
        self.objects[kind.key] = [{**content, **generic, "metadata": meta}]

    def _annotations(self) -> dict[str, str]:
        return {
            APPLIED: json.dumps({"spec": {"password": self.secret()}}),
            "shop.example.com/settings": f'{{"dsn": "{self.secret()}"}}',
            "kubesphere.io/private-key": self.secret(),
        }

    def _everywhere(self) -> Body:
        """What a custom resource may hold: PEM, ini, lists, numbers, values that look like digests."""
        return {
            "tls": f"-----BEGIN PRIVATE KEY-----\n{self.secret()}\n-----END PRIVATE KEY-----",
            "config": f"[client]\nuser=root\npassword={self.secret()}\n",
            "passwords": [self.secret(), self.secret()],
            "checksum": f"sha256:{self.secret()}",
            "name": f"my password is {self.secret()}",
            "settings": {"deep": [{"value": self.secret()}]},
        }

    def _workload(self, kind: str) -> Body:
        env = [{"name": n, "value": self.secret()} for n in ("JWT", "SIGNING_KEY", "DB_PASSWORD", "DSN", "PLAIN")]
        container = {
            "name": "c",
            "image": "nginx:1",
            "env": [*env, {"name": "URL", "value": f"postgres://u:{self.secret()}@db/x"}],
            "args": [f"-p{self.secret()}", f"--api-key={self.secret()}", "--token", self.secret()],
            "command": ["mysql", f"-p{self.secret()}"],
            "livenessProbe": {"httpGet": {"httpHeaders": [{"name": "Authorization", "value": self.secret()}]}},
            "lifecycle": {"postStart": {"exec": {"command": ["sh", "-c", f"login {self.secret()}"]}}},
        }
        volumes = [{"name": "v", "csi": {"driver": "d", "volumeAttributes": {"key": self.secret()}}}]
        pod = {"containers": [container], "initContainers": [container | {"name": "i"}], "volumes": volumes}
        template = {"metadata": {"annotations": {"vault.example.com/token": self.secret()}}, "spec": pod}
        if kind == "Pod":
            return {"spec": pod}
        return {
            "spec": {"jobTemplate": {"spec": {"template": template}}} if kind == "CronJob" else {"template": template}
        }

    def _special(self, kind: str) -> Body:
        made: dict[str, Callable[[], Body]] = {
            "ConfigMap": lambda: {"data": {"a.ini": self.secret(), "b": self.secret()}},
            "PersistentVolume": lambda: {"spec": {"csi": {"volumeAttributes": {"k": self.secret()}}}},
            "StorageClass": lambda: {"parameters": {"restuserkey": self.secret(), "adminId": self.secret()}},
            "Cluster": lambda: {"spec": {"connection": {"kubeconfig": self.secret(), "token": self.secret()}}},
            "User": lambda: {"spec": {"password": self.secret()}},
            "HelmRepo": lambda: {
                "spec": {"credential": self._repository(), "url": f"https://u:{self.secret()}@charts"}
            },
            "Config": lambda: {"spec": {"email": {"authPassword": {"value": self.secret()}, "authUsername": "u"}}},
            "FederatedUser": lambda: {"spec": {"overrides": list(self._overrides("/spec/password"))}},
            "FederatedSecret": lambda: {"spec": {"template": {"data": {"k": self.secret()}}}},
            "FederatedDeployment": lambda: {"spec": {"template": {"spec": self._workload("Deployment")["spec"]}}},
            "KubeFedCluster": lambda: {"spec": {"apiEndpoint": f"https://admin:{self.secret()}@127.0.0.1:1"}},
            "ClusterConfiguration": lambda: {"spec": self._installer()},
            "Pipeline": lambda: {"spec": {"pipeline": {"jenkinsfile": f"sh 'docker login -p {self.secret()}'"}}},
        }
        return made.get(kind, dict)()

    def _repository(self) -> Body:
        return {field: self.secret() for field in ("keyFile", "certFile", "caFile", "username", "password")}

    def _overrides(self, path: str) -> Iterator[Any]:
        yield {"clusterName": "test", "clusterOverrides": [{"path": path, "value": self.secret()}]}

    def _installer(self) -> Body:
        provider = {"name": "ldap", "provider": {"managerPassword": self.secret(), "clientSecret": self.secret()}}
        return {
            "authentication": {"jwtSecret": self.secret(), "oauthOptions": {"identityProviders": [provider]}},
            "common": {"es": {"basicAuth": {"username": "elastic", "password": self.secret()}}},
        }
