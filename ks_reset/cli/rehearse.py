"""ks-reset rehearse: real control planes on this machine, to try everything before it is done for real."""

import os
import time
from typing import Annotated

import typer

from ks_reset.cli.flags import flag
from ks_reset.errors import Usage, corrected_to
from ks_reset.report.progress import ProgressDisplay

app = typer.Typer(
    name="rehearse",
    help="Real control planes on loopback, with real kubefed: try everything here first.",
    no_args_is_help=True,
)
Version = Annotated[str, flag("--kubernetes", text="Kubernetes version.")]
State = Annotated[str, typer.Option("--state", help="healthy, armed (kubefed stopped, stale record there) or live.")]
Scenario = Annotated[str, typer.Argument(help="A scenario: a folder under examples/ with a scenario.yaml.")]


@app.command("binaries")
def prepare_binaries() -> None:
    """Find, download or build the programs of every control plane that a rehearsal can have."""
    from ks_reset.rehearsal.programs import binaries as places

    with ProgressDisplay() as progress:
        for version in places.VERSIONS:
            typer.echo(places.control_plane(version, progress.print_line))
        typer.echo(places.kubefed_programs(progress.print_line))
        typer.echo(places.helm_program(progress.print_line))


@app.command("up")
def start_scenario(scenario: Scenario = "incident", kubernetes: Version = "1.24.17", state: State = "healthy") -> None:
    """Start a scenario, say which kubeconfig reaches it, and keep it until Ctrl-C."""
    from ks_reset.rehearsal.scenario import run_scenario

    if state not in ("healthy", "armed", "live"):
        what = f"--state {state} is not one of healthy, armed, live."
        raise Usage(what, *corrected_to(("healthy", "armed", "live"), state, "--state"))
    with ProgressDisplay() as progress, run_scenario(scenario, kubernetes, progress.print_line) as made:
        if state != "healthy":
            {"armed": made.arm, "live": made.live}[state]()
        typer.echo(f"export KUBECONFIG={made.kubeconfig} KS_RESET_CONTEXT=host KS_RESET_MEMBER=test=test")
        progress.print_line("Everything is up. Ctrl-C takes it down again.")
        while True:
            time.sleep(1)


@app.command("demo")
def show_demo(kubernetes: Version = "1.24.17") -> None:
    """The incident and its cure, told on two real control planes in under two minutes."""
    from ks_reset.rehearsal.demo import run_demo

    os.environ.setdefault("COLUMNS", "120")
    run_demo(kubernetes)
