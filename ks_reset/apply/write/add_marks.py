"""add-marks: add entries to the metadata of the object that was read."""

from collections.abc import Sequence

from ks_reset.apply.context import RunContext
from ks_reset.apply.write.json_patch import operations_to_add
from ks_reset.apply.write.patches import write_patches
from ks_reset.model import AddMarks


def write_additions(run: RunContext, actions: Sequence[AddMarks]) -> None:
    """Raises what `write_object` and `wait_settled` raise."""
    write_patches(run, actions, lambda action, now: operations_to_add(now, action.marks))
