"""A runbook as a bash script: calls ks-reset, asks before the first write, logs."""

from ks_reset.language import translate, translate_phrase
from ks_reset.report.plan import totals_line
from ks_reset.report.runbook.book import Book
from ks_reset.report.runbook.shell import as_comment, quote_word
from ks_reset.report.runbook.texts import text_environment


def render_script(book: Book) -> str:
    """The script. Its approval names the digest of the plan; another plan file is refused."""
    values = {
        "title": as_comment(_title(book)),
        "digest": book.plan.digest,
        "flags": book.flags,
        "first": quote_word(translate_phrase("Apply plan {0}: {1}", book.plan.playbook, totals_line(book.plan))),
        "verifies": verifies(book),
    }
    return text_environment().get_template("runbook/runbook.sh").render(values)


def _title(book: Book) -> str:
    return translate_phrase("{0}: plan {1}", translate(book.playbook.title), book.plan.digest[:16])


def verifies(book: Book) -> bool:
    """Whether `ks-reset verify` is the proof of this plan: it takes KubeSphere off, and its seatbelt with it."""
    return not book.playbook.needs and "loosen-seatbelt" in book.plan.steps
