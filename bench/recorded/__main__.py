"""Uninstall a recorded installation from a real control plane, and compare every object with the recording.

    python -m bench.recorded [--kubernetes 1.24.17] [--keep FOLDER] [--ledger OTHER.jsonl.gz] FILE.jsonl.gz [-- FLAGS]
    python -m bench.recorded --again FILE.jsonl.gz [-- FLAGS]
    python -m bench.recorded --instead SCRIPT [--minutes 15] FILE.jsonl.gz

FLAGS are those of `ks-reset plan uninstall`. With --again, the vendor's objects are created again after the uninstall,
as the reinstall does, and uninstalled once more. With --instead, a script of the operator's takes KubeSphere off, such
as the vendor's own; it finds kubectl, helm and the cluster by PATH and KUBECONFIG.

Prints each command with its exit code, and the titles of the objects by verdict. Exits 1 if an object of the vendor's
is left, or one of a user's is gone, replaced or changed. The pods are reported as running, and no program runs in
them: an aggregated API gives no answer, and doctor exits 5.
"""

import argparse
import sys
import tempfile
import threading
import time
from itertools import pairwise
from pathlib import Path

from bench.recorded.commands import run_script, uninstall
from bench.recorded.judge import BAD, MARKED, UNKNOWN, compare, look
from bench.recorded.load import SETTLE_SECONDS, Loaded, run_pods
from bench.recorded.reinstall import reinstall
from bench.recorded.releases import record_releases
from bench.recorded.world import Row, read_world
from ks_reset.cluster import Client
from ks_reset.rehearsal.plane.plane import Plane
from ks_reset.rehearsal.programs import binaries

PRINTED = (*BAD, UNKNOWN, MARKED)


def main() -> int:
    given = _arguments()
    rows, programs = read_world(given.file, given.ledger), binaries.control_plane(given.kubernetes, print)
    with tempfile.TemporaryDirectory() as folder, Plane.start("host", programs, Path(folder)) as plane:
        over = threading.Event()
        threading.Thread(target=run_pods, args=(plane.cluster, over), daemon=True).start()
        loaded = _load(plane.cluster, rows)
        clean = _take_off(plane, given.keep or Path(folder), given, rows)
        if given.again:
            clean = _reinstall(plane.cluster, rows, loaded) and clean
            clean = _take_off(plane, given.keep or Path(folder), given, rows) and clean
        over.set()
    return not clean


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--kubernetes", default="1.24.17")
    parser.add_argument("--keep", type=Path, help="keep plan, journal and log in this folder")
    parser.add_argument("--ledger", type=Path, help="another recording of the same version, which says whose is what")
    parser.add_argument("--again", action="store_true", help="install again, and uninstall once more")
    parser.add_argument("--instead", type=Path, metavar="SCRIPT", help="run this script instead of ks-reset")
    parser.add_argument("--minutes", type=float, default=15, help="end the script after this time")
    parser.add_argument("flags", nargs="*", help="flags of ks-reset plan uninstall, after --")
    given = parser.parse_args()
    if given.instead and not given.instead.is_file():
        parser.error(f"there is no file {given.instead}")
    return given


def _load(client: Client, rows: list[Row]) -> Loaded:
    loaded = Loaded()
    loaded.load(client, rows)
    print(f"{len(loaded.uids)} of {len(rows)} objects created", *_told(loaded.refused), sep="\n  ", flush=True)
    print(f"{record_releases(client, rows)} records of helm releases filled in", flush=True)
    time.sleep(SETTLE_SECONDS)
    return loaded


def _take_off(plane: Plane, folder: Path, given: argparse.Namespace, rows: list[Row]) -> bool:
    """Take KubeSphere off and print the verdicts; False if a command failed or a verdict is bad."""
    before = look(plane.cluster, rows)
    print(f"{sum(row.title in before and row.whose == 'vendor' for row in rows)} objects of the vendor's", flush=True)
    if given.instead:
        done = run_script(plane, folder, given.instead, given.minutes)
        time.sleep(SETTLE_SECONDS)
    else:
        done = uninstall(plane, folder, given.flags)
    verdicts = compare(before, look(plane.cluster, rows), rows, _given_up(given.flags))
    for verdict, titles in verdicts.items():
        print(f"{verdict}: {len(titles)}", *(titles if verdict in PRINTED else ()), sep="\n  ", flush=True)
    return done and not any(verdicts[verdict] for verdict in BAD)


def _reinstall(client: Client, rows: list[Row], loaded: Loaded) -> bool:
    """Create the vendor's objects again; False if one is in the way, or an object of somebody else changes."""
    before = look(client, rows)
    done = reinstall(client, rows, loaded)
    record_releases(client, rows)
    time.sleep(SETTLE_SECONDS)
    verdicts = compare(before, look(client, rows), rows)
    print(f"installed again: {done.created} created", f"there already: {len(done.kept)}", sep="\n", flush=True)
    print(f"in the way: {len(done.refused)}", *_told(done.refused), sep="\n  ", flush=True)
    harmed = [title for verdict in BAD[1:] for title in verdicts[verdict]]
    print(f"gone, replaced or changed, not of the vendor: {len(harmed)}", *harmed, sep="\n  ", flush=True)
    return not done.refused and not harmed


def _given_up(flags: list[str]) -> set[str]:
    """The titles of the objects after `--discard`."""
    return {value.replace("/", " ", 1) for flag, value in pairwise(flags) if flag == "--discard"}


def _told(refused: dict[str, str]) -> list[str]:
    return [f"{title}: {why[:200]}" for title, why in sorted(refused.items())]


if __name__ == "__main__":
    sys.exit(main())
