"""The CPU time of `ks-reset --help`, as a ratio to `python -c pass` in the same run.

    python -m bench.startup [--rounds 15]

Prints a table in Markdown. Each command is run in turn, so a slow moment of the machine meets all of them.
"""

import argparse
import resource
import subprocess
import sys
from statistics import median

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    'python -c "import typer, typer.rich_utils"': ["-c", "import typer, typer.rich_utils"],
    "ks-reset --help": ["-m", "ks_reset", "--help"],
    "ks-reset plan --help": ["-m", "ks_reset", "plan", "--help"],
}
"""Arguments of Python by what they are."""


def cpu_seconds(arguments: list[str]) -> float:
    """User and system time of one process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    spent: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds + 1):
        for name, arguments in COMMANDS.items():
            spent[name].append(cpu_seconds(arguments))
    medians = {name: median(times[1:]) for name, times in spent.items()}  # the first round fills the caches
    least = medians["python -c pass"]
    print("| command | CPU, in times of python -c pass |\n| --- | --- |")
    for name, seconds in medians.items():
        print(f"| `{name}` | {seconds / least:.1f} |")


if __name__ == "__main__":
    main()
