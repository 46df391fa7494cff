"""Random tenants against real control planes with KubeSphere's stand-ins, more than CI has time for.

    python -m bench.tenants [--worlds 2000] [--kubernetes 1.34.4] [--releases 3.3.1,3.4.1,4.1.3] [--seed 1]

Prints a line a batch; exits 1 if a loss was not predicted.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.differential.tenants.build import World
from tests.differential.tenants.compare import WAYS, TenantTally, batch
from tests.differential.tenants.draw import drawn
from tests.differential.tenants.real import tenancy

BATCH, FLEET = 200, 4
"""Worlds of a batch, and batches of one fleet."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=2000)
    parser.add_argument("--kubernetes", default="1.34.4")
    parser.add_argument("--releases", default="3.3.1,3.4.1,4.1.3")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    releases, begun, missed = given.releases.split(","), time.monotonic(), []
    share = -(-given.worlds // len(releases))
    for release in releases:
        tally = TenantTally()
        for first in range(0, share, BATCH * FLEET):
            with tempfile.TemporaryDirectory() as folder, tenancy(release, given.kubernetes, Path(folder)) as fleet:
                for start in range(first, min(share, first + BATCH * FLEET), BATCH):
                    found = drawn(min(BATCH, share - start), given.seed + start)
                    worlds = [World(start + index, one) for index, one in enumerate(found)]
                    batch(fleet, worlds, tally, WAYS[(start // BATCH + given.seed) % len(WAYS)])
                    print(
                        f"{release} on {given.kubernetes}: {_line(tally)}, {time.monotonic() - begun:.0f} s", flush=True
                    )
        print(*tally.missed, *(f"over: {each}" for each in tally.overs), sep="\n", flush=True)
        missed += tally.missed
    return bool(missed)


def _line(tally: TenantTally) -> str:
    told = (
        f"{len(tally.missed)} of these not predicted, {tally.over} predicted and alive ({tally.certain} in any order)"
    )
    return f"{tally.clusters} worlds, {tally.objects} objects, {tally.lost} lost, {told}"


if __name__ == "__main__":
    sys.exit(main())
