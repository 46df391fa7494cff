"""ks-reset feasible: whether KubeSphere could be put back, before it is taken off."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ks_reset import external
from ks_reset import facts as reading
from ks_reset.cli import options as o
from ks_reset.cli.read import read
from ks_reset.errors import Exit
from ks_reset.findings import check_install
from ks_reset.install import images
from ks_reset.install import values as installing
from ks_reset.model import ExternalAnswers, FleetFacts, Severity, Values
from ks_reset.report import install as report
from ks_reset.report.console import ProgressDisplay, machine, out

NAME = "feasible"
File = Annotated[Path, typer.Argument(help="A values file: version, source, and what is to be otherwise than before.")]


def command(
    file: File,
    memory: o.Memory = None,
    plain_http: o.Plain = [],
    snapshot: o.Snapshot = None,
    output: o.Format = o.Output.TABLE,
    kubeconfig: o.Kubeconfig = "",
    context: o.Context = "",
    member: o.Members = [],
    as_: o.User = "",
    as_group: o.Groups = [],
    request_timeout: o.RequestTimeout = 30,
) -> None:
    """Ask whether an installation can succeed, before anything is removed. Exits 4 if not, 5 if nobody can tell."""
    values = installing.load(file)
    connected = None if snapshot else o.fleet(kubeconfig, context, member, as_, as_group, request_timeout)
    facts = read(snapshot, connected)
    if memory:
        facts = installing.remembered(facts, reading.load(memory))
    asked = outside_of(values, facts, plain_http)
    findings = check_install(values, facts, asked)
    if output is o.Output.TABLE:
        report.print_feasibility(findings, len(asked.images), out())
    else:
        machine(findings, output)
    if against := [finding for finding in findings if "reinstall" in finding.blocks]:
        unknown = all(finding.severity is Severity.UNKNOWN for finding in against)
        raise typer.Exit(Exit.UNKNOWN if unknown else Exit.REFUSED)


def outside_of(values: Values, facts: FleetFacts, plain: Iterable[str]) -> ExternalAnswers:
    """What the outside world answers about the source, and about every image that is needed."""
    with ProgressDisplay() as progress:
        wanted = partial(images.needed, values, facts)
        return external.ask(values.source, wanted, plain, lambda text: progress.beat(text))
