"""ks-reset verify: is it clean, and is everything of the users' what it was."""

from pathlib import Path
from typing import Annotated

import typer

from ks_reset import facts as reading
from ks_reset.cli import options as o
from ks_reset.cli.read import read
from ks_reset.errors import Exit
from ks_reset.journal import plan_of_run, since_baseline
from ks_reset.model import FleetFacts, Plan
from ks_reset.report import proof as report
from ks_reset.report.console import machine, out
from ks_reset.verify import Proof, bystanders, leftovers

NAME = "verify"
Baseline = Annotated[
    Path | None,
    typer.Option("--baseline", envvar="KS_RESET_BASELINE", help="Snapshot to compare with. [default: the last run's]"),
]


def command(
    baseline: Baseline = None,
    output: o.Format = o.Output.TABLE,
    verbose: o.Verbose = False,
    kubeconfig: o.Kubeconfig = "",
    context: o.Context = "",
    member: o.Members = [],
    as_: o.User = "",
    as_group: o.Groups = [],
    request_timeout: o.RequestTimeout = 30,
) -> None:
    """Look for leftovers by API discovery, and prove that bystanders are unchanged. Exits 3 if not clean."""
    facts = read(None, o.fleet(kubeconfig, context, member, as_, as_group, request_timeout))
    verdict = examined(facts, baseline)
    match output:
        case o.Output.TABLE:
            report.show(verdict, facts, out(), verbose)
        case o.Output.NAME:
            typer.echo("\n".join(dict.fromkeys(f"{item.cluster} {item.object}" for item in verdict.leftovers)))
        case _:
            machine(verdict, output)
    if verdict.unknown:
        raise typer.Exit(Exit.UNKNOWN)
    raise typer.Exit(Exit.OK if verdict.clean else Exit.PENDING)


def examined(facts: FleetFacts, baseline: Path | None) -> report.Verdict:
    """What is left, and whether bystanders are what they were in the last run's baseline, or in this one."""
    plans = [plan_of_run(run) for run in since_baseline(facts.host.identity)]
    return _verdict(facts, _proof(facts, baseline, plans), plans)


def _verdict(facts: FleetFacts, proof: Proof | None, plans: list[Plan]) -> report.Verdict:
    shared = tuple(dict.fromkeys(name for plan in plans for name in plan.request.shared))
    left = leftovers(facts, shared, {account for plan in plans for account in plan.material.joins})
    unknown = [f"{world.name}: {gap.what}: {gap.why}" for world in facts.clusters for gap in world.gaps]
    unknown += [f"{member.name}: the member does not answer: {member.why}" for member in facts.missing]
    later = _later(facts, plans)
    clean = not left and not unknown and not later and not (proof and proof.changes)
    return report.Verdict(clean, tuple(left), proof, tuple(unknown), later, shared)


def _later(facts: FleetFacts, plans: list[Plan]) -> tuple[str, ...]:
    """The members that the runs left for another day, and that nobody named now."""
    here = {world.name for world in facts.members} | {member.name for member in facts.missing}
    return tuple(dict.fromkeys(name for plan in plans for name in plan.request.later if name not in here))


def _proof(facts: FleetFacts, baseline: Path | None, plans: list[Plan]) -> Proof | None:
    runs = since_baseline(facts.host.identity)
    before = baseline or (runs[0] / "baseline.json.gz" if runs else None)
    return bystanders(reading.load(before), facts, plans) if before else None
