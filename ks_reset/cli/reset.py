"""ks-reset reset: all stages, each with a plan to approve. Started again, it continues."""

from typing import Annotated

import typer

from ks_reset.apply import PARALLELISM
from ks_reset.cli import options as o
from ks_reset.cli.flags import flag
from ks_reset.cli.selection import Selection
from ks_reset.cli.terminal import Terminal, print_applied, print_clusters
from ks_reset.errors import FILE, Correction, Exit, Usage
from ks_reset.report.console import stdout_console
from ks_reset.workflows.apply import Applied
from ks_reset.workflows.component_choices import require_own_playbook
from ks_reset.workflows.inputs import Inputs
from ks_reset.workflows.reset import Awaiting, Job, run_stages
from ks_reset.workflows.reset_progress import SHORT, Reset

NAME = "reset"
EXAMPLES = (
    "Example: ks-reset reset --values install.yaml --join test=test.kubeconfig --context prod --member test=test-admin",
)
Approve = Annotated[str, flag("--approve", metavar="DIGEST", text="Apply the plan that was shown with this digest.")]
Replan = Annotated[bool, flag("--replan", text="Make a new plan for the next stage, even if one was approved.")]
Accept = Annotated[bool, flag("--accept", text="Go on although something is left or lost, as verify has shown it.")]


def command(
    approve: Approve = "",
    replan: Replan = False,
    accept: Accept = False,
    *,
    selection: Selection,
    inputs: o.InputFlags,
    timeout: o.Timeout = 300,
    parallelism: o.Parallelism = PARALLELISM,
    connection: o.Connection,
) -> None:
    """Uninstall, verify, reinstall, rejoin and rebind: shows the next stage's plan, and applies it once it is approved.

    On a terminal it asks for the host's name; elsewhere it ends with 3, and --approve DIGEST applies what was shown.
    """
    options, paths = selection.as_options(), inputs.as_paths()
    require_own_playbook(NAME, options.request)
    if paths.values is None:
        raise Usage(
            "reset installs KubeSphere again: --values FILE says which. To check the file: ks-reset feasible FILE.",
            Correction("", f"--values {FILE}"),
        )
    read = Inputs.read(paths, options)
    clients = connection.open_clients()
    reset = Reset.open_for(clients.host.identity)
    job = Job(clients, reset, read, options, timeout, Terminal(), approve, replan, accept, parallelism)
    for outcome in run_stages(job):
        match outcome:
            case Applied():
                print_applied(outcome)
            case Awaiting():
                _print_approval(outcome)
                raise typer.Exit(Exit.PENDING)
    stdout_console().print("KubeSphere was taken off and put back, and what was bound is bound again.")


def _print_approval(awaiting: Awaiting) -> None:
    print_clusters(awaiting.plan)
    digest = awaiting.plan.digest[:SHORT]
    Terminal().say(f"Read the plan ({awaiting.path}), then: ks-reset reset --approve {digest}.")
