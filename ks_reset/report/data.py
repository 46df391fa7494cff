"""The data in KubeSphere's namespaces, and what users' namespaces will be without: one line a claim or a subject."""

from collections.abc import Iterable

from ks_reset.model import Plan, StoredData

SHOWN = 3
"""So many objects are named without -v; the JSON of the plan has them all."""
FATES = {
    "goes": "goes with its claim (--delete-data)",
    "kept": "its volume stays (policy Retain)",
    "stays": "stays in its namespace",
}


def data_lines(plan: Plan) -> Iterable[str]:
    """A heading and a line for each claim; nothing without one."""
    if plan.data:
        yield "Data in KubeSphere's namespaces:"
    for data in plan.data:
        fate = f"{FATES[data.fate]}{_way_out(data)}"
        yield f"  {data.claim} on {data.cluster}: {_volume_words(data)}: {data.holds}; {fate}"


def without_lines(plan: Plan, verbose: bool) -> Iterable[str]:
    """A heading and a line for each subject, with `verbose` one for each object; nothing without one."""
    if plan.without:
        yield "After this, users' namespaces will be without:"
    for lost in plan.without:
        yield f"  {lost.what} on {lost.cluster}: {lost.count}; {lost.then}"
        shown = lost.objects if verbose or lost.count <= SHOWN else ()
        yield from (f"    {name}" for name in shown)


def _volume_words(data: StoredData) -> str:
    storage = f", StorageClass {data.storage_class}" if data.storage_class else ""
    return f"{data.size}{storage}" + (f", volume {data.volume}" if data.volume else ", no volume")


def _way_out(data: StoredData) -> str:
    return f". To keep it without its claim, before you apply: {data.keep}" if data.fate == "goes" and data.keep else ""
