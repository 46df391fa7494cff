"""Connect by kubeconfig, through the official loader: exec plugins, OIDC, client certificates, proxies."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from msgspec import structs
from urllib3 import HTTPHeaderDict
from yaml import YAMLError

from ks_reset.cluster.answers import printable_text
from ks_reset.cluster.client import Client
from ks_reset.cluster.incluster import IN_CLUSTER, account_pool, account_settings, is_in_pod
from ks_reset.cluster.kubeconfig import existing_paths, of_another_file, present_paths, searched_paths
from ks_reset.cluster.login import collected_errors, require_credentials
from ks_reset.cluster.proxies import unusable_proxy
from ks_reset.cluster.renewal import Credentials, Headers
from ks_reset.cluster.target import Target
from ks_reset.cluster.transport import Transport
from ks_reset.errors import SAME_CALL, Usage

ONE = Lock()
"""The official loader keeps its files in one place for all threads."""


def list_contexts(kubeconfig: str = "") -> tuple[list[str], str]:
    """The names of all contexts, and the current one. Raises Usage if there is no readable kubeconfig."""
    from kubernetes import config
    from kubernetes.config.kube_config import KubeConfigMerger

    path = existing_paths(kubeconfig)
    try:
        merged = _plain_value(KubeConfigMerger(path).config)
        names, current = [str(c["name"]) for c in merged["contexts"]], merged.get("current-context")
    except (config.ConfigException, OSError) as error:
        raise Usage(
            f"The kubeconfig {path} has no usable context: {error}. Check it with kubectl config view.",
            *of_another_file(kubeconfig),
        ) from error
    except (YAMLError, TypeError, ValueError, AttributeError, KeyError, RecursionError):
        raise Usage(
            f"{path} is not a kubeconfig: it has no list of named contexts. Name another with --kubeconfig or "
            "KUBECONFIG.",
            *of_another_file(kubeconfig),
        ) from None
    return names, str(current or "")


def connect_client(target: Target) -> Client:
    """A client for a kubeconfig and context; in a pod without a kubeconfig for its own cluster. Sends no request.

    Raises Usage if the file or the context does not exist, Unknown if it gives no credentials.
    """
    if is_in_pod() and _means_own_cluster(target):
        return _connect_in_cluster(target)
    names, current = list_contexts(target.kubeconfig)
    chosen = target.context or current
    if chosen not in names:
        if not names:
            raise Usage("The kubeconfig has no context.", *of_another_file(target.kubeconfig))
        known = ", ".join(sorted(names))  # no call is proposed: it would be about another cluster
        raise Usage(
            f"There is no context '{chosen}' in the kubeconfig; it has: {known}. See where each leads: kubectl config "
            "get-contexts. Then name one of them with --context."
        )
    path = existing_paths(target.kubeconfig)
    from kubernetes.client.rest import RESTClientObject

    target = _with_impersonation(target, path, chosen)
    _require_user(path, chosen)
    with ONE, _removed_key_files():
        settings = _load_credentials(path, chosen)
        if proxy := unusable_proxy(settings.proxy):
            raise Usage(
                f"The proxy {proxy} of context '{chosen}' of {path} cannot be used: ks-reset uses http and https "
                "proxies alone. Set another proxy-url there, or run this where the API server is reached without one.",
                SAME_CALL,
            )
        settings.connection_pool_maxsize = target.parallel
        pool = RESTClientObject(settings).pool_manager
        _move_keys_to_memory(pool, path, chosen)
    way = structs.replace(target, kubeconfig=path, context=chosen)

    def load_again() -> Headers:
        with ONE, _removed_key_files():
            fresh = _load_credentials(path, chosen)
        if fresh.host != settings.host:
            raise Usage(f"The context '{chosen}' of {path} leads to another server by now.", SAME_CALL)
        return _header_factory(fresh, target)

    credentials = Credentials(_header_factory(settings, target), load_again)
    return Client(Transport(pool, settings.host, credentials, timeout=target.timeout), chosen, way)


def _means_own_cluster(target: Target) -> bool:
    """Whether a pod's own cluster is meant: by its name, or by naming nothing where no kubeconfig exists."""
    return target.context == IN_CLUSTER or not (target.context or present_paths(searched_paths(target.kubeconfig)))


def _connect_in_cluster(target: Target) -> Client:
    settings = account_settings()
    pool = account_pool(settings, target.parallel)
    way = structs.replace(target, kubeconfig="", context=IN_CLUSTER)
    return Client(
        Transport(pool, settings.host, _header_factory(settings, target), timeout=target.timeout), IN_CLUSTER, way
    )


def _load_credentials(path: str, context: str) -> Any:
    """The settings of a context; raises Unknown if it names credentials and has none."""
    with collected_errors() as errors:
        settings = _load_settings(path, context)
    require_credentials(settings, _user_entry(path, context), context, errors)
    return settings


def _load_settings(path: str, context: str) -> Any:
    from kubernetes import client, config

    settings = client.Configuration()
    try:
        config.load_kube_config(path, context, client_configuration=settings, persist_config=False)
    except (config.ConfigException, ValueError, KeyError, TypeError, OSError) as error:
        raise Usage(f"The context '{context}' of {path} cannot be used: {error}.", SAME_CALL) from error
    return settings


@contextmanager
def _removed_key_files() -> Iterator[None]:
    """Remove the temporary files of the official loader at the end: it removes them only at exit.

    A killed process would leave an administrator's key behind.
    """
    from kubernetes.config import kube_config

    try:
        yield
    finally:
        kube_config._cleanup_temp_files()


def _move_keys_to_memory(pool: Any, path: str, context: str) -> None:
    """Load certificates and keys into memory at once. Raises Usage if they cannot be used."""
    options = pool.connection_pool_kw
    ca, cert, key = (options.pop(name, None) for name in ("ca_certs", "cert_file", "key_file"))
    try:
        tls = ssl.create_default_context(cafile=ca)
        tls.check_hostname = options.get("cert_reqs") != ssl.CERT_NONE and options.get("assert_hostname") is not False
        if cert:
            tls.load_cert_chain(cert, key)
    except (OSError, ValueError) as error:
        raise Usage(f"The certificates of context '{context}' of {path} cannot be used: {error}.", SAME_CALL) from error
    options["ssl_context"] = tls


def _with_impersonation(target: Target, path: str, context: str) -> Target:
    """The target with the user impersonated by the kubeconfig, unless the command line names one.

    The official loader ignores these fields.

    client-go v0.24, tools/clientcmd/api/v1/types.go, AuthInfo: as, as-groups.
    """
    about = _user_entry(path, context)
    if target.user or not about.get("as"):
        return target
    return structs.replace(target, user=str(about["as"]), groups=tuple(map(str, about.get("as-groups") or ())))


def _require_user(path: str, context: str) -> None:
    """Raises Usage if a context names a user that is not there: its requests would be anonymous."""
    name, users = _users(path, context)
    if name and name not in (user.get("name") for user in users):
        raise Usage(
            f"The context '{context}' of {path} names the user '{printable_text(name)}', and no user of that name is "
            f"in it. Nothing was sent. See that kubectl --context {context} get namespaces works, or name another with "
            "--kubeconfig or KUBECONFIG.",
            SAME_CALL,
        )


def _user_entry(path: str, context: str) -> dict[str, Any]:
    """The user of a context; {} for none."""
    name, users = _users(path, context)
    return next((u["user"] or {} for u in users if u["name"] == name), {})


def _users(path: str, context: str) -> tuple[str, list[dict[str, Any]]]:
    """The name of a context's user, and all users."""
    from kubernetes.config.kube_config import KubeConfigMerger

    merged = _plain_value(KubeConfigMerger(path).config)
    name = next((c["context"].get("user") for c in merged["contexts"] if c["name"] == context), None)
    return str(name or ""), merged.get("users") or []


def _plain_value(node: Any) -> Any:
    """The official loader's nodes as plain lists, dicts and scalars."""
    value = getattr(node, "value", node)
    if isinstance(value, dict):
        return {key: _plain_value(item) for key, item in value.items()}
    return [_plain_value(item) for item in value] if isinstance(value, list) else value


def _header_factory(settings: Any, target: Target) -> Headers:
    def make_headers() -> HTTPHeaderDict:
        headers = HTTPHeaderDict({"User-Agent": target.agent})
        token = settings.get_api_key_with_prefix("BearerToken", "authorization")
        basic = settings.get_basic_auth_token() if settings.username else None
        if auth := token or basic:
            headers["Authorization"] = auth.strip()
        if target.user:
            headers["Impersonate-User"] = target.user
        for group in target.groups:
            headers.add("Impersonate-Group", group)
        return headers

    return make_headers
