"""Versions as numbers, to be compared."""


def version_number(version: str) -> tuple[int, ...]:
    """A version as numbers: `v3.3.1-patch.0` → `(3, 3, 1)`; `()` if it is not a version, such as `nightly`."""
    parts = version.removeprefix("v").partition("-")[0].split(".")
    return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else ()
