"""The way back from `redact`: digests are replaced by the credentials that an operator's own files hold."""

import re
from collections.abc import Iterable
from typing import Any

from ks_reset.credentials.recorded import unrecorded
from ks_reset.credentials.redact import FLAG, USERINFO, digest, redact
from ks_reset.model import Body

Known = dict[str, str]
"""Digest → credential."""
APART = ("metadata", "status", "apiVersion", "kind")
"""Fields that a plan decides, or the API server."""
DIGEST = re.compile(r"sha256:[0-9a-f]{16}(?![0-9a-f])")


def known(*values: Any) -> Known:
    """Every string in these values, and the parts of them that `redact` looks at, by digest."""
    return {digest(part): part for value in values for text in _strings(value) for part in _parts(text)}


def whole(body: Body, by: Known) -> tuple[Body, list[str]]:
    """The object with credentials in it again, and the fields of which nobody knows what was there."""
    full: Body = _whole(body, by)
    return full, list(unrecorded(full))


def restored(body: Body, kept: Body) -> Body:
    """The object with what was kept of it elsewhere: credentials that it has as digests, or lacks, and whole fields
    that it lacks, as a Secret does that was listed without its data. What it says otherwise stays as planned."""
    full, _ = whole(body, known(kept))
    hidden = redact(kept)
    made = {k: _restored(v, kept.get(k), hidden.get(k), more=k not in APART) for k, v in full.items()}
    return made | {k: v for k, v in kept.items() if k not in made and k not in APART}


def _restored(there: Any, kept: Any, hidden: Any, *, more: bool) -> Any:
    if isinstance(there, dict) and isinstance(kept, dict):
        made = {k: _restored(v, kept.get(k), hidden.get(k), more=more) for k, v in there.items()}
        lacking = {k: v for k, v in kept.items() if k not in there and isinstance(v, str) and hidden[k] != v}
        return made | lacking if more else made
    lost = isinstance(there, str) and isinstance(kept, str) and bool(list(unrecorded(there)))
    return kept if lost else there


def added(full: Body, planned: Body) -> list[str]:
    """The texts in an object that the plan does not have of it: what was filled in."""
    return sorted(set(_strings(full)) - set(_strings(planned)))


def _whole(value: Any, by: Known) -> Any:
    if isinstance(value, dict):
        return {k: _whole(v, by) for k, v in value.items()}
    if isinstance(value, list):
        return [_whole(v, by) for v in value]
    return DIGEST.sub(lambda found: by.get(found[0], found[0]), value) if isinstance(value, str) else value


def _strings(value: Any) -> Iterable[str]:
    if isinstance(value, str | int | float):
        yield str(value)
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


def _parts(text: str) -> Iterable[str]:
    yield text
    yield from USERINFO.findall(text)
    if (flag := FLAG.match(text)) and flag[0] != flag[1]:
        yield text[len(flag[1]) + 1 :]
