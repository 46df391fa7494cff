"""What all formats of a report say: the verdict first, then who and when, and the way back."""

import shlex

from msgspec import Struct

from ks_reset.journal import Chain
from ks_reset.plan.again import connection_flags
from ks_reset.report.proof import verdict_text
from ks_reset.workflows.run_report import RunReport


class Summary(Struct, frozen=True):
    """The verdict in a word and a sentence; facts as pairs; the commands that give back what was recorded.

    `tone` is good, bad or unknown.
    """

    word: str
    sentence: str
    tone: str
    facts: tuple[tuple[str, str], ...]
    back: tuple[str, ...]


def summary_of(report: RunReport) -> Summary:
    """The summary. A run that is not done is never called clean."""
    word, sentence = verdict_text(report.verdict)
    tone = {"Clean": "good", "Not clean": "bad"}.get(word, "unknown")
    if word == "Not clean":
        changed = len(report.verdict.proof.changes) if report.verdict.proof else 0
        sentence = f"{len(report.verdict.leftovers)} leftover(s), {changed} changed bystander(s)."
    if report.state != "done":
        reason = f": {report.why}" if report.why else ""
        ending = f"The run is {report.state}{reason.rstrip('.')}. The same command continues it."
        word, sentence, tone = f"Not finished ({word.lower()} so far)", f"{ending} {sentence}", "bad"
    plan = report.plan
    people = ", ".join(dict.fromkeys(start.by for start in report.starts)) or "unknown"
    times = [moment for step in report.steps for moment in (step.began, step.ended)]
    sent = sum(bool(deed.outcome) for deed in report.deeds)
    facts = (
        ("Playbook", plan.playbook),
        ("Digest of the plan", plan.digest),
        ("Plan made", f"{plan.made} by {plan.tool}"),
        ("Approved by", _approvals(report)),
        ("Run by", people),
        ("Started", ", ".join(start.at for start in report.starts) or "unknown"),
        ("First and last action", f"{min(times)} to {max(times)}" if times else "none"),
        ("Actions", f"{len(report.deeds)} begun, {sent} ended"),
        ("Clusters", ", ".join(f"{c.role} {c.name} ({c.version}, {c.identity})" for c in plan.clusters)),
        ("Read for the verdict", report.read),
        ("Folder of the run", report.folder),
        ("Journal", _about_journal(report.journal)),
    )
    return Summary(word, sentence, tone, facts, _way_back(report))


def _approvals(report: RunReport) -> str:
    """Who approved the plan, when and how, each once; journals of earlier versions have the start alone."""
    given = [start.approved for start in report.starts if start.approved]
    texts = [f"{each.by} at {each.at}: {each.how}" for each in given]
    return "; ".join(dict.fromkeys(texts)) or "not recorded: an earlier version of ks-reset made this journal"


def _about_journal(chain: Chain) -> str:
    if chain.broken:
        return f"changed: {chain.broken}"
    if not chain.first:
        return f"{chain.lines} lines, not chained: an earlier version wrote them, and a change would not show"
    since = "" if chain.first == 1 else f", chained from line {chain.first}"
    return f"{chain.lines} lines{since}, each fits the one before; SHA-256 of the last: {chain.head}"


def _way_back(report: RunReport) -> tuple[str, ...]:
    folder, flags = shlex.quote(report.folder), connection_flags(report.plan)
    vault = " --vault vault.age --identity key.txt" if report.unrestorable else ""
    return (
        f"ks-reset plan restore --run {folder} --out back.json{vault} {flags}",
        f"ks-reset apply back.json{vault} {flags}",
    )
