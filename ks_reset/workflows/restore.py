"""What a run changed and deleted, read from its folder in the state directory."""

from pathlib import Path

from msgspec import structs

from ks_reset import facts as reading
from ks_reset.credentials.vault import Vault
from ks_reset.errors import Usage
from ks_reset.facts.past import of_run
from ks_reset.journal import entries
from ks_reset.local import state_dir
from ks_reset.model import BeforeImage, Memory, Verb
from ks_reset.plan import make as planning


def past(run: str, vault: Vault | None) -> tuple[BeforeImage, ...]:
    """The past of a run, by the name of its folder, or its path. Raises Usage if there is no such run.

    What is in the vault can be given back whole.
    """
    runs = state_dir() / "runs"
    folder = next((f for f in (runs / run, Path(run)) if (f / "plan.json").is_file()), None)
    if folder is None:
        known = sorted(f.name for f in runs.glob("*") if (f / "plan.json").is_file())
        raise Usage(f"There is no run {run}. There are: {', '.join(known) or 'none'}; or give the path of a folder.")
    before = folder / "before.json.gz"
    if not before.is_file():
        raise Usage(f"The run {run} was stopped before it had read anything: there is nothing to give back.")
    found = of_run(planning.load(folder / "plan.json"), reading.load(before), entries(folder))
    return tuple(_sealed(each, vault) for each in found)


def with_vault(memory: Memory, vault: Vault | None) -> Memory:
    """The memory, with users' passwords and whatever else the vault holds of it."""
    return structs.replace(memory, objects=tuple(_sealed(each, vault) for each in memory.objects))


def _sealed(each: BeforeImage, vault: Vault | None) -> BeforeImage:
    held = vault is not None and each.deed is Verb.DELETE and vault.of(each) is not None
    return structs.replace(each, why="", sealed=True) if held else each
