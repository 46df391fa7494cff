"""The files given on the command line: each is read once, before any cluster is asked."""

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

import msgspec
from msgspec import Struct, structs

from ks_reset import facts as reading
from ks_reset.apply import Credentials
from ks_reset.catalogue.names import CONFIG_MAP_KEY, KUBESPHERE_CONFIG, KUBESPHERE_NAMESPACE
from ks_reset.credentials.fill import credentials_by_digest
from ks_reset.credentials.vault import Vault, open_vault
from ks_reset.decoding import convert_to
from ks_reset.errors import FILE, SAME_CALL, Correction, Stale, Unknown, Usage, other_file
from ks_reset.external.source import fetch_source
from ks_reset.facts.installation import jwt_secret
from ks_reset.limits import VALUES_BYTES, load_yaml, load_yaml_documents, read_file
from ks_reset.model import BeforeImage, Create, FleetFacts, InstallChart, Memory, Options, Plan, SourceContent, Values
from ks_reset.steps.installation import APPLY_INSTALLER
from ks_reset.tenancy.memory import build_memory
from ks_reset.workflows.restore import images_of_run, memory_with_vault, originals_for

EXAMPLE = "version: v3.3.1\n  source: {path: kubesphere-installer.yaml, sha256: …}"


class InputPaths(Struct, frozen=True):
    """The files and the run named on the command line. `join` are kubeconfigs by member."""

    values: Path | None = None
    join: Mapping[str, Path] = {}
    vault: Path | None = None
    identity: Path | None = None
    memory: Path | None = None
    run: str = ""
    accept_changed_journal: bool = False
    watch: int = 0
    plain_http: tuple[str, ...] = ()
    uninstall_only: bool = False


class Inputs(Struct, frozen=True):
    """The contents of all files of `InputPaths`.

    `kubeconfigs` are in base64, by member. `before` is the memory snapshot, `past` the objects changed and
    deleted by the run.
    `watch` is in seconds, `plain` are registries without TLS, `only` skips the question whether KubeSphere can be
    installed again. `digest` is a SHA-256 over the options, `watch`, the values file and the kubeconfigs.
    """

    values: Values | None = None
    kubeconfigs: Mapping[str, str] = {}
    vault: Vault | None = None
    before: FleetFacts | None = None
    past: tuple[BeforeImage, ...] = ()
    watch: int = 0
    plain: tuple[str, ...] = ()
    only: bool = False
    digest: str = ""

    @classmethod
    def read(cls, paths: InputPaths, options: Options) -> Self:
        """Read every file once. Raises Usage if a file or a run cannot be read."""
        vault = _opened_vault(paths)
        kubeconfigs = {name: _file_content(f"The kubeconfig {path}", path) for name, path in paths.join.items()}
        content = _values_content(paths.values) if paths.values else None
        values = _parsed_values(content, paths.values) if content is not None else None
        files = kubeconfigs if content is None else {"": content, **kubeconfigs}
        return cls(
            values=_with_jwt_secret(values, vault) if values else None,
            kubeconfigs={name: b64encode(config).decode() for name, config in kubeconfigs.items()},
            vault=vault,
            before=reading.load_snapshot(paths.memory) if paths.memory else None,
            past=images_of_run(paths.run, vault, accept_changed=paths.accept_changed_journal) if paths.run else (),
            watch=paths.watch,
            plain=paths.plain_http,
            only=paths.uninstall_only,
            digest=_digest_of(options, paths.watch, files),
        )

    @property
    def memory(self) -> Memory | None:
        """KubeSphere's objects in the memory snapshot, with the vault's contents; None without a snapshot."""
        return memory_with_vault(build_memory(self.before), self.vault) if self.before else None

    def keys(self, plan: Plan) -> Credentials:
        """Credentials by digest, and the chart if the plan installs one.

        Raises Usage without the values file of an installation, Unknown if its source cannot be read, Stale if the
        chart is not the planned one.
        """
        everything: Iterable[Any] = (msgspec.to_builtins(self.values or {}), list(self.kubeconfigs.values()))
        charts = {action.chart for action in plan.actions if isinstance(action, InstallChart)}
        sealed = any(isinstance(a, Create) and a.sealed and a.step == APPLY_INSTALLER.name for a in plan.actions)
        if not (charts or sealed):
            return Credentials(self.vault, credentials_by_digest(*everything) | originals_for(plan))
        if self.values is None:
            raise Usage(
                "The plan installs KubeSphere: give the values file that it was made with, --values FILE.",
                Correction("", "--values FILE"),
            )
        source = _fetched_source(self.values, charts)
        if charts:
            return Credentials(self.vault, credentials_by_digest(*everything), source.data)
        return Credentials(
            self.vault,
            credentials_by_digest(
                *everything, load_yaml_documents(source.data, f"The manifest {self.values.source.path}")
            ),
        )


def read_values(path: Path) -> Values:
    """The values in a file. Raises Usage if it cannot be read, or a value is not valid."""
    return _parsed_values(_values_content(path), path)


def _values_content(path: Path) -> bytes:
    return _file_content(f"The values file {path}", path)


def _parsed_values(content: bytes, path: Path | None) -> Values:
    try:
        values = convert_to(load_yaml(content, f"The values file {path}"), Values)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Usage(f"The values file {path} is not valid: {error}. The least is:\n  {EXAMPLE}", SAME_CALL) from error
    if len(values.release) != 3 or not values.version.startswith("v"):
        raise Usage(
            f"The values file {path} has the version '{values.version}', which is not KubeSphere's: v3.3.1.", SAME_CALL
        )
    return values


def _file_content(title: str, path: Path) -> bytes:
    try:
        return read_file(path, VALUES_BYTES, title.removesuffix(f" {path}"))
    except OSError as error:
        raise Usage(f"{title} cannot be read: {error.strerror or error}.", other_file(path)) from error


def _opened_vault(paths: InputPaths) -> Vault | None:
    if (paths.vault is None) != (paths.identity is None):
        missing = "--vault" if paths.vault is None else "--identity"
        what = "--vault and --identity go together: the file, and the key that opens it."
        raise Usage(what, Correction("", f"{missing} {FILE}"))
    return open_vault(paths.vault, paths.identity) if paths.vault and paths.identity else None


def _digest_of(options: Options, watch: int, files: Mapping[str, bytes]) -> str:
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return hashlib.sha256(msgspec.json.encode((options, watch, digests))).hexdigest()


def _with_jwt_secret(values: Values, vault: Vault | None) -> Values:
    """The values; without a jwtSecret, with the one of the host in the vault."""
    for entry in vault.kept if vault and not values.jwt_secret else ():
        if entry.place[1:] == (CONFIG_MAP_KEY, KUBESPHERE_NAMESPACE, KUBESPHERE_CONFIG) and (
            secret := jwt_secret(entry.body)
        ):
            return structs.replace(values, jwt_secret=secret)
    return values


def _fetched_source(values: Values, charts: set[str]) -> SourceContent:
    """The chart or the manifest. A manifest needs no check here: its digests in the plan are the check."""
    path = values.source.path
    source = fetch_source(path)
    if source.error:
        raise Unknown(
            f"{path} cannot be read: {source.error}. Nothing was sent. Bring it back, then run the same command again."
        )
    if charts and charts != {source.sha256}:
        raise Stale(
            f"The chart at {path} is not the one that was planned: SHA-256 {source.sha256}, planned "
            f"{', '.join(charts)}. Nothing was sent. Bring that file back, then run the same command again; or "
            "make a new plan with the same flags: ks-reset plan reinstall --out plan.json."
        )
    return source
