"""What a plan needs and does not hold, from the operator's own files."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from ks_reset.apply import Keys
from ks_reset.cli.join import encoded
from ks_reset.errors import Stale, Usage
from ks_reset.facts.known import known
from ks_reset.install import values as installing
from ks_reset.model import Plan
from ks_reset.outside.source import fetch
from ks_reset.vault import Vault


def keys_for(plan: Plan, vault: Vault | None, values: Path | None, join: Mapping[str, Path]) -> Keys:
    """Credentials by digest, and the chart if the plan installs one.

    Raises Usage for a file that cannot be read, Stale for a chart that is not the one that was planned.
    """
    said = installing.completed(installing.load(values), vault) if values else None
    configs = [encoded(file) for file in join.values()]
    everything: Iterable[Any] = (msgspec.to_builtins(said) if said else {}, configs)
    charts = {a.chart for a in plan.actions if a.chart}
    if not charts:
        return Keys(vault, known(*everything))
    if said is None:
        raise Usage("The plan installs a chart: give the values file that it was made with, --values FILE.")
    found = fetch(said.source.path)
    if charts != {found.sha256}:
        raise Stale(
            f"The chart at {said.source.path} is not the one that was planned: SHA-256 {found.sha256 or found.error}, "
            f"planned {', '.join(charts)}. Nothing was sent. Bring the file back, or make a new plan."
        )
    return Keys(vault, known(*everything), found.data)
