"""Titles of objects as a person reads them."""

import re

GROUP = re.compile(r"\b([A-Z]\w*)\.[a-z0-9.-]*[a-z0-9](?= \S)")
ANEW = re.compile(r" \(UID \S+\+\d+\)")


def without_api_groups(text: str) -> str:
    """The text without API groups of titles and without UIDs from the simulation."""
    return ANEW.sub(" (the one made anew)", GROUP.sub(r"\1", text))
