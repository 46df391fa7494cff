"""The journals of runs: before-images, who, when, and a chain of digests that shows a changed line."""

from ks_reset.journal.chain import Chain, chain_of, unchanged_entries
from ks_reset.journal.entries import journal_entries
from ks_reset.journal.record import Journal
from ks_reset.journal.runs import plan_of_run, require_no_unfinished, runs_on, runs_since_baseline

__all__ = [
    "Chain",
    "Journal",
    "chain_of",
    "journal_entries",
    "plan_of_run",
    "require_no_unfinished",
    "runs_on",
    "runs_since_baseline",
    "unchanged_entries",
]
