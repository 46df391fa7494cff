"""Connect from a pod with its ServiceAccount, as client-go does without a kubeconfig.

client-go v0.24.17, rest/config.go, InClusterConfig; tools/clientcmd/merged_client_builder.go, ClientConfig.
"""

import os
import ssl
from pathlib import Path
from typing import Any

from urllib3 import PoolManager

from ks_reset.errors import Unknown

IN_CLUSTER = "in-cluster"
"""The context of a pod's own cluster."""
ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


def is_in_pod() -> bool:
    """Whether this process runs in a pod with a ServiceAccount."""
    return bool(os.environ.get("KUBERNETES_SERVICE_HOST")) and (ACCOUNT / "token").is_file()


def account_settings() -> Any:
    """The official client's settings for the pod's cluster; the token is read again each minute, since it expires.

    Raises Unknown if the files of the ServiceAccount cannot be used.
    """
    from kubernetes import client, config
    from kubernetes.config.incluster_config import InClusterConfigLoader

    settings = client.Configuration()
    try:
        InClusterConfigLoader(str(ACCOUNT / "token"), str(ACCOUNT / "ca.crt")).load_and_set(settings)
    except (config.ConfigException, OSError) as error:
        raise Unknown(
            f"The ServiceAccount in {ACCOUNT} cannot be used: {error}. Nothing was sent. Mount its token "
            "(automountServiceAccountToken: true), or name a kubeconfig: ks-reset doctor --kubeconfig FILE."
        ) from error
    return settings


def account_pool(settings: Any, parallel: int) -> PoolManager:
    """Connections that trust the CA of the ServiceAccount. Raises Unknown for an unusable CA."""
    try:
        trust = ssl.create_default_context(cafile=settings.ssl_ca_cert)
    except (OSError, ValueError) as error:
        raise Unknown(
            f"The CA in {ACCOUNT} cannot be used: {error}. Nothing was sent. Look at the pod's volumes, or name a "
            "kubeconfig: ks-reset doctor --kubeconfig FILE."
        ) from error
    return PoolManager(maxsize=parallel, ssl_context=trust)
