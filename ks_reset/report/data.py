"""The data in KubeSphere's namespaces, one line a claim: what it holds, and what becomes of it."""

from collections.abc import Iterable

from ks_reset.model import Plan, StoredData

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
        yield f"  {data.claim} on {data.cluster}: {_volume_words(data)}: {data.holds}; {FATES[data.fate]}{_way_out(data)}"


def _volume_words(data: StoredData) -> str:
    storage = f", StorageClass {data.storage_class}" if data.storage_class else ""
    return f"{data.size}{storage}" + (f", volume {data.volume}" if data.volume else ", no volume")


def _way_out(data: StoredData) -> str:
    return f". To keep it without its claim, before you apply: {data.keep}" if data.fate == "goes" and data.keep else ""
