"""The stand-in for the chart ks-core as an archive, the same bytes every time."""

import gzip
import io
import tarfile
from pathlib import Path

CHART = Path(__file__).parent / "chart" / "ks-core"


def package(types: str = "", **more: str) -> bytes:
    """The chart as .tgz; `more` are templates besides its own, by name without .yaml, `types` CRDs in place of its."""
    files = {
        path.relative_to(CHART.parent).as_posix(): path.read_bytes() for path in CHART.rglob("*") if path.is_file()
    }
    files |= {f"{CHART.name}/templates/{name}.yaml": text.encode() for name, text in more.items()}
    files |= {f"{CHART.name}/crds/crds.yaml": types.encode()} if types else {}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return gzip.compress(packed.getvalue(), mtime=0)
