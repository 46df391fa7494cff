"""The commands of the command line as a tree: their words, and the flags that each takes."""

from typing import Any


def command_path(context: Any) -> list[str]:
    """The words of the command below ks-reset, however ks-reset was started."""
    return [*command_path(context.parent), context.info_name or ""] if context.parent else []


def flags_by_command(command: Any, path: str = "") -> dict[str, frozenset[str]]:
    """The flags of a command and those below it, by the words after ks-reset."""
    found = {path: frozenset(flag for parameter in command.params for flag in parameter.opts)}
    for name, inner in getattr(command, "commands", {}).items():
        found |= flags_by_command(inner, f"{path} {name}".strip())
    return found
