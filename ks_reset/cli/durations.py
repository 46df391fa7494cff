"""Durations on the command line, as kubectl and helm take them: 300, 90s, 5m, 1h30m."""

import re

import typer

PARTS = re.compile(r"(?:(?P<h>\d+)h)?(?:(?P<m>\d+)m)?(?:(?P<s>\d+)s?)?", re.ASCII)
SECONDS = {"h": 3600, "m": 60, "s": 1}
LONGEST = 7 * 24 * 3600


def seconds_of(text: str | int) -> int:
    """The seconds of a duration; a number as it is. Raises BadParameter for another text, zero, or above a week."""
    if isinstance(text, int):
        return text  # the default of a flag
    parts = PARTS.fullmatch(text.strip())
    total = sum(int(value) * SECONDS[unit] for unit, value in parts.groupdict().items() if value) if parts else 0
    if not 0 < total <= LONGEST:
        raise typer.BadParameter(f"'{text}' is no duration, such as 300, 90s, 5m or 1h30m, between 1s and 168h.")
    return total
