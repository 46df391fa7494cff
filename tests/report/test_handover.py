"""The report of a run: its verdict, what it counts, and that no name in it is more than text."""

import json
import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path

import pytest
from msgspec import structs

from ks_reset import facts as reading
from ks_reset.errors import Usage
from ks_reset.model import FleetFacts, Obj
from ks_reset.report import handover
from ks_reset.report.handover.page import script_json
from ks_reset.workflows.run_report import Deed, RunReport, chosen_run, run_report
from tests.cli.test_usage import run
from tests.report.runs import finished_run

HOSTILE = "</script><script>alert(1)</script><!--\u2028 & \"'`"


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path / "state"))
    return tmp_path


def with_namespace_lost(facts: FleetFacts, name: str) -> FleetFacts:
    left = tuple(obj for obj in facts.host.of("Namespace") if obj.name != name)
    return structs.replace(facts, host=facts.host.with_types({"Namespace": left}))


class Page(HTMLParser):
    """The data in a page, its headings, its labels, and the addresses that it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loaded: list[str] = []
        self.language = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = {key: value or "" for key, value in attrs}
        self.language = given.get("lang", self.language) if tag == "html" else self.language
        self.loaded += [given[key] for key in ("src", "href", "srcset", "data", "action") if key in given]


def data_in(page: str) -> dict[str, list[list[object]]]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert found
    loaded: dict[str, list[list[object]]] = json.loads(found[1])
    return loaded


def test_a_finished_run_is_clean_and_counted_by_type_and_namespace(state: Path) -> None:
    folder, before, after = finished_run()
    report = run_report(folder, after)
    assert (report.state, report.verdict.clean) == ("done", True)
    rows = {(c.cluster, c.what): (c.before, c.after, c.gone, c.new) for c in report.by_kind}
    spaces = len(before.host.of("Namespace"))
    assert rows["host", "Namespace"] == (spaces, spaces - 4, 4, 0)
    assert ("host", "StatefulSet.apps") not in rows
    places = {(c.cluster, c.what) for c in report.by_namespace}
    assert ("host", "kubesphere-system") in places
    assert ("host", "shop-orders") not in places, "nothing of a user's is another object than before"
    assert [step.step for step in report.steps][:2] == ["fasten-seatbelt", "stop-controllers"]
    assert sum(sum(step.actions.values()) for step in report.steps) == len(report.deeds) == len(report.plan.actions)
    assert all(deed.outcome == "done" for deed in report.deeds)
    assert {lost.why for lost in report.unrestorable} >= {"the contents of a Secret are never recorded"}


def test_each_format_says_the_verdict_first_who_when_and_the_way_back(state: Path) -> None:
    folder, _, after = finished_run()
    report = run_report(folder, after)
    page, text = handover.render_report_page(report), handover.render_report_text(report)
    assert text.startswith("# Clean\n")
    assert page.index("<h1>Clean</h1>") < page.index("Who, when, what")
    data = json.loads(handover.render_report_json(report))
    assert data["summary"]["word"] == "Clean"
    for form in (page, text, json.dumps(data)):
        assert report.plan.digest in form
        assert report.starts[0].by in form
        assert f"ks-reset plan restore --run {folder} --out back.json" in form


def test_a_lost_namespace_of_a_user_is_told_in_each_format(state: Path) -> None:
    folder, _, after = finished_run()
    report = run_report(folder, with_namespace_lost(after, "intranet"))
    assert not report.verdict.clean
    for render in (handover.render_report_page, handover.render_report_text, handover.render_report_json):
        assert "Namespace intranet" in render(report)
    root = ElementTree.fromstring(handover.render_junit(report))
    verdict = root.find("testsuite[@name='verdict']")
    assert verdict is not None
    assert int(verdict.attrib["failures"]) == len(verdict.findall(".//failure")) >= 2


def test_a_run_that_is_not_done_is_never_called_clean(state: Path) -> None:
    folder, before, _ = finished_run(done=False)
    report = run_report(folder, before)
    text = handover.render_report_text(report)
    assert report.state == "stopped"
    assert text.startswith("# Not finished")
    assert "The network is gone. The same command continues it." in text


def hostile_report(report: RunReport) -> RunReport:
    deed = Deed("2026-01-01", HOSTILE, HOSTILE, "delete", f"Role {HOSTILE}", "", HOSTILE)
    plan = structs.replace(report.plan, playbook=HOSTILE)
    return structs.replace(report, plan=plan, deeds=(*report.deeds, deed), why=HOSTILE)


def test_no_name_is_more_than_text_in_the_page(state: Path) -> None:
    folder, _, after = finished_run()
    report = run_report(folder, after)
    plain, odd = (Page(handover.render_report_page(each)) for each in (report, hostile_report(report)))
    assert odd.tags == plain.tags
    assert odd.tags.count("script") == 2
    assert data_in(handover.render_report_page(hostile_report(report)))["deeds"][-1][4] == f"Role {HOSTILE}"
    assert ElementTree.fromstring(handover.render_junit(hostile_report(report))) is not None
    assert not re.search(r"[<>&\u2028]", script_json([HOSTILE]))


def test_the_page_loads_nothing_and_has_language_headings_and_labels(state: Path) -> None:
    folder, _, after = finished_run()
    text = handover.render_report_page(run_report(folder, after))
    page = Page(text)
    assert page.loaded == ["data:,"]
    assert re.findall(r"https?://[^\"' <]+", text.replace("http://www.w3.org/2000/svg", "")) == []
    assert (page.language, page.tags.count("h1")) == ("en", 1)
    assert page.tags.count("label") == page.tags.count("input") + page.tags.count("select") == 8
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_the_run_is_found_by_name_folder_plan_or_as_the_last(state: Path) -> None:
    with pytest.raises(Usage, match=r"No run is known.*ks-reset report FOLDER"):
        chosen_run("")
    folder, _, _ = finished_run()
    assert {chosen_run(each) for each in ("", folder.name, str(folder), str(folder / "plan.json"))} == {folder}
    (folder / "before.json.gz").unlink()
    with pytest.raises(Usage, match="nothing to report"):
        chosen_run(folder.name)


def test_the_command_writes_a_file_and_exits_as_verify(state: Path) -> None:
    folder, _, after = finished_run()
    clean, lost, out = (str(state / name) for name in ("clean.json", "lost.json", "report.html"))
    reading.save_snapshot(after, Path(clean))
    reading.save_snapshot(with_namespace_lost(after, "intranet"), Path(lost))
    done = run("report", folder.name, "--snapshot", clean, "--out", out, KS_RESET_STATE=str(state / "state"))
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert Path(out).read_text().startswith("<!doctype html>")
    said = run("report", "--snapshot", lost, "-o", "junit", KS_RESET_STATE=str(state / "state"))
    assert (said.returncode, said.stdout[:5]) == (3, "<?xml")


def test_ten_thousand_namespaces_are_rows_of_data_and_not_of_the_page(state: Path) -> None:
    folder, before, after = finished_run()
    many = [
        Obj(before.host.kinds["ConfigMap"], {"metadata": {"name": "c", "namespace": f"n{i}", "uid": f"u{i}"}})
        for i in range(10_000)
    ]
    grown = structs.replace(after, host=after.host.with_types({"ConfigMap": (*after.host.of("ConfigMap"), *many)}))
    small, large = (handover.render_report_page(run_report(folder, facts)) for facts in (after, grown))
    assert Page(large).tags.count("tr") == Page(small).tags.count("tr")
    assert len(data_in(large)["namespaces"]) - len(data_in(small)["namespaces"]) == 10_000
