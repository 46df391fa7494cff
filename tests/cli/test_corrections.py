"""The words of a call with one correction."""

import pytest

from ks_reset.cli.corrections import corrected_call
from ks_reset.errors import SAME_CALL, Correction

CALL = "ks-reset plan uninstall --only 'a,my b' --member eu=eu-admni --out 'my plan.json' --yes"


@pytest.mark.parametrize(
    ("given", "then", "old", "new"),
    [
        ("--only a", "", "'a,my b'", "'my b'"),
        ("--only", "", " --only 'a,my b'", ""),
        ("--only a,my b", "--only c", "'a,my b'", "c"),
        ("eu-admni", "eu-admin", "eu-admni", "eu-admin"),
        ("my plan.json", "FILE", "'my plan.json'", "FILE"),
        ("--yes", "", " --yes", ""),
        ("--later us", "--later NAME", "--yes", "--yes --later NAME"),
        ("", "--vault FILE --identity FILE", "--yes", "--yes --vault FILE --identity FILE"),
        *(
            (*Correction("", "KS_RESET_STATE=FOLDER"), "ks-reset", "KS_RESET_STATE=FOLDER ks-reset"),
            (*SAME_CALL, "", ""),
        ),
    ],
)
def test_a_correction_changes_the_words_that_it_names_alone(given: str, then: str, old: str, new: str) -> None:
    assert corrected_call(CALL, Correction(given, then)) == CALL.replace(old, new, 1)


def test_a_value_that_the_call_does_not_have_cannot_be_corrected() -> None:
    assert corrected_call(CALL, Correction("other.json", "FILE")) == ""
    assert corrected_call(CALL, Correction("--later us", "")) == ""
