"""ks-reset render: the configuration to install, and its difference from the former one."""

import enum
from pathlib import Path
from typing import Annotated

import typer

from ks_reset import facts as reading
from ks_reset.cli import options as o
from ks_reset.errors import Usage, corrected_to
from ks_reset.install.configuration import chart_values, previous_spec, render_configuration
from ks_reset.install.difference import unified_diff
from ks_reset.report.console import print_document
from ks_reset.workflows.inputs import read_values
from ks_reset.workflows.installation import with_former_installation

NAME = "render"
EXAMPLES = ("Example: ks-reset render install.yaml --diff --context prod",)
File = Annotated[Path, typer.Argument(help="A values file: version, source, and what is to be otherwise than before.")]
Cluster = Annotated[str, typer.Option("--cluster", help="Of which cluster, by name. (default: the host)")]


class Output(enum.StrEnum):
    """How a configuration is written to stdout."""

    YAML = "yaml"
    JSON = "json"


Format = Annotated[Output, typer.Option("--output", "-o", help="Format of the configuration.")]
Diff = Annotated[bool, typer.Option("--diff", help="Show how it differs from what ran before, without credentials.")]


def command(
    file: File,
    cluster: Cluster = "",
    diff: Diff = False,
    output: Format = Output.YAML,
    memory: o.Memory = None,
    snapshot: o.Snapshot = None,
    *,
    connection: o.Connection,
) -> None:
    """Write ClusterConfiguration (3.x) or the values of the chart ks-core (4.x) to stdout."""
    values, former = read_values(file), reading.load_snapshot(memory) if memory else None
    facts = with_former_installation(connection.read_facts(snapshot), former)
    shown = next((w for w in facts.clusters if w.name == cluster), None) if cluster else facts.host
    if shown is None:
        names = [world.name for world in facts.clusters]
        there = f"There is no cluster {cluster}. There are: {', '.join(names)}."
        raise Usage(there, *corrected_to(names, cluster, "--cluster"))
    rendered = (chart_values if values.release >= (4,) else render_configuration)(values, shown, facts)
    if diff:
        typer.echo(unified_diff({"spec": previous_spec(shown)}, {"spec": rendered.get("spec", rendered)}, shown.name))
    else:
        print_document(rendered, output)
