"""Quantities of Kubernetes as numbers: every suffix, each form of a number, and text that is no quantity."""

from decimal import Decimal

import pytest

from ks_reset.findings.install.quantities import parse_quantity


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(
            (f"2{suffix}", Decimal(2) * 1024**power)
            for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), 1)
        ),
        *((f"2{suffix}", Decimal(2) * 1000**power) for power, suffix in enumerate(("", "k", "M", "G", "T", "P", "E"))),
        ("250m", Decimal("0.25")),
        ("3u", Decimal("0.000003")),
        ("4n", Decimal("0.000000004")),
        ("1e3", Decimal(1000)),
        ("1E3", Decimal(1000)),
        ("12e-2", Decimal("0.12")),
        ("1.5Gi", Decimal(1536) * 1024**2),
        ("1.", Decimal(1)),
        (".5", Decimal("0.5")),
        ("+1", Decimal(1)),
        ("-1k", Decimal(-1000)),
        ("32886792Ki", Decimal(32886792) * 1024),
    ],
)
def test_a_quantity_is_its_number_times_its_suffix(text: str, value: Decimal) -> None:
    assert parse_quantity(text) == value


@pytest.mark.parametrize(
    "text", ["", "m", "1 Gi", "1gi", "1K", "1ki", "1mi", "1Gi ", "1e", "1e1.5", "0x10", "1.2.3", "\u0661"]
)
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a quantity|has the suffix"):
        parse_quantity(text)
