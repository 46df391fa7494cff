"""The command `protect`: which gaps in the facts stop it."""

import pytest

from ks_reset.cli.protect import gap_concerns
from ks_reset.model import Gap

API = "admissionregistration.k8s.io"


@pytest.mark.parametrize("what", ["API group /v1", f"API group {API}/v1", "list of namespaces"])
def test_unread_seatbelt_types_stop_the_command(what: str) -> None:
    assert gap_concerns(Gap(what, ""), {"", API})
    assert not gap_concerns(Gap("API group metrics.k8s.io/v1beta1", ""), {"", API})
