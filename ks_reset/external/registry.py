"""Whether an image is in its registry: a HEAD of its manifest, with the credentials of docker or podman.

OCI distribution specification v1.1, "Checking if content exists in the registry"; tokens come from the registry's own
token server. No client library is used: the existing ones repeat every refusal with growing pauses, an hour for fifty
missing images.
"""

import json
import os
import re
from base64 import b64decode
from pathlib import Path
from urllib.parse import urlencode

import urllib3

ACCEPT = ", ".join(
    f"application/vnd.{kind}+json"
    for kind in (
        "oci.image.index.v1",
        "oci.image.manifest.v1",
        "docker.distribution.manifest.list.v2",
        "docker.distribution.manifest.v2",
    )
)
CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
HUBS = {"docker.io": "registry-1.docker.io"}
TIMEOUT = 15.0


class Registries:
    """Asks registries for images; a silent registry is asked once. `plain` ones are served over HTTP without TLS."""

    def __init__(self, plain: frozenset[str] = frozenset()) -> None:
        self._plain = plain
        self._pool = urllib3.PoolManager(timeout=TIMEOUT, retries=urllib3.Retry(1, redirect=3))
        self._silent: dict[str, str] = {}
        self._tokens: dict[tuple[str, str], str] = {}

    def reason_missing(self, image: str) -> str:
        """Why an image, as host/repository:tag or @digest, cannot be pulled; "" if it can."""
        host, _, rest = image.partition("/")
        repository, tag = rest.split("@", 1) if "@" in rest else rest.rsplit(":", 1)
        if host in self._silent:
            return self._silent[host]
        try:
            return self._ask_manifest(host, repository, tag)
        except urllib3.exceptions.HTTPError as error:
            reason = str(getattr(error, "reason", error)).rpartition(": ")[2]
            self._silent[host] = f"the registry {host} does not answer ({reason})"
            return self._silent[host]

    def _ask_manifest(self, host: str, repository: str, tag: str) -> str:
        scheme = "http" if host in self._plain else "https"
        url = f"{scheme}://{HUBS.get(host, host)}/v2/{repository}/manifests/{tag}"
        headers = {"Accept": ACCEPT} | self._token_header(host, repository)
        answer = self._pool.request("HEAD", url, headers=headers)
        if answer.status == 401 and (more := self._authorize(host, repository, answer.headers)):
            answer = self._pool.request("HEAD", url, headers=headers | more)
        if answer.status == 200:
            return ""
        reasons = {401: "the registry wants credentials", 403: "the registry refuses", 404: "it is not there"}
        return f"{reasons.get(answer.status, f'the registry answers with {answer.status}')} ({host})"

    def _token_header(self, host: str, repository: str) -> dict[str, str]:
        token = self._tokens.get((host, repository))
        return {"Authorization": f"Bearer {token}"} if token else {}

    def _authorize(self, host: str, repository: str, headers: "urllib3.HTTPHeaderDict") -> dict[str, str]:
        scheme, _, rest = headers.get("WWW-Authenticate", "").partition(" ")
        login = _stored_login(host)
        basic = {"Authorization": f"Basic {login}"} if login else {}
        if scheme.lower() == "basic":
            return basic
        challenge = dict(CHALLENGE.findall(rest))
        if scheme.lower() != "bearer" or "realm" not in challenge:
            return {}
        query = {"service": challenge.get("service", ""), "scope": f"repository:{repository}:pull"}
        answer = self._pool.request("GET", f"{challenge['realm']}?{urlencode(query)}", headers=basic)
        try:
            body = json.loads(answer.data)
            self._tokens[host, repository] = str(body.get("token") or body.get("access_token") or "")
        except (ValueError, AttributeError):
            return {}
        return self._token_header(host, repository)


def _stored_login(host: str) -> str:
    """user:password in base64 from docker's or podman's files; "" if there is none or a helper program keeps it."""
    folders = [os.environ.get("DOCKER_CONFIG", ""), str(Path.home() / ".docker")]
    files = [Path(folder) / "config.json" for folder in folders if folder]
    files.append(Path(os.environ.get("REGISTRY_AUTH_FILE", "/nonexistent")))
    for file in files:
        try:
            auths = json.loads(file.read_text()).get("auths") or {}
        except (OSError, ValueError, AttributeError):
            continue
        for name in (host, f"https://{host}", "https://index.docker.io/v1/" if host in HUBS else host):
            login = (auths.get(name) or {}).get("auth", "")
            if login and b":" in b64decode(login):
                return str(login)
    return ""
