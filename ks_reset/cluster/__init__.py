"""All requests to API servers: raw JSON over the official client's own connection pool.

Nothing else in ks-reset imports `kubernetes` or `tenacity`. Typed models are not used: they are slow on large
lists, differ between client 36 and 37, and hide the Content-Type of a patch.
"""

from ks_reset.cluster.client import Client
from ks_reset.cluster.connect import connect_client, list_contexts
from ks_reset.cluster.dial import connect_record, dial_kubeconfig, dial_record, has_client_certificate
from ks_reset.cluster.retry import retry_patiently, until
from ks_reset.cluster.target import Target

__all__ = [
    "Client",
    "Target",
    "connect_client",
    "connect_record",
    "dial_kubeconfig",
    "dial_record",
    "has_client_certificate",
    "list_contexts",
    "retry_patiently",
    "until",
]
