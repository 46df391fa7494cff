"""ks-reset protect: the seatbelt by itself, on, off, or asked for; the emergency brake."""

import getpass
import socket
from typing import Annotated

import typer

from ks_reset import facts as reading
from ks_reset import protect
from ks_reset.apply import belt
from ks_reset.cli import options as o
from ks_reset.cluster import Cluster
from ks_reset.errors import Exit, Refused, Unknown
from ks_reset.facts import Fleet
from ks_reset.model import World
from ks_reset.report import protect as report
from ks_reset.report.console import Progress, machine, out

app = typer.Typer(help="Have the API server refuse deletions of users' namespaces, volumes and types.")
Except = Annotated[
    list[str],
    typer.Option("--except", envvar="KS_RESET_EXCEPT", metavar="NAMESPACE", help="One to leave out; may be repeated."),
]
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
    """Put it on, in every cluster named, and see it enforced. One that is on already stays as it is."""
    fleet = o.fleet(kubeconfig, context, member, as_, as_group, request_timeout)
    with Progress() as progress:
        for name, cluster in _clusters(fleet):
            world = _known(cluster, name)
            had = protect.found(world)
            parts = protect.parts(world, *_owner(had), tuple(except_) or (had.spared if had else ()))
            writes = belt.fasten(cluster, parts, float(timeout), progress.beat)
            progress.line(f"{name}: on, {writes} write(s), and seen to refuse deletions.")


def _owner(had: protect.Belt | None) -> tuple[str, str]:
    """Whose it is and who put it on: a seatbelt that is there keeps its owner."""
    if had and had.run:
        return had.run, had.by
    return protect.BY_HAND, f"{getpass.getuser()}@{socket.gethostname()}"


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
    belts = [(name, cluster, protect.found(_known(cluster, name))) for name, cluster in _clusters(fleet)]
    for name, _, had in belts:
        if had and had.run != protect.BY_HAND and not force:
            raise Refused(
                f"The seatbelt of {name} belongs to the playbook {had.run or '(unknown)'}, put on by "
                f"{had.by or '(unknown)'}. Nothing was sent. Finish that run, or add --force if nobody will."
            )
    with Progress() as progress:
        for name, cluster, had in belts:
            progress.line(f"{name}: off, {belt.loosen(cluster, had)} write(s)." if had else f"{name}: was off.")


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
    found = [report.status(_known(cluster, name)) for name, cluster in _clusters(fleet)]
    match output:
        case o.Output.TABLE:
            report.show(found, out())
        case o.Output.NAME:
            typer.echo("\n".join(each.cluster for each in found if each.on))
        case _:
            machine(found, output)
    raise typer.Exit(Exit.OK if all(each.on for each in found) else Exit.PENDING)


def _clusters(fleet: Fleet) -> list[tuple[str, Cluster]]:
    return [*fleet.members.items(), (fleet.host.context, fleet.host)]


def _known(cluster: Cluster, name: str) -> World:
    """What a seatbelt is about. Raises Unknown if any of it could not be read."""
    world = reading.observe_only(cluster, name, (*protect.KINDS, *protect.SHIELDED))
    if world.gaps:
        raise Unknown(f"{world.gaps[0].what} of {name} could not be read: {world.gaps[0].why}")
    return world
