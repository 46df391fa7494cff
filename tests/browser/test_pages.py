"""The pages in a real browser: no error, nothing loaded, nothing that axe-core calls serious, and a fast search.

Needs chromium, and the packages of the group `browser`: `make browser` installs the packages and runs these tests.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from ks_reset.model import Obj
from ks_reset.report import handover
from ks_reset.report.runbook import render_page
from ks_reset.workflows.run_report import run_report
from tests.report.books import incident_book
from tests.report.runs import finished_run

pytestmark = pytest.mark.browser
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
NAMESPACES = 10_000
SEARCH = """() => {
  const section = document.querySelector('section[data-table="namespaces"]');
  const input = section.querySelector('input');
  const begin = performance.now();
  input.value = 'n9999';
  input.dispatchEvent(new Event('input'));
  section.querySelector('tbody').getBoundingClientRect();
  return {milliseconds: performance.now() - begin, rows: section.querySelectorAll('tbody tr').length,
          text: section.querySelector('tbody').textContent, said: section.querySelector('[role=status]').textContent};
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """The browser; a missing one fails the tests."""
    from playwright.sync_api import sync_playwright

    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    assert program, f"none of {', '.join(PROGRAMS)} is on PATH"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The report of a run with ten thousand namespaces, and the runbook."""
    folder = tmp_path_factory.mktemp("pages")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KS_RESET_STATE", str(folder / "state"))
        run, _, after = finished_run()
    kind = after.host.kinds["ConfigMap"]
    many = [Obj(kind, {"metadata": {"name": "c", "namespace": f"n{i}", "uid": f"u{i}"}}) for i in range(NAMESPACES)]
    grown = after.host.with_types({"ConfigMap": (*after.host.of("ConfigMap"), *many)})
    report = run_report(run, structs.replace(after, host=grown))
    texts = {"report": handover.render_report_page(report), "runbook": render_page(incident_book())}
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text)
    return {name: folder / f"{name}.html" for name in texts}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["report", "runbook"])
def test_a_page_has_no_error_loads_nothing_and_nothing_serious_for_axe(
    browser: Any, pages: dict[str, Path], name: str, scheme: str
) -> None:
    import axe_playwright_python

    said: list[str] = []
    loaded: list[str] = []
    page = browser.new_page(color_scheme=scheme)
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: loaded.append(request.url))
    page.goto(pages[name].as_uri())
    page.evaluate((Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text())
    result = page.evaluate("axe.run()")
    page.close()
    assert said == []
    assert [url for url in loaded if not url.startswith("data:")] == [pages[name].as_uri()]
    assert len(result["passes"]) > 10
    assert [v["id"] for v in result["violations"] if v["impact"] in ("serious", "critical")] == []


def test_ten_thousand_namespaces_are_searched_within_a_second(browser: Any, pages: dict[str, Path]) -> None:
    page = browser.new_page()
    page.goto(pages["report"].as_uri())
    found = page.evaluate(SEARCH)
    page.close()
    print(f"search among {NAMESPACES} namespaces: {found['milliseconds']:.0f} ms")
    assert (found["rows"], "n9999" in found["text"]) == (1, True)
    assert found["said"].startswith("Rows 1 to 1 of 1; 1000")
    assert found["milliseconds"] < 1000


def test_the_filter_and_the_sheets_work_by_keyboard(browser: Any, pages: dict[str, Path]) -> None:
    page = browser.new_page()
    page.goto(pages["report"].as_uri())
    section = page.locator('section[data-table="deeds"]')
    section.locator("select").select_option("sever")
    assert {row.split("\t")[1] for row in section.locator("tbody").inner_text().splitlines() if "\t" in row} == {
        "sever"
    }
    spaces = page.locator('section[data-table="namespaces"]')
    spaces.get_by_role("button", name="On").press("Enter")
    assert spaces.locator("[role=status]").inner_text().startswith("Rows 101 to 200")
    page.close()
