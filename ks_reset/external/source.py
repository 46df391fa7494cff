"""A chart or a manifest, from a path or a URL: its digest, what it is, and of which version."""

import hashlib
import io
import tarfile
import zlib
from pathlib import Path

import urllib3

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
    answer = urllib3.request("GET", url, timeout=TIMEOUT, retries=3, preload_content=False)
    try:
        if answer.status != 200:
            raise ValueError(f"it was answered with {answer.status}")
        data = answer.read(CHART_BYTES + 1, decode_content=False)
    finally:
        answer.release_conn()
    if len(data) > CHART_BYTES:
        raise ValueError("it is larger than 50 MB")
    return bytes(data)


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
