"""No namespace in deletion gets back the finalizer that makes Kubernetes delete what is inside."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ks_reset import facts as reading
from ks_reset.catalogue.names import NAMESPACE_KIND
from ks_reset.cli import app
from ks_reset.errors import Refused
from ks_reset.guards import GuardContext
from ks_reset.guards.not_emptied import guard
from ks_reset.model import Delete, Obj, RestoreFinalizer
from ks_reset.plan.file import load_plan
from tests.build import facts
from tests.commands import commands_in

WORLD = facts([]).host
RESTORE = RestoreFinalizer("restore-finalizers", WORLD.identity, NAMESPACE_KIND, "shop", uid="u")


def namespace(**meta: str) -> Obj:
    return Obj(NAMESPACE_KIND, {"metadata": {"name": "shop", "uid": "u", **meta}, "spec": {}})


def test_a_living_namespace_gets_it_back_and_one_in_deletion_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = GuardContext(WORLD, WORLD.identity, frozenset())
    guard(RESTORE, namespace(), site)
    gone = namespace(deletionTimestamp="2026-01-01T00:00:00Z")
    with pytest.raises(Refused, match=r"everything inside would be deleted.*namespaces/shop/finalize -f -") as refused:
        guard(RESTORE, gone, site)
    words = next(w for w in commands_in(str(refused.value)) if w[:2] == ["ks-reset", "plan"])
    reading.save_snapshot(facts([{"kind": "Namespace", **gone.body}]), tmp_path / "now.json")
    monkeypatch.chdir(tmp_path)
    typed = CliRunner().invoke(app, [*words[1:], "--snapshot", "now.json"], env={"KS_RESET_STATE": str(tmp_path)})
    assert typed.exit_code == 0, typed.output
    saved = load_plan(tmp_path / "repair.json").actions if (tmp_path / "repair.json").exists() else ()
    assert not [action for action in saved if isinstance(action, RestoreFinalizer)]
    guard(Delete("s", WORLD.identity, NAMESPACE_KIND, "shop", uid="u"), gone, site)
