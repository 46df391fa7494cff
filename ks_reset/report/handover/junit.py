"""The report as JUnit XML: a suite for the verdict and one for the steps of the run."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable

from ks_reset.report.handover.summary import summary_of
from ks_reset.workflows.run_report import RunReport

Case = tuple[str, str, str]
"""Name, tag of the problem (failure or error, "" for none), and message."""


def render_junit(report: RunReport) -> str:
    """The XML. What is left or changed is a failure, what is unknown an error."""
    root = ElementTree.Element("testsuites", name=f"ks-reset {report.plan.playbook} {report.plan.digest[:16]}")
    _add_suite(root, "verdict", list(_verdict_cases(report)))
    steps = [(step.step, "", "") for step in report.steps]
    steps += [
        (f"{deed.verb} {deed.object} on {deed.cluster}", "error", "no end") for deed in report.deeds if not deed.outcome
    ]
    _add_suite(root, "steps", steps)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _verdict_cases(report: RunReport) -> Iterable[Case]:
    summary, verdict = summary_of(report), report.verdict
    tag = {"good": "", "bad": "failure"}.get(summary.tone, "error")
    yield "the fleet is clean and every bystander unchanged", tag, f"{summary.word}: {summary.sentence}"
    for item in verdict.leftovers:
        yield f"nothing is left on {item.cluster}: {item.object}", "failure", f"{item.field} = {item.value}"
    for change in verdict.proof.changes if verdict.proof else ():
        yield f"unchanged on {change.cluster}: {change.object}", "failure", change.what
    for text in (*verdict.unknown, *verdict.uncompared):
        yield "everything was read and compared", "error", text


def _add_suite(root: ElementTree.Element, name: str, cases: list[Case]) -> None:
    problems = [tag for _, tag, _ in cases]
    counts = {"failures": str(problems.count("failure")), "errors": str(problems.count("error"))}
    suite = ElementTree.SubElement(root, "testsuite", {"name": name, "tests": str(len(cases)), **counts})
    for title, tag, message in cases:
        case = ElementTree.SubElement(suite, "testcase", classname=f"ks-reset.{name}", name=_xml_text(title))
        if tag:
            ElementTree.SubElement(case, tag, message=_xml_text(message))


def _xml_text(text: str) -> str:
    """The text without characters that XML 1.0 has no way to write."""
    return "".join(c if c.isprintable() or c in "\t\n" else "\ufffd" for c in text)
