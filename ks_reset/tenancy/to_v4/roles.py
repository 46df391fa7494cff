"""Roles and bindings. In 4.1 those of a namespace are KubeSphere's own types too, of which it makes Kubernetes' own.

kubesphere v4.1.3, pkg/controller/role/role_controller.go and pkg/controller/rolebinding/rolebinding_controller.go.
A role that names no templates keeps its rules (pkg/controller/workspacerole/workspacerole_controller.go, Reconcile).
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
from ks_reset.credentials.recorded import image
from ks_reset.model import BeforeImage, Body, Obj, Skipped
from ks_reset.tenancy.memory import NAMESPACED
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
"""What 4.1 makes itself, by its chart and for each Workspace and namespace (kubesphere v4.1.3,
config/ks-core/templates/globalroles.yaml, globalrolebindings.yaml and builtinroles.yaml)."""

REFERENCES = {"User": USER_REF_LABEL, "Group": GROUP_REF_LABEL}


def convert_role(of: Conversion, past: BeforeImage) -> Iterable[BeforeImage | Skipped]:
    """A role that people made, with its rules; 4.1 has its own of those that 3.x brought, and of what they are made."""
    if _is_built_in(past.obj) or ROLE_TEMPLATE_LABEL in past.obj.labels:
        return
    yield _custom_role(past)
    if AGGREGATION_ANNOTATION in past.obj.annotations:
        yield skipped_object(
            of, past, "keeps its rules and follows no template of 4.1: see whether it still says what is meant"
        )


def convert_binding(of: Conversion, past: BeforeImage) -> Iterable[BeforeImage | Skipped]:
    """A binding, and the Role that it names if that is a user's own, which an uninstall leaves where it is."""
    if _is_built_in(past.obj):
        return
    ref, kind = past.body.get("roleRef") or {}, past.kind.kind.removesuffix("Binding")
    if ref.get("kind") != kind or not ref.get("name"):
        named = ref.get("kind") if ref.get("name") else "role without a name"
        yield skipped_object(of, past, f"is left behind: it binds a {named}, and 4.1 takes a {kind} there alone")
        return
    subjects = [_convert_subject(subject) for subject in past.body.get("subjects") or []]
    labels = past.obj.labels | {ROLE_REF_LABEL: ref["name"]}
    if len(subjects) == 1 and subjects[0]["kind"] in REFERENCES:
        labels[REFERENCES[subjects[0]["kind"]]] = subjects[0].get("name", "")
    about = {"metadata": kept_metadata(past, labels, past.obj.annotations), "subjects": subjects}
    yield converted_object(past, about | {"roleRef": {"apiGroup": IAM_GROUP, "kind": kind, "name": ref["name"]}})
    yield from _convert_named_role(of, past, ref["name"])


def _convert_named_role(of: Conversion, past: BeforeImage, name: str) -> Iterable[BeforeImage | Skipped]:
    """The Role of a namespace that a binding names, where 4.1 has none of that name and nobody remembers it."""
    where, key = past.obj.namespace, NAMESPACED[0]
    known = any((p.kind.key, p.obj.namespace, p.obj.name) == (key, where, name) for p in of.memory.objects)
    if past.kind.kind != "RoleBinding" or name in BUILT_IN["Role"] or known:
        return
    cluster = of.facts.world(past.cluster)
    found = cluster.get(key, name, where) if cluster else None
    if found is None:
        yield skipped_object(
            of, past, f"binds the Role {name}, which is not there: it grants nothing before that is made"
        )
    else:
        yield _custom_role(BeforeImage(past.cluster, found.kind, image(found.body)))


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
    """A person or a group is KubeSphere's own; anything else is what it was."""
    return subject | {"apiGroup": IAM_GROUP} if subject.get("kind") in REFERENCES else subject
