"""Connect by kubeconfig, through the official loader: exec plugins, OIDC, client certificates, proxies."""

import os
import ssl
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any

from msgspec import structs
from urllib3 import HTTPHeaderDict
from yaml import YAMLError

from ks_reset.cluster.answers import printable_text
from ks_reset.cluster.client import Client
from ks_reset.cluster.incluster import IN_CLUSTER, account_pool, account_settings, is_in_pod
from ks_reset.cluster.login import collected_errors, require_credentials
from ks_reset.cluster.target import Target
from ks_reset.cluster.transport import Transport
from ks_reset.errors import FILE, SAME_CALL, Correction, Usage, corrected_to
from ks_reset.limits import KUBECONFIG_BYTES, load_yaml_documents, read_file

ONE = Lock()
"""The official loader keeps its files in one place for all threads."""


def list_contexts(kubeconfig: str = "") -> tuple[list[str], str]:
    """The names of all contexts, and the current one. Raises Usage if there is no readable kubeconfig."""
    from kubernetes import config
    from kubernetes.config.kube_config import KubeConfigMerger

    path = _existing_paths(kubeconfig)
    try:
        merged = _plain_value(KubeConfigMerger(path).config)
        names, current = [str(c["name"]) for c in merged["contexts"]], merged.get("current-context")
    except (config.ConfigException, OSError) as error:
        raise Usage(
            f"The kubeconfig {path} has no usable context: {error}. Check it with kubectl config view.",
            *_of_another_file(kubeconfig),
        ) from error
    except (YAMLError, TypeError, ValueError, AttributeError, KeyError, RecursionError):
        raise Usage(
            f"{path} is not a kubeconfig: it has no list of named contexts. Name another with --kubeconfig or "
            "KUBECONFIG.",
            *_of_another_file(kubeconfig),
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
        known = ", ".join(sorted(names))
        others = corrected_to(names, chosen, "" if target.context else "--context")
        raise Usage(
            f"There is no context '{chosen}' in the kubeconfig; it has: {known}.",
            *(others or _of_another_file(target.kubeconfig)),
        )
    path = _existing_paths(target.kubeconfig)
    from kubernetes.client.rest import RESTClientObject

    target = _with_impersonation(target, path, chosen)
    with ONE:
        with collected_errors() as errors:
            settings = _load_settings(path, chosen)
        require_credentials(settings, _user_entry(path, chosen), chosen, errors)
        settings.connection_pool_maxsize = target.parallel
        pool = RESTClientObject(settings).pool_manager
        _move_keys_to_memory(pool, path, chosen)
    way = structs.replace(target, kubeconfig=path, context=chosen)
    headers = _header_factory(settings, target)
    return Client(Transport(pool, settings.host, headers, timeout=target.timeout), chosen, way)


def _means_own_cluster(target: Target) -> bool:
    """Whether a pod's own cluster is meant: by its name, or by naming nothing where no kubeconfig exists."""
    return target.context == IN_CLUSTER or not (target.context or _present_paths(_searched_paths(target.kubeconfig)))


def _connect_in_cluster(target: Target) -> Client:
    settings = account_settings()
    pool = account_pool(settings, target.parallel)
    way = structs.replace(target, kubeconfig="", context=IN_CLUSTER)
    return Client(
        Transport(pool, settings.host, _header_factory(settings, target), timeout=target.timeout), IN_CLUSTER, way
    )


def _load_settings(path: str, context: str) -> Any:
    from kubernetes import client, config

    settings = client.Configuration()
    try:
        config.load_kube_config(path, context, client_configuration=settings, persist_config=False)
    except (config.ConfigException, ValueError, KeyError, TypeError, OSError) as error:
        raise Usage(f"The context '{context}' of {path} cannot be used: {error}.", SAME_CALL) from error
    return settings


def _move_keys_to_memory(pool: Any, path: str, context: str) -> None:
    """Load certificates and keys into memory at once, and remove the temporary files of the official loader.

    The loader removes them at exit, so a killed process would leave an administrator's key behind.
    """
    from kubernetes.config import kube_config

    options = pool.connection_pool_kw
    ca, cert, key = (options.pop(name, None) for name in ("ca_certs", "cert_file", "key_file"))
    try:
        tls = ssl.create_default_context(cafile=ca)
        tls.check_hostname = options.get("cert_reqs") != ssl.CERT_NONE and options.get("assert_hostname") is not False
        if cert:
            tls.load_cert_chain(cert, key)
    except (OSError, ValueError) as error:
        raise Usage(f"The certificates of context '{context}' of {path} cannot be used: {error}.", SAME_CALL) from error
    finally:
        kube_config._cleanup_temp_files()
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


def _user_entry(path: str, context: str) -> dict[str, Any]:
    """The user of a context; {} for none."""
    from kubernetes.config.kube_config import KubeConfigMerger

    merged = _plain_value(KubeConfigMerger(path).config)
    user = next((c["context"].get("user") for c in merged["contexts"] if c["name"] == context), None)
    return next((u["user"] or {} for u in merged.get("users") or [] if u["name"] == user), {})


def _plain_value(node: Any) -> Any:
    """The official loader's nodes as plain lists, dicts and scalars."""
    value = getattr(node, "value", node)
    if isinstance(value, dict):
        return {key: _plain_value(item) for key, item in value.items()}
    return [_plain_value(item) for item in value] if isinstance(value, list) else value


def _header_factory(settings: Any, target: Target) -> Callable[[], HTTPHeaderDict]:
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


def _existing_paths(kubeconfig: str) -> str:
    """The existing files of a path, or of kubectl's search list (KUBECONFIG, then ~/.kube/config). Raises Usage."""
    searched = _searched_paths(kubeconfig)
    paths = _present_paths(searched)
    if not paths:
        what = f"There is no kubeconfig at {searched}. Name one with --kubeconfig or KUBECONFIG."
        raise Usage(what, *_of_another_file(kubeconfig))
    empty = [p for p in paths if not _checked_content(Path(p).expanduser()).strip()]
    if len(empty) == len(paths):
        what = f"The kubeconfig {empty[0]} is empty. Name another with --kubeconfig or KUBECONFIG."
        raise Usage(what, *_of_another_file(kubeconfig))
    return os.pathsep.join(str(Path(p).expanduser()) for p in paths)


def _of_another_file(kubeconfig: str) -> tuple[Correction, ...]:
    return (Correction(f"--kubeconfig {kubeconfig}" if kubeconfig else "", f"--kubeconfig {FILE}"),)


def _searched_paths(kubeconfig: str) -> str:
    return kubeconfig or os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")


def _present_paths(searched: str) -> list[str]:
    return [p for p in searched.split(os.pathsep) if p and Path(p).expanduser().is_file()]


def _checked_content(path: Path) -> bytes:
    """The content of a kubeconfig. Raises Usage if it cannot be read, is too large, or is not YAML."""
    try:
        content = read_file(path, KUBECONFIG_BYTES, "The kubeconfig")
        load_yaml_documents(content, f"The kubeconfig {path}")
    except OSError as error:
        raise Usage(
            f"The kubeconfig {path} cannot be read: {error.strerror or error}.", *_of_another_file(str(path))
        ) from error
    except ValueError as error:
        raise Usage(
            f"{path} is not a kubeconfig, since it is not YAML: {printable_text(str(error))}. Name another with "
            "--kubeconfig or KUBECONFIG.",
            *_of_another_file(str(path)),
        ) from error
    return content
