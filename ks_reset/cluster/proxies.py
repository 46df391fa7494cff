"""Connections through the proxy that a record names.

client-go v0.24, tools/clientcmd/api/v1/types.go, Cluster.ProxyURL: http, https and socks5; kubefed v0.8.1,
pkg/apis/core/v1beta1/kubefedcluster_types.go, ProxyURL.
"""

from typing import Any

import urllib3
from urllib3.util import make_headers, parse_url

from ks_reset.errors import Unknown


def connection_pool(proxy: str, **settings: Any) -> urllib3.PoolManager:
    """The pool for connections through a proxy, or for direct ones without a proxy.

    Raises Unknown, without the proxy's credentials, for a proxy that is neither http nor https.
    """
    if not proxy:
        return urllib3.PoolManager(**settings)
    if shown := unusable_proxy(proxy):
        raise Unknown(f"it is reached through the proxy {shown}, and ks-reset uses http and https proxies alone")
    parts = parse_url(proxy)
    headers = make_headers(proxy_basic_auth=parts.auth) if parts.auth else None
    return urllib3.ProxyManager(parts._replace(auth=None).url, proxy_headers=headers, **settings)


def unusable_proxy(proxy: str) -> str:
    """The proxy without its credentials if it is neither http nor https; "" for one that can be used, or for none."""
    if not proxy:
        return ""
    parts = parse_url(proxy)
    usable = parts.scheme in ("http", "https") and parts.host
    return "" if usable else str(parts._replace(auth=None).url)
