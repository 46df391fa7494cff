"""Which component of KubeSphere a path of ks-installer belongs to; the longest prefix counts."""

COMPONENTS = {
    "deploy": "core",
    "roles/check-result": "core",
    "roles/common": "core",
    "roles/common/files/elasticsearch": "logging",
    "roles/common/files/fluentbit-operator": "logging",
    "roles/common/files/ks-crds": "core",
    "roles/common/files/minio-ha": "minio",
    "roles/common/files/openldap-ha": "openldap",
    "roles/common/files/opensearch": "logging",
    "roles/common/files/redis-ha": "redis",
    "roles/common/files/snapshot-controller": "storage",
    "roles/common/templates/custom-fluentbit": "logging",
    "roles/common/templates/etcd": "etcd",
    "roles/common/templates/minio": "minio",
    "roles/common/templates/mysql": "mysql",
    "roles/common/templates/openldap": "openldap",
    "roles/common/templates/redis": "redis",
    "roles/edgeruntime": "kubeedge",
    "roles/gatekeeper": "gatekeeper",
    "roles/ks-alerting": "alerting",
    "roles/ks-auditing": "auditing",
    "roles/ks-core": "core",
    "roles/ks-devops": "devops",
    "roles/ks-events": "events",
    "roles/ks-istio": "servicemesh",
    "roles/ks-logging": "logging",
    "roles/ks-migration": "core",
    "roles/ks-monitor": "monitoring",
    "roles/ks-monitor/files/federated": "multicluster/kubefed",
    "roles/ks-monitor/files/notification-manager": "notification",
    "roles/ks-monitor/files/prometheus/thanos-ruler": "alerting",
    "roles/ks-monitor/templates/thanos-ruler": "alerting",
    "roles/ks-multicluster": "multicluster/kubefed",
    "roles/ks-network": "network",
    "roles/ks-notification": "notification",
    "roles/kubeedge": "kubeedge",
    "roles/metrics-server": "metrics-server",
    "roles/openpitrix": "openpitrix/appstore",
    "roles/weave-scope": "network",
}


def component_of(path: str) -> str:
    """The component of a path; core for one without a longer prefix."""
    prefixes = [prefix for prefix in COMPONENTS if path.startswith(prefix)]
    return COMPONENTS[max(prefixes, key=len)] if prefixes else "core"
