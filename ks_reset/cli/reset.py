"""ks-reset reset: the whole way, stage by stage, each with a plan that somebody approves. Started again, it goes on."""

from typing import Annotated

import typer

from ks_reset import playbook as playbooks
from ks_reset.cli import options as o
from ks_reset.cli.given import Given
from ks_reset.cli.read import read
from ks_reset.cli.stage import Job, carry_out, same_fleet
from ks_reset.cli.verify import examined
from ks_reset.errors import Refused, Unknown, Usage
from ks_reset.report import proof
from ks_reset.report.console import err, out
from ks_reset.stages import Reset

NAME = "reset"
BOOK = "reset"
CHECK = "verify"
Approve = Annotated[
    str,
    typer.Option(
        "--approve", envvar="KS_RESET_APPROVE", metavar="DIGEST", help="Apply the plan that was shown with this digest."
    ),
]
Replan = Annotated[
    bool,
    typer.Option(
        "--replan", envvar="KS_RESET_REPLAN", help="Make a new plan for the next stage, even if one was approved."
    ),
]


def command(
    values: o.InstallValues = None,
    approve: Approve = "",
    replan: Replan = False,
    delete_data: o.Data = [],
    members: o.Chosen = [],
    later: o.Later = [],
    shared: o.Shared = [],
    gone_host: o.Gone = [],
    memory: o.Memory = None,
    vault: o.VaultFile = None,
    identity: o.Identity = None,
    join: o.Joins = [],
    watch: o.Watch = 0,
    plain_http: o.Plain = [],
    timeout: o.Timeout = 300,
    kubeconfig: o.Kubeconfig = "",
    context: o.Context = "",
    member: o.Members = [],
    as_: o.User = "",
    as_group: o.Groups = [],
    request_timeout: o.RequestTimeout = 30,
) -> None:
    """Uninstall, verify, reinstall, rejoin and rebind: shows the next stage's plan, and applies it once it is approved.

    On a terminal it asks for the host's name; elsewhere it ends with 3, and --approve DIGEST applies what was shown.
    """
    options = o.options([], delete_data, members, later, shared, gone_host)
    given = Given(memory, "", o.vault(vault, identity), watch, values, tuple(plain_http), False, o.join(join))
    if values is None:
        raise Usage("reset needs to know what is to be put on again: --values FILE, as for ks-reset feasible.")
    fleet = o.fleet(kubeconfig, context, member, as_, as_group, request_timeout)
    job = Job(fleet, Reset.of(fleet.host.identity), given, options, timeout, approve, replan)
    _begin(job)
    for stage in playbooks.load(BOOK).stages:
        if stage.stage in job.reset.progress.done:
            err().print(f"  ✓ {stage.stage}, done before", markup=False)
            continue
        err().print(f"{stage.stage}  {stage.why}", markup=False, style="bold")
        (_verify if stage.stage == CHECK else carry_out)(job, stage.stage)
        job.reset.finish(stage.stage)
    job.reset.keep(finished=True)
    out().print("KubeSphere was taken off and put back, and what was bound is bound again.")


def _begin(job: Job) -> None:
    """Say which reset this is. The digest of a stage that is done approves nothing more."""
    folder, progress = job.reset.folder, job.reset.progress
    if folder.exists():
        err().print(f"The reset of {progress.began}, in {folder}. To begin anew, move that folder away.", markup=False)
    if job.reset.spent(job.approve):
        job.approve = ""


def _verify(job: Job, _: str) -> None:
    """Raises Refused if anything is left or lost, but for members that were left for later; Unknown if nobody can tell.

    What somebody has changed of his own in the meantime is shown, and stands against nothing.
    """
    facts = read(None, job.fleet.only(job.options, "fleet"))
    same_fleet(job, facts)
    verdict = examined(facts, None)
    proof.show(verdict, facts, out(), verbose=False)
    if verdict.unknown:
        raise Unknown(f"What could not be read may be there: {verdict.unknown[0]}. See to it, then run this again.")
    lost = [change for change in verdict.proof.changes if change.lost] if verdict.proof else []
    if verdict.leftovers or lost or any(job.options.takes(name) for name in verdict.later):
        raise Refused("The fleet is not clean, so nothing is put on it. See to what is left, then run this again.")
