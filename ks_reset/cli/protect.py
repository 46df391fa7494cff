"""ks-reset protect: the seatbelt by itself, on, off, or asked for; the emergency brake."""

import re
from collections.abc import Iterable
from typing import Annotated

import typer

from ks_reset import facts as reading
from ks_reset import seatbelt
from ks_reset.apply.write import seatbelt as seatbelt_writes
from ks_reset.cli import options as o
from ks_reset.cli.flags import expand_groups, flag
from ks_reset.cluster import Client
from ks_reset.errors import Exit, Refused, ResetError, Unknown, Usage
from ks_reset.facts import Clients
from ks_reset.local import user_and_machine
from ks_reset.model import ClusterFacts, Gap
from ks_reset.report import protect as report
from ks_reset.report.console import ProgressDisplay, print_document, print_names, stdout_console

app = typer.Typer(help="Have the API server refuse deletions of users' namespaces, volumes and types.")
Except = Annotated[
    list[str],
    flag("--except", metavar="NAMESPACE", text="One to leave out; may be repeated."),
]
LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
Force = Annotated[bool, flag("--force", text="Also one that a playbook put on.")]


@app.command("on")
@expand_groups
def seatbelt_on(
    except_: Except = [],
    timeout: o.Timeout = 60,
    *,
    connection: o.Connection,
) -> None:
    """Put it on, in every cluster named, and see it enforced. One that is on already keeps its owner and exceptions."""
    for name in except_:
        if not LABEL.fullmatch(name):
            raise Usage(f"--except {name} is not the name of a namespace.")
    fleet = connection.open_clients()
    failed: list[ResetError] = []
    with ProgressDisplay() as progress:
        for name, cluster in _clients_by_name(fleet):
            try:
                writes = _switch_on(cluster, name, tuple(except_), timeout, progress)
                progress.print_line(f"{name}: on, {writes} write(s), and seen to refuse deletions.")
            except ResetError as error:  # an emergency brake: the other clusters are still worth it
                progress.print_line(f"{name}: not seen to be on.")
                failed.append(error)
    if failed:
        raise failed[0]


def _switch_on(cluster: Client, name: str, spared: tuple[str, ...], timeout: int, progress: ProgressDisplay) -> int:
    world = _readable_facts(cluster, name, seatbelt.KINDS)
    had = seatbelt.present(world)
    parts = seatbelt.seatbelt_objects(
        world,
        *seatbelt.owner_of(had, seatbelt.BY_HAND, user_and_machine()),
        spared or (had.excepted_namespaces if had else ()),
    )
    return seatbelt_writes.create_seatbelt(cluster, parts, float(timeout), progress.show_activity)


@app.command("off")
@expand_groups
def seatbelt_off(
    force: Force = False,
    *,
    connection: o.Connection,
) -> None:
    """Take it off, in every cluster named. One that a playbook put on comes off with that playbook, or by --force."""
    fleet = connection.open_clients()
    belts = [
        (name, cluster, seatbelt.present(_readable_facts(cluster, name, seatbelt.KINDS)))
        for name, cluster in _clients_by_name(fleet)
    ]
    for name, _, had in belts:
        if had and had.run != seatbelt.BY_HAND and not force:
            raise Refused(
                f"The seatbelt of {name} belongs to the playbook {had.run or '(unknown)'}, put on by "
                f"{had.by or '(unknown)'}. Nothing was sent. Finish that run, or add --force if nobody will."
            )
    with ProgressDisplay() as progress:
        for name, cluster, had in belts:
            progress.print_line(
                f"{name}: off, {seatbelt_writes.delete_seatbelt(cluster, had)} write(s)."
                if had
                else f"{name}: was off."
            )


@app.command("status")
@expand_groups
def seatbelt_status(
    output: o.Format = o.Output.TABLE,
    *,
    connection: o.Connection,
) -> None:
    """Say whether it is on, who put it on, and what it protects. Exits 3 unless it is on everywhere."""
    fleet = connection.open_clients()
    about = (*seatbelt.KINDS, *seatbelt.DENIED_KINDS)
    statuses = [
        report.status_of_seatbelt(_readable_facts(cluster, name, about)) for name, cluster in _clients_by_name(fleet)
    ]
    match output:
        case o.Output.TABLE:
            report.print_statuses(statuses, stdout_console())
        case o.Output.NAME:
            print_names(status.cluster for status in statuses if status.on)
        case _:
            print_document(statuses, output)
    raise typer.Exit(Exit.OK if all(status.on for status in statuses) else Exit.PENDING)


def _clients_by_name(fleet: Clients) -> list[tuple[str, Client]]:
    return [*fleet.members.items(), (fleet.host.context, fleet.host)]


def _readable_facts(cluster: Client, name: str, about: Iterable[str]) -> ClusterFacts:
    """The objects of these types. Raises Unknown if any of these could not be read; gaps of other types are ignored."""
    world = reading.read_types(cluster, name, about)
    groups = {key.partition(".")[2] for key in about}
    for gap in world.gaps:
        if gap_concerns(gap, groups):
            raise Unknown(f"{gap.what} of {name} could not be read: {gap.why}")
    return world


def gap_concerns(gap: Gap, groups: set[str]) -> bool:
    """Whether a gap is a list of one type, or one of these API groups."""
    version = gap.what.removeprefix("API group ")
    return version == gap.what or version.rpartition("/")[0] in groups
