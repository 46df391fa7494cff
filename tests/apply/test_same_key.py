"""A plan with digests of another key is refused until that key is brought by the command of the message."""

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from msgspec import structs

from ks_reset.apply.preflight import _require_same_key
from ks_reset.credentials import digests
from ks_reset.errors import Stale
from ks_reset.model import Create, Kind, Options
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from tests.build import action, facts

SECRET = Kind("", "v1", "Secret", "secrets", True)


def use_state(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a new process with this state directory."""
    monkeypatch.setenv("KS_RESET_STATE", str(folder))
    monkeypatch.setattr(digests, "_in_use", None)


def test_the_command_that_brings_the_key_is_typed_and_the_plan_is_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    use_state(tmp_path / "theirs", monkeypatch)
    sealed = action(Create, "uid-of-host", SECRET, "s", body={"data": {"p": digests.digest_of("x")}})
    plan = planning.make_plan(playbooks.load_playbook("uninstall"), facts([]), Options())
    plan = structs.replace(plan, actions=(sealed,), key=digests.current_key().id)
    _require_same_key(plan)
    use_state(tmp_path / "ours", monkeypatch)
    with pytest.raises(Stale, match="made with another key than the one in this state directory") as stale:
        _require_same_key(plan)
    command = str(stale.value).partition("Bring its file ")[2].partition(": ")[2].partition(". Then")[0]
    shutil.copy(tmp_path / "theirs" / digests.FILE, digests.FILE)
    subprocess.run(shlex.split(command), check=True)
    use_state(tmp_path / "other-state", monkeypatch)
    _require_same_key(plan)
