"""Keyed digests: equal values have equal ones within one state directory, and nobody without its key can try guesses.

`hmac-sha256:`, 16 hex digits of HMAC-SHA256 over the value, and 8 over these: a value that only looks like a digest of
this key is told apart. The key lies in the state directory, mode 0600, and is never part of a snapshot or a plan.
"""

import hmac
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from ks_reset.local import private_folder, state_dir

PREFIX = "hmac-sha256:"
DIGEST = re.compile(r"hmac-sha256:[0-9a-f]{24}(?![0-9a-f])|(?<![-@\w])sha256:[0-9a-f]{16}(?![0-9a-f])")
"""A digest of any key, or of a version of ks-reset without a key."""
FILE = "digest.key"
LENGTH = 32
REMEMBERED = 200_000
"""Digests kept in memory: most values of a fleet are on many of its objects."""
Scalar = str | int | float


class DigestKey:
    """A key, and the digests made with it."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known: dict[str, str] = {}
        self.id = hmac.digest(key, b"identity of the key", "sha256").hex()[:16]

    def digest_of(self, text: str) -> str:
        """The digest of a text; a digest made with this key is returned unchanged."""
        known = self._known.get(text)
        if known is not None:
            return known
        made = text if self._is_own(text) else self._make_digest(text)
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        if len(text) <= 1024:
            self._known[text] = made
        return made

    def _make_digest(self, text: str) -> str:
        value = hmac.digest(self._key, text.encode(errors="surrogatepass"), "sha256").hex()[:16]
        return f"{PREFIX}{value}{self._check_digits(value)}"

    def _check_digits(self, value: str) -> str:
        return hmac.digest(self._key, b"check of " + value.encode(), "sha256").hex()[:8]

    def _is_own(self, text: str) -> bool:
        if not text.startswith(PREFIX) or not DIGEST.fullmatch(text):
            return False
        value, check = text[len(PREFIX) : -8], text[-8:]
        return hmac.compare_digest(check, self._check_digits(value))


_in_use: DigestKey | None = None
_originals: dict[str, Scalar] | None = None
_lock = Lock()


def use_key(key: bytes) -> None:
    """Use this key in place of the one in the state directory."""
    global _in_use
    _in_use = DigestKey(key)


def current_key() -> DigestKey:
    """The key of the state directory, made at the first call; one of this process alone if it cannot be kept there."""
    global _in_use
    if _in_use is None:
        with _lock:
            _in_use = _in_use or DigestKey(_kept_key(state_dir()))
    return _in_use


def digest_of(value: Scalar) -> str:
    """The digest of a text or a number; 5 and "5" have different ones."""
    return current_key().digest_of(value if isinstance(value, str) else f"\0{value!r}")


def has_digest(text: str) -> bool:
    """Whether a digest of any key is in a text."""
    return "sha256:" in text and DIGEST.search(text) is not None


def readable_text(value: object) -> str:
    """A text as read, to be shown to a person; "" for none, and for one that is hidden."""
    text = str(value or "").strip()
    return "" if has_digest(text) else text


@contextmanager
def noting_originals(into: dict[str, Scalar]) -> Iterator[None]:
    """Note each value that is replaced inside, by its digest; those with the name of a credential are left out."""
    global _originals
    _originals = into
    try:
        yield
    finally:
        _originals = None


def digest_and_note(value: Scalar) -> str:
    """The digest of a value. The value itself is noted for `noting_originals`."""
    made = digest_of(value)
    if _originals is not None:
        _originals[made] = value
    return made


def way_to_key() -> str:
    """What to do with digests of another key, as sentences."""
    return (
        f"Values are compared by digests, and only the key of that state directory makes them. Bring its file {FILE}: "
        f"install -D -m 600 {FILE} other-state/{FILE}. Then run the same command with KS_RESET_STATE=other-state."
    )


def _kept_key(folder: Path) -> bytes:
    """The key in the state directory. Two processes that make one at once both get the first."""
    path = folder / FILE
    if not folder.is_dir() and not os.environ.get("KS_RESET_STATE") and not Path.home().is_dir():
        return secrets.token_bytes(LENGTH)
    try:
        private_folder(folder)
        beside = path.with_name(f".{FILE}.{os.getpid()}.{secrets.token_hex(4)}")
        if not path.exists():
            beside.touch(0o600, exist_ok=False)
            beside.write_bytes(secrets.token_bytes(LENGTH))
            try:
                os.link(beside, path)
            except FileExistsError:
                pass
            finally:
                beside.unlink()
        kept = path.read_bytes()
    except OSError:
        kept = b""
    return kept if len(kept) == LENGTH else secrets.token_bytes(LENGTH)
