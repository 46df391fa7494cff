"""Convert roles and bindings. In 4.1 those of a namespace are KubeSphere's types as well; it derives RBAC's from them.

kubesphere v4.1.3, pkg/controller/role/role_controller.go and pkg/controller/rolebinding/rolebinding_controller.go.
A role without templates keeps its rules (pkg/controller/workspacerole/workspacerole_controller.go, Reconcile).
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import (
    AGGREGATION_ANNOTATION,
    GROUP_REF_LABEL,
    IAM_GROUP,
    ROLE_REF_LABEL,
    ROLE_TEMPLATE_LABEL,
    ROLE_TEMPLATE_RULES_ANNOTATION,
    USER_REF_LABEL,
    WORKSPACE_LABEL,
)
from ks_reset.credentials.recorded import as_manifest
from ks_reset.model import BeforeImage, Body, Obj, Skipped
from ks_reset.tenancy.memory import NAMESPACED_KEYS
from ks_reset.tenancy.to_v4.convert import Conversion, converted_object, kept_metadata, skipped_object

BUILT_IN = {
    "GlobalRole": (
        *("anonymous", "authenticated", "pre-registration"),
        *("platform-admin", "platform-regular", "platform-self-provisioner"),
    ),
    "GlobalRoleBinding": ("admin", "anonymous", "authenticated", "pre-registration"),
    "WorkspaceRole": ("admin", "regular", "self-provisioner", "viewer"),
    "Role": ("admin", "operator", "viewer"),
}
"""Roles and bindings created by 4.1 itself, by its chart and for each Workspace and namespace (kubesphere v4.1.3,
config/ks-core/templates/globalroles.yaml, globalrolebindings.yaml and builtinroles.yaml)."""

REFERENCES = {"User": USER_REF_LABEL, "Group": GROUP_REF_LABEL}


def convert_role(of: Conversion, past: BeforeImage) -> Iterable[BeforeImage | Skipped]:
    """Convert a user's custom role, with its rules. Built-in roles and role templates are left out: 4.1 has its own."""
    if _is_built_in(past.obj) or ROLE_TEMPLATE_LABEL in past.obj.labels:
        return
    yield _custom_role(past)
    if AGGREGATION_ANNOTATION in past.obj.annotations:
        yield skipped_object(of, past, "keeps its rules and follows no template of 4.1: check its rules")


def convert_binding(of: Conversion, past: BeforeImage) -> Iterable[BeforeImage | Skipped]:
    """Convert a binding, and its Role if it is a user's custom one, since an uninstall leaves that in the namespace."""
    if _is_built_in(past.obj):
        return
    ref, kind = past.body.get("roleRef") or {}, past.kind.kind.removesuffix("Binding")
    if ref.get("kind") != kind or not ref.get("name"):
        bound = ref.get("kind") if ref.get("name") else "role without a name"
        yield skipped_object(of, past, f"is not converted: it binds a {bound}, and 4.1 accepts only a {kind} there")
        return
    subjects = [_convert_subject(subject) for subject in past.body.get("subjects") or []]
    labels = past.obj.labels | {ROLE_REF_LABEL: ref["name"]}
    if len(subjects) == 1 and subjects[0]["kind"] in REFERENCES:
        labels[REFERENCES[subjects[0]["kind"]]] = subjects[0].get("name", "")
    body: Body = {"metadata": kept_metadata(past, labels, past.obj.annotations), "subjects": subjects}
    yield converted_object(past, body | {"roleRef": {"apiGroup": IAM_GROUP, "kind": kind, "name": ref["name"]}})
    yield from _convert_named_role(of, past, ref["name"])


def _convert_named_role(of: Conversion, past: BeforeImage, name: str) -> Iterable[BeforeImage | Skipped]:
    """Convert the Role named by a binding, unless 4.1 has one of this name or the memory has it."""
    where, key = past.obj.namespace, NAMESPACED_KEYS[0]
    is_recorded = any((p.kind.key, p.obj.namespace, p.obj.name) == (key, where, name) for p in of.memory.objects)
    if past.kind.kind != "RoleBinding" or name in BUILT_IN["Role"] or is_recorded:
        return
    cluster = of.facts.cluster(past.cluster)
    named_role = cluster.get(key, name, where) if cluster else None
    if named_role is None:
        yield skipped_object(
            of,
            past,
            f"binds the Role {name}, which does not exist: the binding grants nothing until the Role is created",
        )
    else:
        yield _custom_role(BeforeImage(past.cluster, named_role.kind, as_manifest(named_role.body)))


def _custom_role(past: BeforeImage) -> BeforeImage:
    annotations = {
        k: v
        for k, v in past.obj.annotations.items()
        if k not in (AGGREGATION_ANNOTATION, ROLE_TEMPLATE_RULES_ANNOTATION)
    }
    return converted_object(
        past, {"metadata": kept_metadata(past, past.obj.labels, annotations), "rules": past.body.get("rules") or []}
    )


def _is_built_in(obj: Obj) -> bool:
    workspace = obj.labels.get(WORKSPACE_LABEL, "") if obj.kind.kind == "WorkspaceRole" else ""
    return obj.name.removeprefix(f"{workspace}-" if workspace else "") in BUILT_IN.get(obj.kind.kind, ())


def _convert_subject(subject: Body) -> Body:
    """A subject with KubeSphere's API group for a User or Group; any other subject unchanged."""
    return subject | {"apiGroup": IAM_GROUP} if subject.get("kind") in REFERENCES else subject
