"""Mutation tests of guards, seatbelt and simulation, of all mutants or of a random sample.

    python -m bench.mutants [--sample 800] [--seed 1] [--children 1]

With --sample every mutant of the guards, the seatbelt and the second selection is run, and that many of the simulation,
drawn from each of its files in proportion (ten at least). mutmut chooses the tests by function. A time-out is run once
more. Prints tables in Markdown and every survivor; a run with a larger sample continues the one in `mutants/`.
"""

import argparse
import json
import random
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from math import sqrt
from pathlib import Path

FOLDER, SKIPPED, MEMORY = Path("mutants"), 34, 4 << 30
STATUS = {0: "survived", 1: "killed", 3: "killed", 5: "no tests", 33: "no tests", -24: "timeout", 36: "timeout"}
"""The exit codes of mutmut 3 (mutmut/stats.py, status_by_exit_code)."""
GROUPS = {"guards": "guards", "seatbelt": "seatbelt", "catalogue": "seatbelt", "simulation": "simulation"}
SECOND, SAMPLED, LEAST = "findings, verify", "simulation", 10
Codes = dict[str, int | None]


def read_codes() -> dict[Path, Codes]:
    """The exit code of each mutant, by its source file: SKIPPED if not drawn, None if not run yet."""
    metas = sorted(FOLDER.rglob("*.meta"))
    found = {meta.relative_to(FOLDER): json.loads(meta.read_bytes())["exit_code_by_key"] for meta in metas}
    return {path.with_suffix(""): codes for path, codes in found.items() if codes}


def write_codes(path: Path, codes: Codes) -> None:
    meta = FOLDER / f"{path}.meta"
    meta.write_text(json.dumps(json.loads(meta.read_bytes()) | {"exit_code_by_key": codes}))


def group_of(path: Path) -> str:
    """The group of a source file: a package of the first selection, or the second selection."""
    return SECOND if path.parts[1] in ("findings", "verify") else GROUPS[path.parts[1]]


def draw(files: dict[Path, Codes], sample: int, seed: int) -> None:
    """Mark the mutants outside the sample as skipped; a larger sample of one seed contains the smaller one."""
    whole = sum(len(codes) for path, codes in files.items() if group_of(path) == SAMPLED)
    for path, codes in files.items():
        names = sorted(codes)
        random.Random(f"{seed} {FOLDER}/{path}.meta").shuffle(names)  # noqa: S311
        share = max(LEAST, -(-sample * len(names) // whole))
        drawn = set(names[:share] if sample and group_of(path) == SAMPLED else names)
        write_codes(path, {n: _marked(code, n in drawn) for n, code in codes.items()})


def _marked(code: int | None, is_drawn: bool) -> int | None:
    if is_drawn:
        return None if code == SKIPPED else code
    return SKIPPED if code is None else code


def counted(codes: Codes) -> Counter[str]:
    """How many mutants of a file ended how; those not drawn are left out."""
    return Counter(STATUS.get(code, "other") for code in codes.values() if code not in (None, SKIPPED))


def estimate(strata: Iterable[Codes]) -> tuple[float, float]:
    """The share of mutants killed or timed out, weighted by file, and half of its 95 % interval (0 if all were run)."""
    parts = [(len(codes), counted(codes)) for codes in strata]
    total, share, variance = sum(size for size, _ in parts), 0.0, 0.0
    for size, counts in parts:
        run = counts.total()
        killed = (counts["killed"] + counts["timeout"]) / run
        share += size / total * killed
        variance += (size / total) ** 2 * (1 - run / size) * killed * (1 - killed) / max(run - 1, 1)
    return share, 1.96 * sqrt(variance)


def table(title: str, rows: dict[str, list[Codes]]) -> None:
    """Print a row for each group of files: mutants, those run, how they ended, and the share killed."""
    print(f"| {title} | mutants | run | killed | time-out | no tests | survived | killed, % |\n|{' --- |' * 8}")
    for name, strata in rows.items():
        counts, size = sum((counted(codes) for codes in strata), Counter[str]()), sum(map(len, strata))
        share, half = estimate(strata)
        ends = " | ".join(str(counts[end]) for end in ("killed", "timeout", "no tests", "survived"))
        exact = f" ± {half:.1%}" if half else ""
        print(f"| {name} | {size} | {counts.total()} | {ends} | {share:.1%}{exact} |")
    print()


def mutmut(*words: str) -> None:
    """Run mutmut, each process with a limit of memory: a mutant may loop and collect without end."""
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))"
    subprocess.run([sys.executable, "-c", f"{limit}; from mutmut.__main__ import cli; cli()", *words], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--children", type=int, default=1)
    given = parser.parse_args()
    children = ("--max-children", str(given.children))
    mutmut("run", *children, "ks_reset.guards.same_uid.*")  # makes every mutant, and finds the tests of each
    draw(read_codes(), given.sample, given.seed)
    mutmut("run", *children)
    for path, codes in read_codes().items():
        write_codes(path, {n: None if STATUS.get(code or 0) == "timeout" else code for n, code in codes.items()})
    mutmut("run", *children)
    groups, files = defaultdict[str, list[Codes]](list), read_codes()
    for path, codes in files.items():
        groups[group_of(path)].append(codes)
    first = {name: groups[name] for name in ("guards", "seatbelt", SAMPLED)}
    table("part", first | {"together": [c for strata in first.values() for c in strata], SECOND: groups[SECOND]})
    table("file", {f"`{path.relative_to('ks_reset')}`": [codes] for path, codes in files.items()})
    for path, codes in files.items():
        print(*(f"{path}: {n} {STATUS[c]}" for n, c in codes.items() if c in (0, 5, 33)), sep="\n")


if __name__ == "__main__":
    main()
