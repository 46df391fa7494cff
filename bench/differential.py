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

BATCH = 100


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=5000)
    parser.add_argument("--kubernetes", default="1.34.4")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    tally, begun = Tally(), time.monotonic()
    for number, start in enumerate(range(0, given.worlds, BATCH)):
        found = drawn(min(BATCH, given.worlds - start), given.seed + number)
        with tempfile.TemporaryDirectory() as folder, pair(given.kubernetes, Path(folder)) as planes:
            batch(planes, [World(index, one) for index, one in enumerate(found)], tally)
        print(
            f"{tally.clusters} worlds, {tally.objects} objects, {tally.lost} lost, {len(tally.missed)} of these not "
            f"predicted, {tally.over} predicted and alive, {time.monotonic() - begun:.0f} s",
            flush=True,
        )
    print(*tally.missed, sep="\n")
    return bool(tally.missed)


if __name__ == "__main__":
    sys.exit(main())
