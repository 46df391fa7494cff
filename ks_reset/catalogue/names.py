"""Names of Kubernetes', kubefed's and KubeSphere's types, labels, annotations, finalizers, namespaces and workloads.

`…_KIND` is a type with version and plural, for requests to an API server. `…_KEY` is a type as `Kind.group`, the key of
ClusterFacts.objects. verify/ and rehearsal/standin/ write their own names on purpose: a mistake here must not be
repeated by the verifier or the stand-in.
"""

from ks_reset.model import Kind

# API groups
ADMISSION_GROUP = "admissionregistration.k8s.io"
APIEXTENSIONS_GROUP = "apiextensions.k8s.io"
COORDINATION_GROUP = "coordination.k8s.io"
RBAC_GROUP = "rbac.authorization.k8s.io"
METRICS_GROUP = "metrics.k8s.io"
CLUSTER_GROUP = "cluster.kubesphere.io"
IAM_GROUP = "iam.kubesphere.io"
INSTALLER_GROUP = "installer.kubesphere.io"
TENANT_GROUP = "tenant.kubesphere.io"
KUBEFED_CORE_GROUP = "core.kubefed.io"
KUBEFED_TYPES_GROUP = "types.kubefed.io"
KUBESPHERE_DOMAIN = "kubesphere.io"
KUBEFED_DOMAIN = "kubefed.io"

# Types of Kubernetes
CONFIG_MAP_KIND = Kind("", "v1", "ConfigMap", "configmaps", True)
ENDPOINTS_KIND = Kind("", "v1", "Endpoints", "endpoints", True)
NAMESPACE_KIND = Kind("", "v1", "Namespace", "namespaces", False)
PERSISTENT_VOLUME_CLAIM_KIND = Kind("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", True)
POD_KIND = Kind("", "v1", "Pod", "pods", True)
SECRET_KIND = Kind("", "v1", "Secret", "secrets", True)
SERVICE_ACCOUNT_KIND = Kind("", "v1", "ServiceAccount", "serviceaccounts", True)
DEPLOYMENT_KIND = Kind("apps", "v1", "Deployment", "deployments", True)
LEASE_KIND = Kind(COORDINATION_GROUP, "v1", "Lease", "leases", True)
CRD_KIND = Kind(APIEXTENSIONS_GROUP, "v1", "CustomResourceDefinition", "customresourcedefinitions", False)
ACCESS_REVIEW_KIND = Kind("authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", False)
ADMISSION_POLICY_KIND = Kind(ADMISSION_GROUP, "v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", False)
ADMISSION_POLICY_BINDING_KIND = Kind(
    ADMISSION_GROUP, "v1", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", False
)
VALIDATING_WEBHOOK_KIND = Kind(
    ADMISSION_GROUP, "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", False
)

CONFIG_MAP_KEY = CONFIG_MAP_KIND.key
ENDPOINTS_KEY = ENDPOINTS_KIND.key
NAMESPACE_KEY = NAMESPACE_KIND.key
NODE_KEY = "Node"
PERSISTENT_VOLUME_KEY = "PersistentVolume"
PERSISTENT_VOLUME_CLAIM_KEY = PERSISTENT_VOLUME_CLAIM_KIND.key
POD_KEY = POD_KIND.key
REPLICATION_CONTROLLER_KEY = "ReplicationController"
SECRET_KEY = SECRET_KIND.key
SERVICE_KEY = "Service"
HORIZONTAL_POD_AUTOSCALER_KEY = "HorizontalPodAutoscaler.autoscaling"
SERVICE_ACCOUNT_KEY = SERVICE_ACCOUNT_KIND.key
EVENT_KEYS = ("Event", "Event.events.k8s.io")
COMPONENT_STATUS_KEY = "ComponentStatus"
ENDPOINT_SLICE_KEY = "EndpointSlice.discovery.k8s.io"
CONTROLLER_REVISION_KEY = "ControllerRevision.apps"
DAEMON_SET_KEY = "DaemonSet.apps"
DEPLOYMENT_KEY = DEPLOYMENT_KIND.key
REPLICA_SET_KEY = "ReplicaSet.apps"
STATEFUL_SET_KEY = "StatefulSet.apps"
WORKLOAD_KEYS = (DEPLOYMENT_KEY, STATEFUL_SET_KEY, DAEMON_SET_KEY)
CRON_JOB_KEY = "CronJob.batch"
JOB_KEY = "Job.batch"
LEASE_KEY = LEASE_KIND.key
INGRESS_KEY = "Ingress.networking.k8s.io"
NETWORK_POLICY_KEY = "NetworkPolicy.networking.k8s.io"
STORAGE_CLASS_KEY = "StorageClass.storage.k8s.io"
CSI_DRIVER_KEY = "CSIDriver.storage.k8s.io"
INGRESS_CLASS_KEY = "IngressClass.networking.k8s.io"
PRIORITY_CLASS_KEY = "PriorityClass.scheduling.k8s.io"
RUNTIME_CLASS_KEY = "RuntimeClass.node.k8s.io"
CRD_KEY = CRD_KIND.key
API_SERVICE_KEY = "APIService.apiregistration.k8s.io"
SIGNING_REQUEST_KEY = "CertificateSigningRequest.certificates.k8s.io"
CLUSTER_ROLE_KEY = f"ClusterRole.{RBAC_GROUP}"
CLUSTER_ROLE_BINDING_KEY = f"ClusterRoleBinding.{RBAC_GROUP}"
ROLE_KEY = f"Role.{RBAC_GROUP}"
ROLE_BINDING_KEY = f"RoleBinding.{RBAC_GROUP}"
VALIDATING_WEBHOOK_KEY = VALIDATING_WEBHOOK_KIND.key
MUTATING_WEBHOOK_KEY = f"MutatingWebhookConfiguration.{ADMISSION_GROUP}"
WEBHOOK_KEYS = (VALIDATING_WEBHOOK_KEY, MUTATING_WEBHOOK_KEY)

# Types of KubeSphere
CLUSTER_KIND = Kind(CLUSTER_GROUP, "v1alpha1", "Cluster", "clusters", False)
CLUSTER_CONFIGURATION_KIND = Kind(INSTALLER_GROUP, "v1alpha1", "ClusterConfiguration", "clusterconfigurations", True)
WORKSPACE_KIND = Kind(TENANT_GROUP, "v1alpha1", "Workspace", "workspaces", False)

CLUSTER_KEY = CLUSTER_KIND.key
CLUSTER_CONFIGURATION_KEY = CLUSTER_CONFIGURATION_KIND.key
DEVOPS_PROJECT_KEY = "DevOpsProject.devops.kubesphere.io"
GATEWAY_KEY = "Gateway.gateway.kubesphere.io"
HELM_RELEASE_KEY = "HelmRelease.application.kubesphere.io"
COMPOSED_APPLICATION_KEY = "Application.app.k8s.io"
SCHEDULING_PREFERENCE_KEY = "ReplicaSchedulingPreference.scheduling.kubefed.io"
APPLICATION_RELEASE_KEY = "ApplicationRelease.application.kubesphere.io"
"""What 4.x has instead of HelmReleases (v4.1.3, staging/src/kubesphere.io/api/application/v2)."""
RESOURCE_QUOTA_KEY = "ResourceQuota.quota.kubesphere.io"
INSTALL_PLAN_KEY = "InstallPlan.kubesphere.io"
USER_KEY = f"User.{IAM_GROUP}"
WORKSPACE_KEY = WORKSPACE_KIND.key
WORKSPACE_TEMPLATE_KEY = f"WorkspaceTemplate.{TENANT_GROUP}"

# Types of kubefed
KUBEFED_CLUSTER_KIND = Kind(KUBEFED_CORE_GROUP, "v1beta1", "KubeFedCluster", "kubefedclusters", True)
KUBEFED_CONFIG_KIND = Kind(KUBEFED_CORE_GROUP, "v1beta1", "KubeFedConfig", "kubefedconfigs", True)

KUBEFED_CLUSTER_KEY = KUBEFED_CLUSTER_KIND.key
KUBEFED_CONFIG_KEY = KUBEFED_CONFIG_KIND.key
CLUSTER_PROPAGATED_VERSION_KEY = f"ClusterPropagatedVersion.{KUBEFED_CORE_GROUP}"
FEDERATED_NAMESPACE_KEY = f"FederatedNamespace.{KUBEFED_TYPES_GROUP}"
FEDERATED_TYPE_CONFIG_KEY = f"FederatedTypeConfig.{KUBEFED_CORE_GROUP}"
FEDERATED_WORKSPACE_KEY = f"FederatedWorkspace.{KUBEFED_TYPES_GROUP}"
PROPAGATED_VERSION_KEY = f"PropagatedVersion.{KUBEFED_CORE_GROUP}"

# Labels, annotations and finalizers of Kubernetes
BOOTSTRAPPING_LABEL = "kubernetes.io/bootstrapping"
METADATA_NAME_LABEL = "kubernetes.io/metadata.name"
LEADER_ANNOTATION = "control-plane.alpha.kubernetes.io/leader"
"""On a ConfigMap or Endpoints used as leader-election lock; a Lease has no such annotation."""
SERVICE_ACCOUNT_NAME_ANNOTATION = "kubernetes.io/service-account.name"
DEFAULT_STORAGE_CLASS_ANNOTATIONS = (
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
)
CRD_CLEANUP_FINALIZER = "customresourcecleanup.apiextensions.k8s.io"
PVC_PROTECTION_FINALIZER = "kubernetes.io/pvc-protection"
PV_PROTECTION_FINALIZER = "kubernetes.io/pv-protection"

# Labels, annotations and finalizers of kubefed
KUBEFED_MANAGED_LABEL = "kubefed.io/managed"
KUBERNETES_FINALIZER = "kubernetes"
KUBEFED_SYNC_FINALIZER = "kubefed.io/sync-controller"
KUBEFED_ORPHAN_ANNOTATION = "kubefed.io/orphan"
KUBEFED_DELETE_OPTIONS_ANNOTATION = "kubefed.io/deleteoption"

# Labels, annotations and finalizers of KubeSphere
AGGREGATION_ANNOTATION = "iam.kubesphere.io/aggregation-roles"
APP_INSTANCE_LABEL = "app.kubesphere.io/instance"
CASCADING_FINALIZER = "kubesphere.io/cascading-deletion"
"""The finalizer on a bound namespace from 4.1.3 on (pkg/constants/constants.go)."""
CLUSTER_NAME_ANNOTATION = "cluster.kubesphere.io/name"
CLUSTER_NAME_LABEL = "kubesphere.io/cluster"
"""On a HelmRelease: the Cluster with its application (v3.3.1, pkg/constants/constants.go)."""
CREATOR_ANNOTATION = "kubesphere.io/creator"
EXTENSION_LABEL = "kubesphere.io/extension-ref"
"""On all objects of an extension of 4.x; its value is the extension (v4.1.3, staging/src/kubesphere.io/api/core)."""
GRANTED_CLUSTERS_ANNOTATION = "iam.kubesphere.io/granted-clusters"
GROUP_REF_LABEL = "iam.kubesphere.io/group-ref"
HELM_RELEASE_FINALIZER = "helmrelease.application.kubesphere.io"
HOST_CLUSTER_ANNOTATION = "cluster.kubesphere.io/host-cluster"
HOST_ROLE_LABEL = "cluster-role.kubesphere.io/host"
"""On the Cluster of the host itself."""
IDENTITY_PROVIDER_ANNOTATION = "iam.kubesphere.io/identity-provider"
"""On a User in 4.1, followed by `.<provider>` (v4.1.3, pkg/models/auth/mapper.go)."""
IDENTITY_PROVIDER_LABEL = "iam.kubesphere.io/identify-provider"
ORIGIN_UID_LABEL = "iam.kubesphere.io/origin-uid"
"""With IDENTITY_PROVIDER_LABEL, on a User of an identity provider in 3.x."""
INITIALIZED_ANNOTATION = "kubesphere.io/initialized"
KUBESPHERE_MANAGED_LABEL = "kubesphere.io/managed"
"""4.x creates its roles only in a bound namespace with the value "true", and 4.1.2 makes the Workspace the owner of no
other namespace (kubesphere v4.1.2, config/ks-core/templates/builtinroles.yaml,
pkg/controller/namespace/namespace_controller.go). The hook of its uninstall wipes every namespace with this value
(config/ks-core/charts/ks-crds/scripts/post-delete.sh)."""
NAMESPACE_NAME_LABEL = "kubesphere.io/namespace"
"""On a HelmRelease: the namespace of its application (v3.3.1, pkg/constants/constants.go)."""
NAMESPACES_FINALIZER = "finalizers.kubesphere.io/namespaces"
PROPAGATION_ANNOTATION = "kubesphere.io/deletion-propagation"
TEMPLATE_FINALIZER = "finalizers.workspacetemplate.kubesphere.io"
TEMPLATE_ORPHAN_FINALIZER = "orphan.finalizers.kubesphere.io"
"""On a WorkspaceTemplate deleted without its namespaces, until 4.1.2 (v3.3.1,
pkg/controller/workspacetemplate/workspacetemplate_controller.go)."""
DEVOPS_PROJECT_LABEL = "kubesphere.io/devopsproject"
ROLE_REF_LABEL = "iam.kubesphere.io/role-ref"
ROLE_TEMPLATE_LABEL = "iam.kubesphere.io/role-template"
ROLE_TEMPLATE_RULES_ANNOTATION = "iam.kubesphere.io/role-template-rules"
USER_REF_LABEL = "iam.kubesphere.io/user-ref"
USERNAME_LABEL = "kubesphere.io/username"
WORKSPACE_LABEL = "kubesphere.io/workspace"

# Labels and annotations of helm and ks-reset
HELM_HOOK_ANNOTATION = "helm.sh/hook"
HELM_MANAGED_BY_LABEL = "app.kubernetes.io/managed-by"
HELM_RELEASE_NAME_ANNOTATION = "meta.helm.sh/release-name"
HELM_RELEASE_NAMESPACE_ANNOTATION = "meta.helm.sh/release-namespace"
HELM_RESOURCE_POLICY_ANNOTATION = "helm.sh/resource-policy"
CANARY_LABEL = "ks-reset/canary"
"""On a canary namespace and the objects in it; its value is the Workspace."""
REMOVABLE_LABEL = "ks-reset/removable"
REPLICAS_ANNOTATION = "ks-reset/replicas"
"""On a Deployment stopped by ks-reset; its value is the number of replicas before."""

# Namespaces
KUBE_SYSTEM_NAMESPACE = "kube-system"
KUBE_NODE_LEASE_NAMESPACE = "kube-node-lease"
KUBEFED_NAMESPACE = "kube-federation-system"
KUBESPHERE_NAMESPACE = "kubesphere-system"
DEVOPS_NAMESPACE = "kubesphere-devops-system"
MONITORING_NAMESPACE = "kubesphere-monitoring-system"

# Workloads, objects and releases of KubeSphere and kubefed
KS_APISERVER = "ks-apiserver"
KS_CONSOLE = "ks-console"
KS_CONTROLLER_MANAGER = "ks-controller-manager"
KS_INSTALLER = "ks-installer"
KUBEFED_CONTROLLER_MANAGER = "kubefed-controller-manager"
DEVOPS_CONTROLLER = "devops-controller"
KUBESPHERE_CONFIG = "kubesphere-config"
"""The ConfigMap with the configuration of KubeSphere's components."""
CONFIG_GAP = f"ConfigMap {KUBESPHERE_NAMESPACE}/{KUBESPHERE_CONFIG}"
"""`Gap.what` of that ConfigMap."""
KS_CORE_RELEASE = "ks-core"
KUBEFED_HOST_NAME = "kubesphere"
"""KubeSphere's constant name of the host in a join: ServiceAccounts are called `<cluster>-kubesphere`
(kubesphere v3.3.1, pkg/controller/cluster/cluster_controller.go, hostClusterName)."""
