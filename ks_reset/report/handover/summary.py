"""What all formats of a report say: the verdict first, then who and when, and the way back."""

import shlex

from msgspec import Struct

from ks_reset.journal import Chain
from ks_reset.language import join_sentences, join_words, translate, translate_phrase, translate_word
from ks_reset.model import PlanCluster
from ks_reset.plan.again import connection_flags
from ks_reset.report.proof import verdict_text
from ks_reset.report.titles import ending_text, time_text
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
        left = len(report.verdict.leftovers)
        sentence = translate_phrase("{0} leftover(s), {1} changed bystander(s).", left, changed)
    word, sentence = translate_word(word), translate(sentence)
    if report.state != "done":
        word, sentence, tone = _unfinished(report, word, sentence)
    plan, unknown = report.plan, translate_word("unknown")
    people = ", ".join(dict.fromkeys(start.by for start in report.starts)) or unknown
    times = [moment for step in report.steps for moment in (step.began, step.ended)]
    sent = sum(bool(deed.outcome) for deed in report.deeds)
    between = translate_phrase("from {0} to {1}", time_text(min(times)), time_text(max(times))) if times else "none"
    facts = (
        (translate_phrase("Playbook"), plan.playbook),
        (translate_phrase("Digest of the plan"), plan.digest),
        (translate_phrase("Plan made"), translate_phrase("{0} by {1}", time_text(plan.made), plan.tool)),
        (translate_phrase("Approved by"), _approvals(report)),
        (translate_phrase("Run by"), people),
        (translate_phrase("Started"), join_words(time_text(start.at) for start in report.starts) or unknown),
        (translate_phrase("First and last action"), translate_word(between)),
        (translate_phrase("Actions"), translate_phrase("{0} begun, {1} ended", len(report.deeds), sent)),
        (translate_phrase("Clusters"), join_words(_about_cluster(cluster) for cluster in plan.clusters)),
        (translate_phrase("Read for the verdict"), time_text(report.read)),
        (translate_phrase("Folder of the run"), report.folder),
        (translate_phrase("Journal"), _about_journal(report.journal)),
    )
    return Summary(word, sentence, tone, facts, _way_back(report))


def _unfinished(report: RunReport, word: str, sentence: str) -> tuple[str, str, str]:
    """Word, sentence and tone of a run that is not done, whatever was found after it."""
    reason = translate_phrase(": {0}", ending_text(report.why).rstrip(".。")) if report.why else ""
    ending = translate_phrase("The run is {0}{1}. The same command continues it.", translate_word(report.state), reason)
    return translate_phrase("Not finished ({0} so far)", word.lower()), join_sentences(ending, sentence), "bad"


def _about_cluster(cluster: PlanCluster) -> str:
    about = (translate_word(cluster.role), cluster.name, cluster.version, cluster.identity)
    return translate_phrase("{0} {1} ({2}, {3})", *about)


def _approvals(report: RunReport) -> str:
    """Who approved the plan, when and how, each once; journals of earlier versions have the start alone."""
    given = [start.approved for start in report.starts if start.approved]
    texts = [translate_phrase("{0} at {1}: {2}", each.by, time_text(each.at), translate(each.how)) for each in given]
    missing = translate("not recorded: an earlier version of ks-reset made this journal")
    return translate_phrase("; ").join(dict.fromkeys(texts)) or missing


def _about_journal(chain: Chain) -> str:
    if chain.broken:
        return translate_phrase("changed: {0}", translate(chain.broken))
    if not chain.first:
        return translate_phrase(
            "{0} lines, not chained: an earlier version wrote them, and a change would not show", chain.lines
        )
    since = "" if chain.first == 1 else translate_phrase(", chained from line {0}", chain.first)
    return translate_phrase(
        "{0} lines{1}, each fits the one before; SHA-256 of the last: {2}", chain.lines, since, chain.head
    )


def _way_back(report: RunReport) -> tuple[str, ...]:
    folder, flags = shlex.quote(report.folder), connection_flags(report.plan)
    vault = " --vault vault.age --identity key.txt" if report.unrestorable else ""
    return (
        f"ks-reset plan restore --run {folder} --out back.json{vault} {flags}",
        f"ks-reset apply back.json{vault} {flags}",
    )
