"""The seatbelt as a ValidatingAdmissionPolicy (GA from Kubernetes 1.30): its rules see the client and the owners.

It denies every client the deletion of DENIED_KINDS. In users' namespaces it also denies kubefed's and KubeSphere's
accounts workloads, Services, Secrets and ConfigMaps, and it denies the garbage collector to delete these for an owner
of kubefed's or KubeSphere's. Garbage collection of a Deployment's old ReplicaSets and their Pods, evictions and
clean-ups of Jobs have other owners and continue. Pods are left out: nodes, evictions and controllers delete them all
the time, and the controllers that recreate them are kept.

Kubernetes v1.34.4, staging/src/k8s.io/api/admissionregistration/v1/types.go.
"""

from ks_reset.catalogue.names import ADMISSION_POLICY_BINDING_KIND, ADMISSION_POLICY_KIND, APIEXTENSIONS_GROUP
from ks_reset.model import Body, Kind
from ks_reset.seatbelt.scope import own_namespaces

OWN = "(^|[.])(kubesphere|kubefed)[.]io"
RULES = (
    ("", ["namespaces", "persistentvolumeclaims", "persistentvolumes", "services", "secrets", "configmaps"]),
    (APIEXTENSIONS_GROUP, ["customresourcedefinitions"]),
    ("apps", ["deployments", "statefulsets", "daemonsets", "replicasets"]),
    ("batch", ["jobs", "cronjobs"]),
    ("networking.k8s.io", ["ingresses"]),
)
VARIABLES = {
    "kind": "request.resource.resource",
    "inside": "has(oldObject.metadata.namespace) ? oldObject.metadata.namespace + '/' : ''",
    "home": "variables.kind == 'namespaces' ? oldObject.metadata.name : "
    "(has(oldObject.metadata.namespace) ? oldObject.metadata.namespace : '')",
    "who": "request.userInfo.username",
    "theirs": "variables.own.exists(ns, variables.who.startsWith('system:serviceaccount:' + ns + ':'))",
    "cascade": "variables.who == 'system:serviceaccount:kube-system:generic-garbage-collector' "
    "&& has(oldObject.metadata.ownerReferences) "
    f"&& oldObject.metadata.ownerReferences.exists(r, r.apiVersion.matches('{OWN}/'))",
    "allowed": "variables.kind == 'persistentvolumes' ? false : "
    f"variables.kind == 'customresourcedefinitions' ? oldObject.spec.group.matches('{OWN}$') : "
    "variables.home in variables.spared ? true : "
    "variables.kind in ['namespaces', 'persistentvolumeclaims'] ? false : "
    "!(variables.theirs || variables.cascade)",
}
MESSAGE = (
    "'ks-reset-seatbelt keeps ' + variables.kind + ' ' + variables.inside + oldObject.metadata.name + ', which ' + "
    "variables.who + ' may not delete. See ks-reset protect status; turn it off with: ks-reset protect off'"
)


def policy_objects(
    name: str, annotations: dict[str, str], excepted_namespaces: tuple[str, ...]
) -> tuple[tuple[Kind, Body], ...]:
    """The policy and its binding, each with its Kind, in order of creation."""
    meta = {"name": name, "annotations": annotations}
    binding = {"policyName": name, "validationActions": ["Deny"]}
    return (
        (
            ADMISSION_POLICY_KIND,
            {
                "apiVersion": ADMISSION_POLICY_KIND.api_version,
                "kind": ADMISSION_POLICY_KIND.kind,
                "metadata": meta,
                "spec": _policy_spec(excepted_namespaces),
            },
        ),
        (
            ADMISSION_POLICY_BINDING_KIND,
            {
                "apiVersion": ADMISSION_POLICY_BINDING_KIND.api_version,
                "kind": ADMISSION_POLICY_BINDING_KIND.kind,
                "metadata": meta,
                "spec": binding,
            },
        ),
    )


def _policy_spec(excepted_namespaces: tuple[str, ...]) -> Body:
    own = own_namespaces()
    lists = {"own": own, "spared": (*own, *excepted_namespaces)}
    variables = [{"name": key, "expression": repr(list(names))} for key, names in lists.items()]
    variables += [{"name": key, "expression": expression} for key, expression in VARIABLES.items()]
    rules = [
        {"apiGroups": [group], "apiVersions": ["*"], "operations": ["DELETE"], "resources": resources, "scope": "*"}
        for group, resources in RULES
    ]
    return {
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": rules},
        "variables": variables,
        "validations": [{"expression": "variables.allowed", "messageExpression": MESSAGE, "reason": "Forbidden"}],
    }
