"""Where the playbooks and examples lie: inside an installed wheel, or beside the package in a checkout."""

from pathlib import Path


def folder(kind: str) -> Path:
    """The folder of `playbooks` or `examples`."""
    packaged = Path(__file__).parent / "_share" / kind
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / kind
