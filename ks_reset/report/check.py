"""Questions before a window as text: a line each, and after one that does not pass its reasons, as in a refusal."""

from collections.abc import Iterable

from rich.console import Console

from ks_reset.errors import ResetError, Told
from ks_reset.language import translate, translate_word
from ks_reset.report.layout import print_title
from ks_reset.report.refusals import print_told, told_of
from ks_reset.workflows.check import Answer, Question

STYLES = {Answer.PASS: "green", Answer.FAIL: "bold red", Answer.UNKNOWN: "bold magenta"}


def print_questions(questions: Iterable[Question], console: Console) -> None:
    """Print each question with its answer, then how many there are of each."""
    asked = list(questions)
    for question in asked:
        lead, style = translate_word(question.answer).upper(), STYLES[question.answer]
        title = f" {translate(question.text)}  ({question.id})"
        if question.error:
            print_told(lead, _told_below(title, question.error), console, style, console.width)
            console.print()
        else:
            print_title(console, lead, title, style, console.width)
    passed, failed, unknown = (sum(question.answer is answer for question in asked) for answer in Answer)
    console.print(f"Of {len(asked)} question(s) {passed} pass, {failed} fail, {unknown} cannot be answered.")


def _told_below(title: str, error: ResetError) -> Told:
    """The reasons under this title; the title of a single one becomes the first thing seen."""
    told = told_of(error)
    if len(told.reasons) > 1:
        return told._replace(head=title)
    (reason,) = told.reasons
    return Told("", (reason._replace(title=title, seen=(reason.title, *reason.seen)),), told.then)


def as_rows(questions: Iterable[Question]) -> list[dict[str, str]]:
    """The questions for JSON and YAML."""
    return [
        {"id": each.id, "question": each.text, "answer": each.answer, "reason": str(each.error or "")}
        for each in questions
    ]
