"""ks-reset apply: carry out a plan. Started again, it continues."""

from pathlib import Path
from typing import Annotated

import typer

from ks_reset.apply import PARALLELISM
from ks_reset.cli import options as o
from ks_reset.cli.flags import flag
from ks_reset.cli.terminal import Terminal, print_applied
from ks_reset.cli.way_on import remember_plan
from ks_reset.errors import Exit, Usage
from ks_reset.model import Options
from ks_reset.plan import deferred
from ks_reset.plan import file as plan_file
from ks_reset.plan import playbook as playbooks
from ks_reset.workflows.apply import apply_plan
from ks_reset.workflows.inputs import Inputs
from ks_reset.workflows.interaction import approved_now, gather_facts
from ks_reset.workflows.plan import checked_plan

NAME = "apply"
EXAMPLES = ("Example: ks-reset apply plan.json --context prod --member test=test-admin",)
File = Annotated[
    Path | None, typer.Argument(help="A plan saved with plan --out. Without one, uninstall is planned and shown.")
]
Yes = Annotated[bool, flag("--yes", "-y", text="Do not ask; needs a saved plan.")]


def command(
    file: File = None,
    yes: Yes = False,
    timeout: o.Timeout = 300,
    parallelism: o.Parallelism = PARALLELISM,
    *,
    credentials: o.CredentialFlags,
    connection: o.Connection,
) -> None:
    """Apply a plan. Asks for the host's name first; --yes with a saved plan does not ask."""
    if yes and file is None:
        raise Usage(
            "--yes needs a saved plan: ks-reset plan --out plan.json, read it, then ks-reset apply plan.json --yes."
        )
    inputs, terminal = Inputs.read(credentials.as_paths(), Options()), Terminal()
    plan = plan_file.load_plan(file) if file else None
    if plan and file:
        deferred.require_objects(plan, file)
        remember_plan(plan, file)
    clients = connection.open_clients()
    if plan is None:
        plan = checked_plan(playbooks.load_playbook("uninstall"), gather_facts(clients, terminal), Options())
        terminal.show(plan)
        if not plan.actions:
            raise typer.Exit(Exit.OK)
    if not yes:
        terminal.ask(plan)
    approval = approved_now(f"--yes with the plan {plan.digest}" if yes else "the host's name, typed")
    only, keys = clients.only(plan.options, plan.scope), inputs.keys(plan)
    print_applied(apply_plan(only, plan, timeout, keys, terminal, parallelism, approval=approval))
