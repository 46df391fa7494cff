"""The journal has how a run ended early: the reason, and the exit code of the command."""

from pathlib import Path

import pytest

from ks_reset.apply.run import _noting_early_end
from ks_reset.errors import Denied, Forbidden, Refused, Stopped, Unknown
from ks_reset.journal import Journal, journal_entries


@pytest.mark.parametrize(
    ("error", "raised", "code"),
    [
        (Unknown("It got no answer."), Stopped, 7),
        (Stopped("A member was left behind."), Stopped, 7),
        (Refused("A guard said no."), Refused, 4),
        (Denied("A webhook denied the request."), Refused, 4),
        (Forbidden("The permission is gone."), Refused, 4),
        (KeyboardInterrupt(), KeyboardInterrupt, 130),
        (ValueError("a defect"), ValueError, 1),
    ],
)
def test_the_exit_code_of_an_early_end_is_in_the_journal(
    error: BaseException, raised: type[BaseException], code: int, tmp_path: Path
) -> None:
    with Journal(tmp_path / "run") as journal, pytest.raises(raised), _noting_early_end(journal):
        raise error
    (entry,) = journal_entries(journal.folder)
    assert (entry["event"], entry["exit"]) == ("stopped", code)
    assert str(error) in entry["why"]
