"""Flags as fields: a command takes a group of flags as one parameter, and typer sees each flag.

A command with a format of its result, `output`, gets --out FILE too, unless it has a file of its own.
"""

import inspect
from collections.abc import Callable, Iterable
from copy import copy
from functools import wraps
from typing import Annotated, Any, ClassVar, get_args, get_type_hints

import typer
from msgspec import NODEFAULT, Struct, structs

from ks_reset.cli.out import Out, printed_to
from ks_reset.cli.way_on import complete_error, remember_call
from ks_reset.errors import ResetError
from ks_reset.language import ENGLISH, use_language

FOR_PROGRAMS = ("json", "yaml", "name", "sarif", "junit")
"""The formats that are English in every language: programs compare their texts."""
CONTEXT = "typed"
"""The parameter by which typer says what was typed."""


class FlagGroup(Struct, frozen=True):
    """Flags of several commands. Each field is a flag: `Annotated[type, flag(…)] = default`.

    `panel` is the title above them in a help.
    """

    panel: ClassVar[str] = ""


def flag(name: str, short: str = "", *, text: str, **more: Any) -> Any:
    """A flag with its twin in the environment: --gone-host and KS_RESET_GONE_HOST. The help names the rule once."""
    twin = "KS_RESET" + name.removeprefix("-").replace("-", "_").upper()
    names = (name, short) if short else (name,)
    return typer.Option(*names, envvar=twin, show_envvar=False, help=text, **more)


def expand_groups(command: Callable[..., None]) -> Callable[..., None]:
    """The command for typer: each parameter of a FlagGroup type is replaced by the fields of the group."""
    signature = inspect.signature(command, eval_str=True)
    if CONTEXT in signature.parameters:
        return command
    prints = "output" in signature.parameters and "out" not in signature.parameters
    groups = {p.name: p.annotation for p in signature.parameters.values() if _is_group(p.annotation)}

    @wraps(command)
    def call(*, typed: typer.Context, **values: Any) -> None:
        remember_call(typed)
        if str(values.get("output")) in FOR_PROGRAMS:
            use_language(ENGLISH)
        for name, group in groups.items():
            values[name] = group(**{field: values.pop(field) for field in group.__struct_fields__})
        try:
            with printed_to(values.pop("out") if prints else None):
                command(**values)
        except ResetError as error:
            complete_error(error)
            raise

    context = inspect.Parameter(CONTEXT, inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    out = [inspect.Parameter("out", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Out)] if prints else []
    parameters = [context, *(flag for p in signature.parameters.values() for flag in _expanded_parameters(p)), *out]
    call.__dict__["__signature__"] = signature.replace(parameters=parameters)
    call.__annotations__ = {p.name: p.annotation for p in parameters}
    return call


def _is_group(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, FlagGroup)


def _expanded_parameters(parameter: inspect.Parameter) -> Iterable[inspect.Parameter]:
    """The parameter, or one for each field of its group; all by keyword, as typer passes them."""
    if not _is_group(parameter.annotation):
        yield parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        return
    annotations = get_type_hints(parameter.annotation, include_extras=True)
    for field in structs.fields(parameter.annotation):
        default = field.default if field.default_factory is NODEFAULT else field.default_factory()
        annotation = _in_panel(annotations[field.name], parameter.annotation.panel)
        yield inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _in_panel(annotation: Any, title: str) -> Any:
    """The same flag below this title in the help."""
    kind, option = get_args(annotation)
    placed = copy(option)
    placed.rich_help_panel = title or None
    return Annotated[kind, placed]
