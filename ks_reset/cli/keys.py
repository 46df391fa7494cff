"""What a plan needs and does not hold, from the operator's own files."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from ks_reset.apply import Credentials
from ks_reset.credentials.fill import known
from ks_reset.credentials.vault import Vault
from ks_reset.errors import Stale, Unknown, Usage
from ks_reset.external.source import fetch
from ks_reset.install import values as installing
from ks_reset.model import Create, InstallChart, Plan, SourceContent, Values
from ks_reset.steps.installation import APPLY_INSTALLER
from ks_reset.workflows.joins import encoded


def keys_for(plan: Plan, vault: Vault | None, values: Path | None, join: Mapping[str, Path]) -> Credentials:
    """Credentials by digest, and the chart if the plan installs one.

    Raises Usage for a file that cannot be read, Unknown for a source that cannot, Stale for a chart that is not the one
    that was planned.
    """
    said = installing.completed(installing.load(values), vault) if values else None
    configs = [encoded(file) for file in join.values()]
    everything: Iterable[Any] = (msgspec.to_builtins(said) if said else {}, configs)
    charts = {a.chart for a in plan.actions if isinstance(a, InstallChart)}
    written = any(isinstance(a, Create) and a.sealed and a.step == APPLY_INSTALLER.name for a in plan.actions)
    if not (charts or written):
        return Credentials(vault, known(*everything))
    if said is None:
        raise Usage("The plan installs KubeSphere: give the values file that it was made with, --values FILE.")
    found = _source(said, charts)
    if charts:
        return Credentials(vault, known(*everything), found.data)
    return Credentials(vault, known(*everything, list(yaml.safe_load_all(found.data))))


def _source(said: Values, charts: set[str]) -> SourceContent:
    """The chart that was planned, or the manifest, whose digests tell whether it is the one."""
    found = fetch(said.source.path)
    if found.error:
        raise Unknown(
            f"{said.source.path} cannot be read: {found.error}. Nothing was sent. Try again, or bring it back."
        )
    if charts and charts != {found.sha256}:
        raise Stale(
            f"The chart at {said.source.path} is not the one that was planned: SHA-256 {found.sha256}, planned "
            f"{', '.join(charts)}. Nothing was sent. Bring the file back, or make a new plan."
        )
    return found
