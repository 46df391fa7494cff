"""A chart or a manifest, from a path or a URL: its digest, what it is, and of which version."""

import hashlib
import io
import tarfile
import zlib
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import urllib3

from ks_reset.escape import without_userinfo
from ks_reset.limits import (
    CHART_BYTES,
    CHART_FILE_BYTES,
    UNPACKED_BYTES,
    TooLarge,
    load_yaml,
    load_yaml_documents,
    read_file,
    unpack_gzip,
)
from ks_reset.model import MANIFEST, Body, SourceContent

TIMEOUT = 30.0
REDIRECTS = 5
CHART, INSTALLER = "ks-core", "ks-installer"


def fetch_source(path: str) -> SourceContent:
    """The content at a path or URL: digest, kind and version of KubeSphere; on failure only `error` is set."""
    try:
        data = (
            _download_source(path)
            if path.startswith(("http://", "https://"))
            else read_file(Path(path), CHART_BYTES, "The source")
        )
    except TooLarge as error:
        return SourceContent(error=str(error))
    except (OSError, urllib3.exceptions.HTTPError) as error:
        return SourceContent(error=getattr(error, "strerror", None) or str(error))
    except ValueError as error:
        return SourceContent(error=str(error))
    kind, version = _kind_and_version(data)
    return SourceContent(hashlib.sha256(data).hexdigest(), kind, version, data=data)


def _download_source(url: str) -> bytes:
    answer = _follow_redirects(url)
    try:
        if answer.status != 200:
            raise ValueError(f"it was answered with {answer.status}")
        data = answer.read(CHART_BYTES + 1, decode_content=False)
    finally:
        answer.release_conn()
    if len(data) > CHART_BYTES:
        raise ValueError("it is larger than 50 MB")
    return bytes(data)


def _follow_redirects(url: str) -> urllib3.BaseHTTPResponse:
    """The answer at the end of a few redirections. A user and password in the URL are sent to its own host alone.

    Raises ValueError for too many, or for one from https to something else.
    """
    host, auth = _host_of(url), urlsplit(url)
    for _ in range(REDIRECTS + 1):
        own = _host_of(url) == host and auth.username is not None
        headers = urllib3.make_headers(basic_auth=f"{auth.username}:{auth.password or ''}") if own else {}
        answer = urllib3.request(
            "GET", without_userinfo(url), headers=headers, timeout=TIMEOUT, redirect=False, preload_content=False
        )
        where = answer.headers.get("Location") if answer.status in (301, 302, 303, 307, 308) else None
        if not where:
            return answer
        answer.close()
        further = urljoin(without_userinfo(url), where)
        if urlsplit(url).scheme == "https" and urlsplit(further).scheme != "https":
            raise ValueError("it redirects from https to an address without TLS")
        url = further
    raise ValueError(f"it redirects more than {REDIRECTS} times")


def _host_of(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port


def _kind_and_version(data: bytes) -> tuple[str, str]:
    """The kind of content, such as `chart`, and the version of KubeSphere in it."""
    if data[:2] == b"\x1f\x8b":
        return _chart_version(data)
    if b"<html" in data[:2000].lower() or b"<!doctype html" in data[:2000].lower():
        return "a web page", ""
    try:
        bodies = [body for body in load_yaml_documents(data) if isinstance(body, dict)]
    except (ValueError, TooLarge):
        return "neither a chart nor YAML", ""
    return _manifest_version(bodies)


def _chart_version(data: bytes) -> tuple[str, str]:
    try:
        unpacked = io.BytesIO(unpack_gzip(data, UNPACKED_BYTES, "The chart"))
        with tarfile.open(fileobj=unpacked) as tar:
            file = tar.extractfile(f"{CHART}/Chart.yaml")
            about = load_yaml(file.read(CHART_FILE_BYTES), "Chart.yaml") if file else {}
    except (tarfile.TarError, KeyError, OSError, EOFError, zlib.error, ValueError, TooLarge, RecursionError):
        return f"an archive without {CHART}/Chart.yaml", ""
    return "chart", str(about.get("appVersion", "")) if isinstance(about, dict) else ""


def _manifest_version(bodies: list[Body]) -> tuple[str, str]:
    """Kind and version of a manifest; the version is the tag of ks-installer's image."""
    for body in bodies:
        if body.get("kind") == "Deployment" and (body.get("metadata") or {}).get("name") == INSTALLER:
            pod = (((body.get("spec") or {}).get("template") or {}).get("spec")) or {}
            images = [str(container.get("image", "")) for container in pod.get("containers") or []]
            return MANIFEST, images[0].rpartition(":")[2] if images else ""
    return f"YAML without the Deployment {INSTALLER}", ""
