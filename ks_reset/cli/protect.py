"""ks-reset protect: the seatbelt by itself, on, off, or asked for; the emergency brake."""

import re
from collections.abc import Iterable
from typing import Annotated

import typer

from ks_reset import facts as reading
from ks_reset import seatbelt
from ks_reset.apply.write import seatbelt as seatbelt_writes
from ks_reset.cli import options as o
from ks_reset.cluster import Client
from ks_reset.errors import Exit, Refused, ResetError, Unknown, Usage
from ks_reset.facts import Clients
from ks_reset.local import me
from ks_reset.model import ClusterFacts, Gap
from ks_reset.report import protect as report
from ks_reset.report.console import ProgressDisplay, machine, out

app = typer.Typer(help="Have the API server refuse deletions of users' namespaces, volumes and types.")
Except = Annotated[
    list[str],
    typer.Option("--except", envvar="KS_RESET_EXCEPT", metavar="NAMESPACE", help="One to leave out; may be repeated."),
]
LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
Force = Annotated[bool, typer.Option("--force", envvar="KS_RESET_FORCE", help="Also one that a playbook put on.")]


@app.command()
def on(
    except_: Except = [],
    timeout: o.Timeout = 60,
    kubeconfig: o.Kubeconfig = "",
    context: o.Context = "",
    member: o.Members = [],
    as_: o.User = "",
    as_group: o.Groups = [],
    request_timeout: o.RequestTimeout = 30,
) -> None:
    """Put it on, in every cluster named, and see it enforced. One that is on already keeps its owner and exceptions."""
    for name in except_:
        if not LABEL.fullmatch(name):
            raise Usage(f"--except {name} is not the name of a namespace.")
    fleet = o.fleet(kubeconfig, context, member, as_, as_group, request_timeout)
    failed: list[ResetError] = []
    with ProgressDisplay() as progress:
        for name, cluster in _clusters(fleet):
            try:
                writes = _fasten(cluster, name, tuple(except_), timeout, progress)
                progress.line(f"{name}: on, {writes} write(s), and seen to refuse deletions.")
            except ResetError as error:  # an emergency brake: the other clusters are still worth it
                progress.line(f"{name}: not seen to be on.")
                failed.append(error)
    if failed:
        raise failed[0]


def _fasten(cluster: Client, name: str, spared: tuple[str, ...], timeout: int, progress: ProgressDisplay) -> int:
    world = _known(cluster, name, seatbelt.KINDS)
    had = seatbelt.found(world)
    parts = seatbelt.parts(world, *seatbelt.owner(had, seatbelt.BY_HAND, me()), spared or (had.spared if had else ()))
    return seatbelt_writes.fasten(cluster, parts, float(timeout), progress.beat)


@app.command()
def off(
    force: Force = False,
    kubeconfig: o.Kubeconfig = "",
    context: o.Context = "",
    member: o.Members = [],
    as_: o.User = "",
    as_group: o.Groups = [],
    request_timeout: o.RequestTimeout = 30,
) -> None:
    """Take it off, in every cluster named. One that a playbook put on comes off with that playbook, or by --force."""
    fleet = o.fleet(kubeconfig, context, member, as_, as_group, request_timeout)
    belts = [
        (name, cluster, seatbelt.found(_known(cluster, name, seatbelt.KINDS))) for name, cluster in _clusters(fleet)
    ]
    for name, _, had in belts:
        if had and had.run != seatbelt.BY_HAND and not force:
            raise Refused(
                f"The seatbelt of {name} belongs to the playbook {had.run or '(unknown)'}, put on by "
                f"{had.by or '(unknown)'}. Nothing was sent. Finish that run, or add --force if nobody will."
            )
    with ProgressDisplay() as progress:
        for name, cluster, had in belts:
            progress.line(
                f"{name}: off, {seatbelt_writes.loosen(cluster, had)} write(s)." if had else f"{name}: was off."
            )


@app.command()
def status(
    output: o.Format = o.Output.TABLE,
    kubeconfig: o.Kubeconfig = "",
    context: o.Context = "",
    member: o.Members = [],
    as_: o.User = "",
    as_group: o.Groups = [],
    request_timeout: o.RequestTimeout = 30,
) -> None:
    """Say whether it is on, who put it on, and what it protects. Exits 3 unless it is on everywhere."""
    fleet = o.fleet(kubeconfig, context, member, as_, as_group, request_timeout)
    about = (*seatbelt.KINDS, *seatbelt.SHIELDED)
    found = [report.status(_known(cluster, name, about)) for name, cluster in _clusters(fleet)]
    match output:
        case o.Output.TABLE:
            report.show(found, out())
        case o.Output.NAME:
            typer.echo("\n".join(each.cluster for each in found if each.on))
        case _:
            machine(found, output)
    raise typer.Exit(Exit.OK if all(each.on for each in found) else Exit.PENDING)


def _clusters(fleet: Clients) -> list[tuple[str, Client]]:
    return [*fleet.members.items(), (fleet.host.context, fleet.host)]


def _known(cluster: Client, name: str, about: Iterable[str]) -> ClusterFacts:
    """The objects of these types. Raises Unknown if any could not be read; what else does not answer is no matter."""
    world = reading.observe_only(cluster, name, about)
    groups = {key.partition(".")[2] for key in about}
    for gap in world.gaps:
        if concerns(gap, groups):
            raise Unknown(f"{gap.what} of {name} could not be read: {gap.why}")
    return world


def concerns(gap: Gap, groups: set[str]) -> bool:
    """Whether a gap is a list of one of the types, or a whole API group that may serve one."""
    version = gap.what.removeprefix("API group ")
    return version == gap.what or version.rpartition("/")[0] in groups
