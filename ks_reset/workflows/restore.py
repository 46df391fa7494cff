"""The objects changed and deleted by a run, read from its folder in the state directory."""

from pathlib import Path

from msgspec import structs

from ks_reset import facts as reading
from ks_reset.credentials.vault import Vault
from ks_reset.errors import Usage
from ks_reset.facts.past import of_run
from ks_reset.journal import entries, plan_of_run
from ks_reset.local import state_dir
from ks_reset.model import BeforeImage, Memory


def images_of_run(run: str, vault: Vault | None) -> tuple[BeforeImage, ...]:
    """The objects changed and deleted by a run, by the name of its folder or its path.

    Objects in the vault are marked as sealed. Raises Usage if there is no such run, or it read nothing.
    """
    runs = state_dir() / "runs"
    folder = next((f for f in (runs / run, Path(run)) if (f / "plan.json").is_file()), None)
    if folder is None:
        known = sorted(f.name for f in runs.glob("*") if (f / "plan.json").is_file())
        raise Usage(f"There is no run {run}. There are: {', '.join(known) or 'none'}; or give the path of a folder.")
    before = folder / "before.json.gz"
    if not before.is_file():
        raise Usage(f"The run {run} was stopped before it had read anything: there is nothing to give back.")
    found = of_run(plan_of_run(folder), reading.load(before), entries(folder))
    return tuple(_sealed_if_in_vault(each, vault) for each in found)


def memory_with_vault(memory: Memory, vault: Vault | None) -> Memory:
    """The memory; its objects in the vault are marked as sealed."""
    return structs.replace(memory, objects=tuple(_sealed_if_in_vault(each, vault) for each in memory.objects))


def _sealed_if_in_vault(each: BeforeImage, vault: Vault | None) -> BeforeImage:
    held = vault is not None and each.deed == "delete" and vault.of(each) is not None
    return structs.replace(each, why="", sealed=True) if held else each
