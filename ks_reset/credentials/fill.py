"""The reverse of `redact`: replace digests by the credentials in the operator's own files."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from msgspec import Struct

from ks_reset.credentials.digests import DIGEST, Scalar, digest_of
from ks_reset.credentials.recorded import digest_fields
from ks_reset.credentials.redact import FLAG, USERINFO, redact_object
from ks_reset.credentials.vault import Vault
from ks_reset.errors import NAME, Correction, ResetError, Usage
from ks_reset.external.helm_output import hide_values
from ks_reset.model import Body, Create, InstallChart

FROM_VAULT = Correction("", "--vault FILE --identity FILE")
OF_PLAN = (Correction("", "--values FILE"), Correction("", f"--join {NAME}=FILE"), FROM_VAULT)
"""The flags that give the files with credentials."""
Known = dict[str, Scalar]
"""Digest → credential."""
APART = ("metadata", "status", "apiVersion", "kind")
"""Fields set by the plan or by the API server."""


class Credentials(Struct, frozen=True):
    """Credentials for the actions of a plan. `known` are those in the values file and the kubeconfigs, by digest.

    `chart` are the bytes of the chart to install.
    """

    vault: Vault | None = None
    known: Known = {}
    chart: bytes = b""

    def __repr__(self) -> str:
        return "Credentials()"

    def fill(self, action: Create | InstallChart) -> Body:
        """The body to send, with all credentials. Raises Usage if one is in none of the files."""
        body = action.body if isinstance(action, Create) else action.values
        if not action.sealed:
            return body
        entry = self.vault.of(action) if self.vault else None
        full, missing = fill_digests(body, self.known)
        is_given = any(digest_fields(body)) and not missing
        if entry and not is_given:  # the approved values go first; the vault holds those of the former installation
            full = fill_from_vault(full, entry, action.kind.key)
            missing = list(digest_fields(full))
        if missing:
            raise Usage(
                f"{action.target} needs {', '.join(missing)}, of which the plan holds a digest alone. Give the files "
                "that the plan was made with, unchanged: --values, --join, or --vault and --identity.",
                *OF_PLAN,
            )
        if entry is None and not any(digest_fields(body)):
            raise Usage(
                f"{action.target} needs what is in the vault that the plan was made with: --vault and --identity.",
                FROM_VAULT,
            )
        return full


@contextmanager
def hiding_credentials(planned: Create, sent: Create) -> Iterator[None]:
    """Hide filled-in credentials in any error raised inside: API servers quote the fields they reject."""
    try:
        yield
    except ResetError as error:
        secrets = filled_in_texts(sent.body, planned.body)
        error.args = (hide_values(str(error), {"": secrets}), *error.args[1:])
        raise


def credentials_by_digest(*values: Any) -> Known:
    """Every text and number in these values, and each part of a text examined by `redact`, by digest.

    A number is known by the digest of its text too: a file may quote it or not.
    """
    known: Known = {}
    for scalar in (scalar for value in values for scalar in _all_scalars(value)):
        known[digest_of(scalar)] = scalar
        for part in _credential_parts(str(scalar)):
            known.setdefault(digest_of(part), part)
    return known


def fill_digests(body: Body, by: Known) -> tuple[Body, list[str]]:
    """The object with digests replaced by credentials, and the paths of fields whose digest is not in `by`."""
    full: Body = _fill_value(body, by)
    return full, list(digest_fields(full))


def fill_from_vault(body: Body, kept: Body, key: str = "") -> Body:
    """The planned object, completed from its copy in the vault.

    Digests and missing credentials are filled in, and so are missing top-level fields, such as the data of a Secret
    listed without it. All other fields stay as planned. `key` is the `Kind.key` of the object.
    """
    full, _ = fill_digests(body, credentials_by_digest(kept))
    hidden = redact_object(kept, key)
    filled = {k: _fill_from_kept(v, kept.get(k), hidden.get(k), more=k not in APART) for k, v in full.items()}
    return filled | {k: v for k, v in kept.items() if k not in filled and k not in APART}


def _fill_from_kept(planned: Any, kept: Any, hidden: Any, *, more: bool) -> Any:
    """A field filled from its kept value; `hidden` is that value redacted, `more` adds credentials not in the plan."""
    if isinstance(planned, dict) and isinstance(kept, dict):
        filled = {k: _fill_from_kept(v, kept.get(k), hidden.get(k), more=more) for k, v in planned.items()}
        missing = {k: v for k, v in kept.items() if k not in planned and isinstance(v, Scalar) and hidden[k] != v}
        return filled | missing if more else filled
    is_digest = isinstance(planned, str) and isinstance(kept, Scalar) and bool(list(digest_fields(planned)))
    return kept if is_digest else planned


def filled_in_texts(full: Body, planned: Body) -> list[str]:
    """The texts in the filled object but not in the planned one, sorted."""
    return sorted(set(map(str, _all_scalars(full))) - set(map(str, _all_scalars(planned))))


def _fill_value(value: Any, by: Known) -> Any:
    if isinstance(value, dict):
        return {k: _fill_value(v, by) for k, v in value.items()}
    if isinstance(value, list):
        return [_fill_value(v, by) for v in value]
    if not isinstance(value, str):
        return value
    return by[value] if value in by else DIGEST.sub(lambda match: str(by.get(match[0], match[0])), value)


def _all_scalars(value: Any) -> Iterable[Scalar]:
    if isinstance(value, Scalar) and not isinstance(value, bool):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _all_scalars(inner)


def _credential_parts(text: str) -> Iterable[str]:
    yield text
    yield from USERINFO.findall(text)
    if flag := FLAG.match(text):
        yield flag[2]
