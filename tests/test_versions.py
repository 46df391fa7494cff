"""One function reads every version."""

import pytest

from ks_reset.model import version_number


@pytest.mark.parametrize(
    ("version", "number"),
    [("3.10.0", (3, 10, 0)), ("v3.3.1-patch.0", (3, 3, 1)), ("4", (4,)), ("nightly", ()), ("", ()), ("v3.x", ())],
)
def test_a_version_is_read_as_numbers(version: str, number: tuple[int, ...]) -> None:
    assert version_number(version) == number
