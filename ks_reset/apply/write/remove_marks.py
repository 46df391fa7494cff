"""remove-marks: remove entries of the metadata, each tested."""

from collections.abc import Sequence

from ks_reset.apply.context import RunContext
from ks_reset.apply.write.json_patch import operations_to_remove
from ks_reset.apply.write.patches import write_patches
from ks_reset.model import RemoveMarks


def write_removals(run: RunContext, actions: Sequence[RemoveMarks]) -> None:
    """Raises what `write_object` and `wait_settled` raise."""
    write_patches(run, actions, lambda action, now: operations_to_remove(now, action.marks))
