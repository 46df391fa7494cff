"""The demonstration on real control planes: the incident, doctor, plan, apply and verify.

Every command shown is run as a user would run it, as a separate process.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from ks_reset.errors import ResetError
from ks_reset.rehearsal.fleet import RehearsalFleet
from ks_reset.rehearsal.scenario import run_scenario

STORY = """\
[bold]A team ran KubeSphere on a host and a member, took it off with the vendor's script, and put it back.[/bold]
kubefed's records survived. The old record produce-trt reaches the same API server as the new record host:
kubefed deletes through the one what it makes through the other. Whoever is on call has scaled kubefed to 0.
"""


def run_demo(kubernetes: str) -> None:
    """Build the scenario, run the commands, and remove everything. Raises ResetError if a command fails."""
    console = Console(highlight=False)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ks-reset-demo-") as folder:
        with run_scenario("incident", kubernetes, lambda line: console.print(f"[dim]{line}[/dim]")) as made:
            made.arm()
            ready = time.monotonic()
            console.rule("The state")
            console.print(STORY)
            _run_story(made, Path(folder), console)
        console.print(f"Building the clusters took {ready - begun:.0f} s, the story {time.monotonic() - ready:.0f} s.")


def _run_story(made: RehearsalFleet, folder: Path, console: Console) -> None:
    plan = str(folder / "plan.json")
    run = _Runner(made, folder, console)
    run("What is wrong, and what comes next", ["doctor"], expected=3)
    danger = ["explain", "namespace/catalog", "--cluster", "test", "--if", "kubefed restarts"]
    run("What would happen to a namespace of the healthy member, link by link", danger, expected=3)
    run("What would be done", ["plan", "uninstall", "--out", plan], expected=0)
    run("Doing it", ["apply", plan, "--yes"], expected=0)
    run("The proof", ["verify"], expected=0)
    run("Once more: nothing is left to do", ["plan", "uninstall", "--detailed-exitcode"], expected=0)
    alive = [place for place in made.business if made.alive(place)]
    console.rule("The business namespaces")
    console.print(f"{len(alive)} of {len(made.business)} are there, with the UIDs they had before KubeSphere went.")
    if len(alive) != len(made.business):
        raise ResetError("A business namespace was lost; this must never happen.")


class _Runner:
    """Runs ks-reset against the rehearsal's clusters, and prints each command line."""

    def __init__(self, made: RehearsalFleet, folder: Path, console: Console) -> None:
        self._console = console
        self._environment = os.environ | {
            "KUBECONFIG": str(made.kubeconfig),
            "KS_RESET_CONTEXT": "host",
            "KS_RESET_MEMBER": "test=test",
            "KS_RESET_STATE": str(folder / "state"),
        }

    def __call__(self, title: str, arguments: list[str], expected: int) -> None:
        """Run one command. Raises ResetError if its exit code is not the expected one."""
        self._console.rule(title)
        shown = " ".join(Path(a).name if a.endswith(".json") else a for a in arguments)
        self._console.print(f"[bold green]$ ks-reset {shown}[/]")
        done = subprocess.run([sys.executable, "-m", "ks_reset", *arguments], env=self._environment, check=False)
        if done.returncode != expected:
            raise ResetError(f"ks-reset {shown} ended with exit code {done.returncode}, expected {expected}.")
