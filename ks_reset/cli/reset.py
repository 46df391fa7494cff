"""ks-reset reset: the whole way, stage by stage, each with a plan that somebody approves. Started again, it goes on."""

from typing import Annotated

import typer

from ks_reset import facts as reading
from ks_reset.cli import options as o
from ks_reset.cli.read import read
from ks_reset.cli.verify import examined
from ks_reset.errors import Refused, Unknown, Usage
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.report import proof
from ks_reset.report.console import err, out
from ks_reset.workflows.inputs import Inputs
from ks_reset.workflows.reset import Job, carry_out, same_fleet
from ks_reset.workflows.reset_progress import Reset

NAME = "reset"
BOOK = "reset"
CHECK = "verify"
UNINSTALL = "uninstall"
HELD = ("Namespace", "PersistentVolumeClaim", "PersistentVolume", "CustomResourceDefinition.apiextensions.k8s.io")
"""What the seatbelt protects; other things come and go in days."""
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

Accept = Annotated[
    bool,
    typer.Option(
        "--accept", envvar="KS_RESET_ACCEPT", help="Go on although something is left or lost, as verify has shown it."
    ),
]


def command(
    values: o.InstallValues = None,
    approve: Approve = "",
    replan: Replan = False,
    accept: Accept = False,
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
    given = Inputs(memory, "", o.vault(vault, identity), watch, values, tuple(plain_http), False, o.join(join))
    if values is None:
        raise Usage("reset needs to know what is to be put on again: --values FILE, as for ks-reset feasible.")
    fleet = o.fleet(kubeconfig, context, member, as_, as_group, request_timeout)
    job = Job(fleet, Reset.of(fleet.host.identity), given, options, timeout, approve, replan, accept)
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
    if job.reset.over(job.approve):
        job.approve = ""


def _verify(job: Job, _: str) -> None:
    """Raises Refused if anything is left or lost, but for members that were left for later; Unknown if nobody can tell.

    What uninstall would still take off opens that stage again. What it keeps knowingly, and what others have done in
    the meantime to what they may change, is shown and stands against nothing; the rest does, until it is accepted.
    """
    facts = read(None, job.fleet.only(job.options, "fleet"))
    same_fleet(job, reading.load(job.reset.memory), facts)
    verdict = examined(facts, None)
    proof.show(verdict, facts, out(), verbose=False)
    if verdict.unknown:
        raise Unknown(f"What could not be read may be there: {verdict.unknown[0]}. See to it, then run this again.")
    options = job.options.with_material(joins=job.reset.progress.joins)
    fresh = planning.make(playbooks.load(UNINSTALL), facts, options)
    if fresh.actions:
        job.reset.keep(done=())
        raise Refused(
            f"There is something again that uninstall takes off, such as {fresh.actions[0].target}. That stage is open "
            "again: run this once more, and approve its plan."
        )
    kept = {(each.cluster, each.object) for each in fresh.kept}
    left = [each for each in verdict.leftovers if (each.cluster, each.object) not in kept]
    lost = [each for each in verdict.proof.changes if each.lost and each.kind in HELD] if verdict.proof else []
    silent = [name for name in verdict.later if job.options.request.takes(name)]
    if (left or lost or silent) and not job.accept:
        first = [*(f"{e.object} is left" for e in left), *(f"{e.object} {e.what}" for e in lost), *silent][0]
        raise Refused(
            f"The fleet is not clean, so nothing is put on it: {first}. See to what is shown above, then run this "
            "again; or, if it may be so, with --accept."
        )
