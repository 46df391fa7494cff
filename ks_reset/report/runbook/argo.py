"""Plans as a Workflow of Argo: a branch for each fleet, with a suspended node before the first write.

A fleet is one branch: `ks-reset apply` works on its members at once, and waits for all of them between two steps.
Fields after argo-workflows v3.5, docs/fields.md and docs/walk-through/suspending.md.
"""

from collections.abc import Sequence

from ks_reset.errors import Usage
from ks_reset.language import translate, translate_phrase
from ks_reset.model import Body
from ks_reset.report.runbook.access import NAME, access_objects
from ks_reset.report.runbook.book import Book
from ks_reset.report.runbook.job import (
    KUBECONFIG,
    in_cluster_flags,
    plan_map,
    pod_security,
    shell_step,
    state_claim,
    unique_objects,
    volumes,
)
from ks_reset.report.runbook.script import verifies
from ks_reset.report.runbook.shell import as_comment
from ks_reset.report.runbook.sites import as_yaml

EXECUTOR: Body = {"apiGroups": ["argoproj.io"], "resources": ["workflowtaskresults"], "verbs": ["create", "patch"]}
"""What the executor of a step needs (argo-workflows v3.5, docs/workflow-rbac.md)."""


def render_workflow(books: Sequence[Book], image: str) -> str:
    """The objects as YAML. One plan runs with the account of the pod, several with the contexts of a kubeconfig.

    Raises Usage for the same plan twice, or one too large for a ConfigMap.
    """
    digests = [book.plan.digest for book in books]
    if len(set(digests)) != len(digests):
        raise Usage("A plan is named twice. Name each fleet's plan once: ks-reset runbook a.json b.json -o argo.")
    alone = len(books) == 1
    templates = [_entry(books)]
    for book in books:
        templates += _branch(book, image, alone=alone)
    spec = {
        "entrypoint": "fleets",
        "serviceAccountName": NAME,
        "securityContext": pod_security(),
        "templates": templates,
        "volumes": _all_volumes(books),
    }
    meta = {"generateName": f"{NAME}-", "namespace": NAME, "annotations": {"ks-reset/digests": " ".join(digests)}}
    workflow = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": meta, "spec": spec}
    executor = [
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": _named("argo"), "rules": [EXECUTOR]},
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": _named("argo"),
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": f"{NAME}-argo"},
            "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": NAME}],
        },
    ]
    first = books[0]
    host = first.plan.clusters[-1]
    access = access_objects(first.plan, host, first.sites[host.identity])
    access = access if alone else access[:2]
    objects = [*access, *executor, *(plan_map(book.plan) for book in books), state_claim(), workflow]
    return _head(books) + as_yaml(unique_objects(objects))


def _head(books: Sequence[Book]) -> str:
    lines = [translate_phrase("{0}: plan {1}", translate(b.playbook.title), b.plan.digest) for b in books]
    lines += [
        "Create with: kubectl create -f argo.yaml. Each branch waits before its first write; this approves one plan:",
        f"  argo -n {NAME} resume NAME --node-field-selector displayName=approve-DIGEST",
    ]
    if len(books) > 1 or len(books[0].plan.clusters) > 1:
        lines.append(f"Clusters are reached by the Secret {KUBECONFIG} (key config), with the contexts of the plans.")
    return "".join(f"{as_comment(translate(line))}\n" for line in lines)


def _named(what: str) -> Body:
    return {"name": f"{NAME}-{what}", "namespace": NAME}


def _short(book: Book) -> str:
    return book.plan.digest[:8]


def _entry(books: Sequence[Book]) -> Body:
    tasks = [{"name": f"fleet-{_short(book)}", "template": f"fleet-{_short(book)}"} for book in books]
    return {"name": "fleets", "dag": {"failFast": False, "tasks": tasks}}


def _branch(book: Book, image: str, *, alone: bool) -> list[Body]:
    """The templates of a fleet: look, wait for the approval, apply, verify."""
    short, flags = _short(book), in_cluster_flags(book.plan) if alone else book.flags
    commands = {
        "look": f"code=0; ks-reset doctor {flags} || code=$?; [ $code = 0 ] || [ $code = 3 ]",
        "apply": f"ks-reset apply /work/plan.json --yes {flags}",
        "verify": f"ks-reset verify {flags}",
    }
    order = ["look", "approve", "apply", *(["verify"] if verifies(book) else [])]
    steps = [[{"name": f"{name}-{short}", "template": f"{name}-{short}"}] for name in order]
    templates: list[Body] = [{"name": f"fleet-{short}", "steps": steps}]
    for name in order:
        if name == "approve":
            digest = {"annotations": {"ks-reset/digest": book.plan.digest}}
            templates.append({"name": f"approve-{short}", "metadata": digest, "suspend": {}})
        else:
            remote = not alone or len(book.plan.clusters) > 1
            container = shell_step(commands[name], image, f"plan-{short}", kubeconfig=remote)
            templates.append({"name": f"{name}-{short}", "container": container})
    return templates


def _all_volumes(books: Sequence[Book]) -> list[Body]:
    found: dict[str, Body] = {}
    for book in books:
        for volume in volumes(book.plan, kubeconfig=len(books) > 1 or len(book.plan.clusters) > 1):
            name = f"plan-{_short(book)}" if volume["name"] == "plan" else volume["name"]
            found[name] = {**volume, "name": name}
    return list(found.values())
