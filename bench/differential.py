"""Random worlds against real control planes, more than CI has time for.

    python -m bench.differential [--worlds 5000] [--kubernetes 1.34.4] [--seed 1]

Prints a line a batch; exits 1 if a loss was not predicted.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.differential.build import World
from tests.differential.compare import Tally, batch
from tests.differential.draw import drawn
from tests.differential.real import pair

BATCH, PAIR = 200, 2
"""Worlds of a batch, and batches of one pair of planes."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=5000)
    parser.add_argument("--kubernetes", default="1.34.4")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    tally, begun = Tally(), time.monotonic()
    for first in range(0, given.worlds, BATCH * PAIR):
        with tempfile.TemporaryDirectory() as folder, pair(given.kubernetes, Path(folder)) as planes:
            for start in range(first, min(given.worlds, first + BATCH * PAIR), BATCH):
                found = drawn(min(BATCH, given.worlds - start), given.seed + start // BATCH)
                seen = len(tally.missed)
                batch(planes, [World(start - first + index, one) for index, one in enumerate(found)], tally)
                print(*tally.missed[seen:], sep="\n", end="\n" * (len(tally.missed) > seen))
                print(f"{given.kubernetes}: {_line(tally)}, {time.monotonic() - begun:.0f} s", flush=True)
    return bool(tally.missed)


def _line(tally: Tally) -> str:
    told = f"{len(tally.missed)} of these not predicted, {tally.over} predicted and alive"
    return f"{tally.clusters} worlds, {tally.objects} objects, {tally.lost} lost, {told}"


if __name__ == "__main__":
    sys.exit(main())
