"""Flags: a group is declared once, and each command that takes it has all of its flags."""

import inspect
from typing import Annotated, Any, get_args, get_type_hints

import pytest
import typer
from typer.testing import CliRunner

from ks_reset.cli import (
    apply,
    doctor,
    explain,
    feasible,
    memory,
    permissions,
    plan,
    protect,
    render,
    report,
    reset,
    runs,
    snapshot,
    vault,
    verify,
)
from ks_reset.cli.flags import FlagGroup, expand_groups, flag
from ks_reset.cli.options import Connection, InputFlags
from ks_reset.cli.selection import Selection

COMMANDS = [
    *(
        apply.command,
        doctor.command,
        explain.command,
        feasible.command,
        memory.command,
        permissions.command,
        plan.command,
        render.command,
    ),
    *(
        permissions.command,
        report.command,
        reset.command,
        snapshot.command,
        vault.command,
        verify.command,
        protect.seatbelt_on,
        protect.seatbelt_off,
        protect.seatbelt_status,
        runs.list_runs,
        runs.show_run,
    ),
]


class Place(FlagGroup, frozen=True):
    """Two flags."""

    city: Annotated[str, flag("--city", text="A city.")] = "Bonn"
    street_name: Annotated[list[str], flag("--street-name", "-s", text="A street; may be repeated.")] = []


def said(*arguments: str, **environment: str) -> str:
    app = typer.Typer()

    @app.command()
    @expand_groups
    def command(first: str, *, place: Place, loud: bool = False) -> None:
        typer.echo(f"{first} {place.city} {place.street_name} {loud}")

    return CliRunner().invoke(app, list(arguments), env=environment).output


def test_a_command_gets_its_group_filled_from_the_line_and_the_environment() -> None:
    assert said("a") == "a Bonn [] False\n"
    assert said("a", "--city=Ulm", "-s", "x", "-s", "y", "--loud") == "a Ulm ['x', 'y'] True\n"
    assert said("a", KS_RESET_CITY="Ulm", KS_RESET_STREET_NAME="x") == "a Ulm ['x'] False\n"


def test_the_flags_of_a_group_stand_where_the_group_stands() -> None:
    text = said("--help")
    assert text.index("--city") < text.index("--street-name") < text.index("--loud")


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_every_flag_of_the_connection(command: Any) -> None:
    expanded = inspect.signature(expand_groups(command)).parameters
    hints = get_type_hints(Connection, include_extras=True)
    for name in Connection.__struct_fields__:
        (kind, shown), (declared, option) = get_args(expanded[name].annotation), get_args(hints[name])
        assert kind == declared
        assert vars(shown) == {**vars(option), "rich_help_panel": Connection.panel}


@pytest.mark.parametrize(("command", "most"), [(plan.command, 10), (reset.command, 10)])
def test_a_command_takes_groups_and_not_flags(command: Any, most: int) -> None:
    parameters = inspect.signature(command).parameters.values()
    assert len(parameters) <= most
    groups = {parameter.annotation for parameter in parameters}
    assert {Connection, Selection} <= groups
    assert any(inspect.isclass(group) and issubclass(group, InputFlags) for group in groups)
