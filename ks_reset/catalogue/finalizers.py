"""Which program takes a finalizer of KubeSphere's off an object: each belongs to one controller of one type.

The objects of KubeSphere's own types are those of ks-controller-manager, except of the components with an operator of
their own. On Kubernetes' types there are three: on Namespaces those of ks-controller-manager (kubesphere v3.3.1,
pkg/controller/namespace/namespace_controller.go; v4.1.3, pkg/constants/constants.go), on Secrets and PodTemplates those
of devops-controller (ks-devops v3.3.1, pkg/api/devops/v1alpha3/credential_types.go; v3.4.1,
controllers/jenkins/config/podtemplate_controller.go).
"""

from ks_reset.catalogue.loader import load_catalogue
from ks_reset.catalogue.marks import is_own_group
from ks_reset.catalogue.names import (
    CASCADING_FINALIZER,
    KS_CONTROLLER_MANAGER,
    NAMESPACE_KEY,
    NAMESPACES_FINALIZER,
    SECRET_KEY,
)

DEVOPS_CONTROLLER = "devops-controller"
OPERATORS = {
    "devops": (DEVOPS_CONTROLLER,),
    "events": ("ks-events-operator",),
    "logging": ("fluentbit-operator", "fluent-operator"),
}
"""The Deployments of the components whose types have an operator of their own (ks-installer v3.3.1 and v3.4.1,
roles/ks-devops, ks-events and ks-logging)."""
ON_KUBERNETES = {
    (NAMESPACE_KEY, NAMESPACES_FINALIZER): (KS_CONTROLLER_MANAGER,),
    (NAMESPACE_KEY, CASCADING_FINALIZER): (KS_CONTROLLER_MANAGER,),
    (SECRET_KEY, "finalizers.kubesphere.io/credential"): (DEVOPS_CONTROLLER,),
    ("PodTemplate", "podtemplate.devops.kubesphere.io/finalizer"): (DEVOPS_CONTROLLER,),
}


def finalizer_programs(key: str, finalizer: str) -> tuple[str, ...]:
    """The Deployments that take a finalizer of KubeSphere's off objects of this `Kind.key`; () for none known."""
    if not is_own_group(key.partition(".")[2]):
        return ON_KUBERNETES.get((key, finalizer), ())
    component = next((entry.component for entry in load_catalogue().crds if entry.key == key), "")
    return OPERATORS.get(component, (KS_CONTROLLER_MANAGER,))
