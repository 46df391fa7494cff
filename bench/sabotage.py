"""The effect of each defence: wrong orders of each playbook, with one defence alone, and with one missing.

    python -m bench.sabotage [--orders 200]

Prints a table in Markdown. Losses are counted in the model, in the worst case of each moment.
"""

import argparse

from ks_reset.plan import playbook as playbooks
from tests.interleavings.outlook import Outlooks
from tests.interleavings.sabotage import ALL, NAMES, NONE, alone, lost, orders
from tests.interleavings.test_sabotage import DANGEROUS, SEED, WORLDS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=200)
    count = parser.parse_args().orders
    columns = [
        (name, list(orders(playbooks.load_playbook(name), count, SEED)), Outlooks(WORLDS[name].facts()))
        for name in DANGEROUS
    ]
    print(f"| defences | {' | '.join(f'{name}: alone | missing' for name in DANGEROUS)} |")
    print(f"| --- |{' --- | --- |' * len(DANGEROUS)}")
    for label, first, second in [("none at all / all", NONE, ALL)] + [(n, alone(n), ALL.without(n)) for n in NAMES]:
        cells = [
            str(sum(bool(lost(b, outlooks, d)) for b in books))
            for _, books, outlooks in columns
            for d in (first, second)
        ]
        print(f"| {label} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
