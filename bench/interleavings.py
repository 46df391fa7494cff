"""The number of states of each small world, and the time for visiting all of them.

    python -m bench.interleavings

Prints a table in Markdown. Times are of one run on one core, for comparison with each other only.
"""

import time

from ks_reset.plan import playbook as playbooks
from ks_reset.simulation import State
from tests.interleavings.outlook import Outlooks
from tests.interleavings.people import afterwards, meanwhile
from tests.interleavings.search import Extra, explore, losses
from tests.interleavings.small import Small
from tests.interleavings.tool import Defences, Tool

HEALTHY = Small(kubefed=True, stale=False)
RUNS: tuple[tuple[str, str, Small, Extra | None], ...] = (
    ("uninstall", "healthy, controllers running", HEALTHY, afterwards),
    ("uninstall", "two records, kubefed stopped", Small(), None),
    ("uninstall", "a dying Workspace", Small(manager=False, stale=False, workspace="dying"), afterwards),
    ("uninstall", "an owner that is gone", Small(manager=False, stale=False, workspace="gone"), afterwards),
    ("uninstall", "everything started by somebody at any moment", Small(stale=False), meanwhile),
    ("stale-record", "two records, kubefed stopped", Small(), None),
    ("stale-record", "two records, kubefed running", Small(kubefed=True, filled=False, everywhere=True), None),
    ("defuse", "a dying Workspace", Small(manager=False, workspace="dying"), afterwards),
    ("defuse", "an owner that is gone", Small(manager=False, workspace="gone"), afterwards),
)


def main() -> None:
    print("| playbook | world | seatbelt | states | seconds | lost |\n| --- | --- | --- | --- | --- | --- |")
    for name, title, small, extra in RUNS:
        for belt in (True, False):
            facts, begun = small.facts(), time.perf_counter()
            tool = Tool(playbooks.load_playbook(name), Outlooks(facts), Defences(belt=belt))
            seen = explore(tool, State.of(facts), extra=extra)
            spent, on = time.perf_counter() - begun, "on" if belt else "off"
            print(f"| {name} | {title} | {on} | {seen.states} | {spent:.1f} | {seen.lost or 'nothing'} |")
            assert seen.whole
    lost, states = losses(State.of(Small(kubefed=True).facts()))
    print(f"| none | two records, kubefed running | off | {states} | | {len(lost)} objects |")


if __name__ == "__main__":
    main()
