"""Uninstall a recorded installation from a real control plane, and compare every object with the recording.

    python -m bench.recorded [--kubernetes 1.24.17] [--keep FOLDER] FILE.jsonl.gz [-- FLAGS OF PLAN UNINSTALL]

Prints each command with its exit code, and the titles of the objects by verdict. Exits 1 if an object of the vendor's
is left, or one of a user's is gone, replaced or changed. The pods are reported as running, and no program runs in
them: an aggregated API gives no answer, and doctor exits 5.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from bench.recorded.judge import BAD, compare, look
from bench.recorded.load import SETTLE_SECONDS, Loaded, run_pods
from bench.recorded.world import read_world
from ks_reset.rehearsal.plane.plane import Plane
from ks_reset.rehearsal.programs import binaries

TAIL = 4000


def main() -> int:
    given = _arguments()
    rows, programs = read_world(given.file), binaries.control_plane(given.kubernetes, print)
    with tempfile.TemporaryDirectory() as folder, Plane.start("host", programs, Path(folder)) as plane:
        over, loaded = threading.Event(), Loaded()
        threading.Thread(target=run_pods, args=(plane.cluster, over), daemon=True).start()
        loaded.load(plane.cluster, rows)
        print(f"{len(loaded.uids)} of {len(rows)} objects created", *_told(loaded.refused), sep="\n  ", flush=True)
        time.sleep(SETTLE_SECONDS)
        before = look(plane.cluster, rows)
        state = given.keep or Path(folder)
        done = _uninstall(plane, state, given.flags)
        verdicts = compare(before, look(plane.cluster, rows), rows)
        over.set()
    for verdict, titles in verdicts.items():
        print(f"{verdict}: {len(titles)}", *(titles if verdict in BAD else ()), sep="\n  ")
    return not done or any(verdicts[verdict] for verdict in BAD)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--kubernetes", default="1.24.17")
    parser.add_argument("--keep", type=Path, help="keep plan and journal in this folder")
    parser.add_argument("flags", nargs="*", help="flags of ks-reset plan uninstall, after --")
    return parser.parse_args()


def _uninstall(plane: Plane, folder: Path, flags: list[str]) -> bool:
    plan = str(folder / "plan.json")
    lines = (
        (["doctor"], (0, 3, 5)),
        (["plan", "uninstall", "-o", plan, *flags], (3,)),
        (["apply", plan, "--yes"], (0,)),
        (["verify"], (0,)),
        (["plan", "uninstall", "-o", str(folder / "again.json"), *flags], (0,)),
    )
    return all(_is_expected(plane, folder, line, codes) for line, codes in lines)


def _is_expected(plane: Plane, folder: Path, line: list[str], codes: tuple[int, ...]) -> bool:
    begun = time.monotonic()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("KS_RESET_")} | {
        "KUBECONFIG": str(plane.kubeconfig), "KS_RESET_STATE": str(folder / "state"), "COLUMNS": "160",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "ks_reset", *line], env=environment, capture_output=True, text=True, check=False
    )
    print(f"$ ks-reset {' '.join(line)}: {done.returncode}, {time.monotonic() - begun:.0f} s", flush=True)
    if done.returncode not in codes:
        print(done.stdout[-TAIL:], done.stderr[-TAIL:], sep="\n", flush=True)
    return done.returncode in codes


def _told(refused: dict[str, str]) -> list[str]:
    return [f"not created: {title}: {why[:200]}" for title, why in sorted(refused.items())]


if __name__ == "__main__":
    sys.exit(main())
