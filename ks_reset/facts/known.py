"""The way back from `redact`: digests are replaced by the credentials that an operator's own files hold."""

import re
from collections.abc import Iterable
from typing import Any

from ks_reset.facts.image import unrecorded
from ks_reset.facts.redact import FLAG, USERINFO, digest
from ks_reset.model import Body

Known = dict[str, str]
"""Digest → credential."""
DIGEST = re.compile(r"sha256:[0-9a-f]{16}(?![0-9a-f])")


def known(*values: Any) -> Known:
    """Every string in these values, and the parts of them that `redact` looks at, by digest."""
    return {digest(part): part for value in values for text in _strings(value) for part in _parts(text)}


def whole(body: Body, by: Known) -> tuple[Body, list[str]]:
    """The object with credentials in it again, and the fields of which nobody knows what was there."""
    full: Body = _whole(body, by)
    return full, list(unrecorded(full))


def _whole(value: Any, by: Known) -> Any:
    if isinstance(value, dict):
        return {k: _whole(v, by) for k, v in value.items()}
    if isinstance(value, list):
        return [_whole(v, by) for v in value]
    return DIGEST.sub(lambda found: by.get(found[0], found[0]), value) if isinstance(value, str) else value


def _strings(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


def _parts(text: str) -> Iterable[str]:
    yield text
    yield from USERINFO.findall(text)
    if (flag := FLAG.match(text)) and flag[0] != flag[1]:
        yield text[len(flag[1]) + 1 :]
