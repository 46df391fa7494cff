"""The reverse of `redact`: replace digests by the credentials in the operator's own files."""

import re
from collections.abc import Iterable
from typing import Any

from ks_reset.credentials.recorded import unrecorded
from ks_reset.credentials.redact import FLAG, USERINFO, digest, redact
from ks_reset.model import Body

Known = dict[str, str]
"""Digest → credential."""
APART = ("metadata", "status", "apiVersion", "kind")
"""Fields set by the plan or by the API server."""
DIGEST = re.compile(r"sha256:[0-9a-f]{16}(?![0-9a-f])")


def known(*values: Any) -> Known:
    """Every string in these values, and each part of them examined by `redact`, by digest."""
    return {digest(part): part for value in values for text in _all_strings(value) for part in _credential_parts(text)}


def whole(body: Body, by: Known) -> tuple[Body, list[str]]:
    """The object with digests replaced by credentials, and the paths of fields whose digest is not in `by`."""
    full: Body = _fill_value(body, by)
    return full, list(unrecorded(full))


def restored(body: Body, kept: Body) -> Body:
    """The planned object, completed from its copy in the vault.

    Digests and missing credentials are filled in, and so are missing top-level fields, such as the data of a Secret
    listed without it. All other fields stay as planned.
    """
    full, _ = whole(body, known(kept))
    hidden = redact(kept)
    filled = {k: _fill_from_kept(v, kept.get(k), hidden.get(k), more=k not in APART) for k, v in full.items()}
    return filled | {k: v for k, v in kept.items() if k not in filled and k not in APART}


def _fill_from_kept(planned: Any, kept: Any, hidden: Any, *, more: bool) -> Any:
    """A field filled from its kept value; `hidden` is that value redacted, `more` adds credentials not in the plan."""
    if isinstance(planned, dict) and isinstance(kept, dict):
        filled = {k: _fill_from_kept(v, kept.get(k), hidden.get(k), more=more) for k, v in planned.items()}
        missing = {k: v for k, v in kept.items() if k not in planned and isinstance(v, str) and hidden[k] != v}
        return filled | missing if more else filled
    is_digest = isinstance(planned, str) and isinstance(kept, str) and bool(list(unrecorded(planned)))
    return kept if is_digest else planned


def added(full: Body, planned: Body) -> list[str]:
    """The texts in the filled object but not in the planned one, sorted."""
    return sorted(set(_all_strings(full)) - set(_all_strings(planned)))


def _fill_value(value: Any, by: Known) -> Any:
    if isinstance(value, dict):
        return {k: _fill_value(v, by) for k, v in value.items()}
    if isinstance(value, list):
        return [_fill_value(v, by) for v in value]
    return DIGEST.sub(lambda match: by.get(match[0], match[0]), value) if isinstance(value, str) else value


def _all_strings(value: Any) -> Iterable[str]:
    if isinstance(value, str | int | float):
        yield str(value)
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _all_strings(inner)


def _credential_parts(text: str) -> Iterable[str]:
    yield text
    yield from USERINFO.findall(text)
    if (flag := FLAG.match(text)) and flag[0] != flag[1]:
        yield text[len(flag[1]) + 1 :]
