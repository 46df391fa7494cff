"""Questions before a window as text, a line each; after a fail its reason, with each command on a line of its own."""

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape

from ks_reset.report.commands import INDENT, message_lines
from ks_reset.workflows.check import Answer, Question

STYLE = {Answer.PASS: "green", Answer.FAIL: "bold red", Answer.UNKNOWN: "bold magenta"}
WIDTH = max(len(answer) for answer in Answer)
COLUMN = INDENT + WIDTH


def print_questions(questions: Iterable[Question], console: Console) -> None:
    """Print each question with its answer, then how many there are of each."""
    asked = list(questions)
    for question in asked:
        style = STYLE[question.answer]
        console.print(f"[{style}]{question.answer:<{WIDTH}}[/]  {escape(question.text)}", soft_wrap=True)
        for line in message_lines(str(question.error), console.width, COLUMN) if question.error else ():
            console.print(line, markup=False, soft_wrap=True)
    counts = {answer: sum(question.answer is answer for question in asked) for answer in Answer}
    console.print(", ".join(f"{count} {answer}" for answer, count in counts.items()) + ".")


def as_rows(questions: Iterable[Question]) -> list[dict[str, str]]:
    """The questions for JSON and YAML."""
    return [
        {"id": each.id, "question": each.text, "answer": each.answer, "reason": str(each.error or "")}
        for each in questions
    ]
