"""Whether an image is in its registry: a HEAD of its manifest, with the credentials of docker or podman.

OCI distribution specification v1.1, "Checking if content exists in the registry"; tokens come from the registry's own
token server. No client library is used: the existing ones repeat every refusal with growing pauses, an hour for fifty
missing images.
"""

import os
import re
from base64 import b64decode
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import urllib3

from ks_reset.escape import one_line, without_userinfo
from ks_reset.limits import REGISTRY_BYTES, VALUES_BYTES, TooLarge, decode_json, read_file

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
TOKEN_SERVERS = {"docker.io": frozenset({"auth.docker.io"})}
"""Token servers on another host than their registry (distribution/distribution v2.8.3, docs/spec/auth/token.md)."""
TIMEOUT = 15.0


class Registries:
    """Asks registries for images; a silent registry is asked once. `plain` ones are served over HTTP without TLS."""

    def __init__(self, plain: frozenset[str] = frozenset()) -> None:
        self._plain = plain
        self._pool = urllib3.PoolManager(timeout=TIMEOUT, retries=urllib3.Retry(1, redirect=3))
        self._silent: dict[str, str] = {}
        self._tokens: dict[tuple[str, str], str] = {}
        self._withheld: dict[str, str] = {}

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
        withheld = f"; {self._withheld[host]}" if host in self._withheld else ""
        return f"{reasons.get(answer.status, f'the registry answers with {answer.status}')} ({host}{withheld})"

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
        if basic and not self._may_have_credentials(host, challenge["realm"]):
            shown = one_line(without_userinfo(challenge["realm"]), 80)
            self._withheld[host] = f"your credentials were not sent to {shown}, which is not the registry's own host"
            basic = {}
        query = {"service": challenge.get("service", ""), "scope": f"repository:{repository}:pull"}
        self._tokens[host, repository] = self._read_token(f"{challenge['realm']}?{urlencode(query)}", basic)
        return self._token_header(host, repository)

    def _may_have_credentials(self, host: str, realm: str) -> bool:
        """Whether a token server is the registry's: its own host or one below it, or a known one; only over https.

        A registry that the operator calls plain may have one on its own host over http.
        """
        named, own = urlsplit(realm), host.partition(":")[0]
        server = (named.hostname or "").rstrip(".")
        if named.scheme != "https":
            return named.scheme == "http" and host in self._plain and server == own
        return server == own or server.endswith(f".{own}") or server in TOKEN_SERVERS.get(host, ())

    def _read_token(self, url: str, basic: dict[str, str]) -> str:
        """The token that a server gives; "" for none. Nothing is sent to where it redirects to."""
        answer = self._pool.request("GET", url, headers=basic, redirect=False, preload_content=False)
        try:
            body = decode_json(answer.read(REGISTRY_BYTES, decode_content=False))
        except ValueError:
            return ""
        finally:
            answer.close()
        token = body.get("token") or body.get("access_token") if isinstance(body, dict) else ""
        return token if isinstance(token, str) and token.isprintable() and token.isascii() else ""


def _is_login(text: str) -> bool:
    """Whether this is user:password in base64."""
    try:
        return b":" in b64decode(text, validate=True)
    except ValueError:
        return False


def _stored_login(host: str) -> str:
    """user:password in base64 from docker's or podman's files; "" if there is none or a helper program keeps it."""
    folders = [os.environ.get("DOCKER_CONFIG", ""), str(Path.home() / ".docker")]
    files = [Path(folder) / "config.json" for folder in folders if folder]
    files.append(Path(os.environ.get("REGISTRY_AUTH_FILE", "/nonexistent")))
    for file in files:
        try:
            auths = decode_json(read_file(file, VALUES_BYTES, "The file")).get("auths") or {}
        except (OSError, ValueError, AttributeError, TooLarge):
            continue
        for name in (host, f"https://{host}", "https://index.docker.io/v1/" if host in HUBS else host):
            entry = auths.get(name) if isinstance(auths, dict) else None
            login = entry.get("auth") if isinstance(entry, dict) else None
            if isinstance(login, str) and _is_login(login):
                return login
    return ""
