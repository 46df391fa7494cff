"""The pages as a site: MkDocs builds it without a warning, every page is on it, and it loads nothing from elsewhere."""

import re
from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort

from tests.docs.pages import PAGES, ROOT
from tools.site_pages import outside_pages, turn_links

LOADED = re.compile(
    r"<(?:script|img)[^>]*\ssrc=\"([^\"]*)\"|<link rel=\"(?:stylesheet|preconnect|preload)\"[^>]*href=\"([^\"]*)\""
)


def build_site(folder: Path, **changed: object) -> Path:
    """The folder of the site. Raises mkdocs.exceptions.Abort on any warning: mkdocs.yml is strict."""
    site = folder / "site"
    config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(site), **changed)
    config.plugins.on_startup(command="build", dirty=False)
    build(config)
    return site


def test_every_page_is_on_the_site_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    site = build_site(tmp_path)
    names = {"/".join(page.relative_to(ROOT).parts): page for page in PAGES}
    uris = [outside_pages().get(name) or name.removeprefix("docs/") for name in names]
    built = [site / uri.replace(".md", ".html") for uri in uris]
    assert [page for page in built if not page.is_file()] == []
    loaded = [a or b for page in built for a, b in LOADED.findall(page.read_text())]
    assert len(loaded) >= len(built)
    assert [url for url in loaded if "//" in url] == []


def test_a_page_that_the_navigation_leaves_out_stops_the_build(tmp_path: Path) -> None:
    with pytest.raises(Abort):
        build_site(tmp_path, nav=["index.md"])


def test_links_of_the_repository_lead_to_pages_of_the_site() -> None:
    text = "[a](docs/doctor.md#x) [b](LICENSE) [c](#here) [d](https://example.com/README.md) ![e](docs/img/e.svg)"
    assert turn_links(text, "README.md", "index.md") == (
        "[a](doctor.md#x) `b` [c](#here) [d](https://example.com/README.md) ![e](img/e.svg)"
    )
    assert turn_links("[a](../CONTRIBUTING.md#x)", "docs/house.md", "house.md") == "[a](contributing.md#x)"
    assert turn_links("[a](../../docs/doctor.md)", "examples/incident/README.md", "examples/incident.md") == (
        "[a](../doctor.md)"
    )
