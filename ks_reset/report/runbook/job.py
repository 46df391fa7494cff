"""A plan as a Job in the host cluster: access, the plan in a ConfigMap, a claim for the journal, the Job."""

import gzip
import shlex
from base64 import b64encode
from collections.abc import Sequence

from ks_reset.cluster.incluster import IN_CLUSTER
from ks_reset.errors import Usage
from ks_reset.language import translate, translate_phrase
from ks_reset.model import Body, Plan
from ks_reset.plan.file import encode_plan
from ks_reset.report.runbook.access import NAME, access_objects
from ks_reset.report.runbook.book import Book
from ks_reset.report.runbook.commands import file_word
from ks_reset.report.runbook.shell import as_comment
from ks_reset.report.runbook.sites import as_yaml

LARGEST = 1_000_000
"""Bytes of a ConfigMap: etcd takes 1.5 MiB a request by default, the API server 1 MiB of data (kubernetes v1.24.17,
pkg/apis/core/validation/validation.go, ValidateConfigMap)."""
KUBECONFIG = "ks-reset-kubeconfig"
"""The Secret with the kubeconfig of the members, made by the operator."""
USER = 65532
RESUME = """'{"spec":{"suspend":false}}'"""


def render_job(book: Book, image: str) -> str:
    """The objects as YAML. The Job is created suspended: to resume it is the approval.

    Raises Usage for a plan too large for a ConfigMap.
    """
    plan = book.plan
    name = f"{NAME}-{plan.digest[:8]}"
    flags = in_cluster_flags(plan)
    has_members = len(plan.clusters) > 1
    apply = shell_step(f"ks-reset apply /work/plan.json --yes {flags}", image, "plan", kubeconfig=has_members)
    spec = {
        "suspend": True,
        "backoffLimit": 0,
        "template": {
            "metadata": {"labels": {"app.kubernetes.io/name": NAME}},
            "spec": {
                "serviceAccountName": NAME,
                "restartPolicy": "Never",
                "securityContext": pod_security(),
                "containers": [{"name": NAME, **apply}],
                "volumes": volumes(plan, kubeconfig=has_members),
            },
        },
    }
    digest = {"ks-reset/digest": plan.digest, "ks-reset/playbook": plan.playbook}
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": NAME, "annotations": digest},
        "spec": spec,
    }
    host = plan.clusters[-1]
    access = access_objects(plan, host, book.sites[host.identity])
    return _head(book, name) + as_yaml([*access, plan_map(plan), state_claim(), job])


def member_access(book: Book) -> dict[str, str]:
    """The access objects of each member, by file name: the account in its kubeconfig needs them."""
    members = book.plan.clusters[:-1]
    return {
        f"access/{file_word(each.name)}.yaml": as_yaml(access_objects(book.plan, each, book.sites[each.identity]))
        for each in members
    }


def _head(book: Book, name: str) -> str:
    kubectl = book.sites[book.plan.clusters[-1].identity].kubectl()
    lines = [
        translate_phrase("{0}: plan {1}", translate(book.playbook.title), book.plan.digest),
        f"Create with: {kubectl} create -f job.yaml (too large for the annotation of kubectl apply).",
        "It is suspended. Read the plan; then this approves it:",
        f"  {kubectl} -n {NAME} patch job/{name} --type=merge -p {RESUME}",
        "Exit code 7 can be continued: delete the Job alone, and create it again. The claim keeps the journal.",
    ]
    if len(book.plan.clusters) > 1:
        lines += [
            f"The members are reached by the Secret {KUBECONFIG} (key config), with the contexts of the plan.",
            "The access that its accounts need is written by: ks-reset runbook plan.json -o job --to FOLDER",
        ]
    return "".join(f"{as_comment(translate(line))}\n" for line in lines)


def in_cluster_flags(plan: Plan) -> str:
    """The flags of ks-reset in a pod of the host: the host by the pod's account, members by their contexts."""
    words = [word for m in plan.clusters[:-1] for word in ("--member", f"{m.name}={m.context}")]
    return shlex.join(["--context", IN_CLUSTER, *words])


def shell_step(command: str, image: str, volume: str, *, kubeconfig: bool) -> Body:
    """A container that unpacks the plan and runs the command; it has no root, no rights, and one place to write."""
    env = [{"name": "KS_RESET_STATE", "value": "/state"}, {"name": "HOME", "value": "/work"}]
    mounts = [
        {"name": volume, "mountPath": "/plan", "readOnly": True},
        {"name": "state", "mountPath": "/state"},
        {"name": "work", "mountPath": "/work"},
        {"name": "work", "mountPath": "/tmp"},  # noqa: S108 - a path in the container
    ]
    if kubeconfig:
        env.append({"name": "KUBECONFIG", "value": "/kubeconfig/config"})
        mounts.append({"name": "kubeconfig", "mountPath": "/kubeconfig", "readOnly": True})
    return {
        "image": image,
        "command": ["sh", "-ec", f"gzip -dc /plan/plan.json.gz > /work/plan.json; {command}"],
        "env": env,
        "volumeMounts": mounts,
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "resources": {"requests": {"cpu": "200m", "memory": "512Mi"}, "limits": {"memory": "2Gi"}},
    }


def pod_security() -> Body:
    """The security context of a pod under the restricted standard."""
    profile = {"type": "RuntimeDefault"}
    return {"runAsNonRoot": True, "runAsUser": USER, "fsGroup": USER, "seccompProfile": profile}


def volumes(plan: Plan, *, kubeconfig: bool) -> list[Body]:
    """The volumes of `shell_step`."""
    found: list[Body] = [
        {"name": "plan", "configMap": {"name": _map_name(plan)}},
        {"name": "state", "persistentVolumeClaim": {"claimName": "ks-reset-state"}},
        {"name": "work", "emptyDir": {}},
    ]
    if kubeconfig:
        found.append({"name": "kubeconfig", "secret": {"secretName": KUBECONFIG, "defaultMode": 0o440}})
    return found


def plan_map(plan: Plan) -> Body:
    """The plan in a ConfigMap, packed; it holds no credential. Raises Usage if it is too large."""
    packed = b64encode(gzip.compress(encode_plan(plan), mtime=0)).decode()
    if len(packed) > LARGEST:
        raise Usage(
            f"The plan is {len(packed)} bytes packed, and a ConfigMap takes {LARGEST}. Apply it from a machine with a "
            "kubeconfig: ks-reset apply plan.json."
        )
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": _map_name(plan), "namespace": NAME},
        "immutable": True,
        "binaryData": {"plan.json.gz": packed},
    }


def _map_name(plan: Plan) -> str:
    return f"ks-reset-plan-{plan.digest[:8]}"


def state_claim() -> Body:
    """The claim for the journal and the baseline: without them nothing can be given back."""
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    meta = {"name": "ks-reset-state", "namespace": NAME}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": meta, "spec": spec}


def unique_objects(bodies: Sequence[Body]) -> list[Body]:
    """The objects without repetitions, by kind, namespace and name."""
    found = {(b["kind"], b["metadata"].get("namespace"), b["metadata"].get("name")): b for b in bodies}
    return list(found.values())
