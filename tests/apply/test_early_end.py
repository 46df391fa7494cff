"""The journal has how a run ended early: the reason, and the exit code of the command."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ks_reset.apply.run import _noting_early_end, _require_all_done
from ks_reset.errors import Denied, Exit, Forbidden, Refused, ResetError, Retry, Stopped, Unknown
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


@pytest.mark.parametrize(
    ("error", "code"), [(Retry("no answer"), Exit.RESUMABLE), (Denied("A policy denied the request."), Exit.REFUSED)]
)
def test_a_member_that_refuses_is_no_interruption_of_the_run(error: ResetError, code: Exit) -> None:
    run: Any = SimpleNamespace(lost={"uid-of-eu": error}, cluster_facts=lambda _: SimpleNamespace(name="eu"))
    with pytest.raises(ResetError, match="Left behind: eu") as raised:
        _require_all_done(run)
    assert raised.value.exit == code
    settled = "When this is settled" if code == Exit.REFUSED else "Once each of these answers"
    assert f"{settled}, run the same command again to continue." in str(raised.value)
