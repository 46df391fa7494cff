"""The pages outside of docs/ as pages of the site, and links that lead to them; a hook of MkDocs, named in mkdocs.yml.

Pages are read on their own as well, so their links lead from file to file in the repository. The site has them in one
folder: links are turned when a page is built. A link to a file that is no page becomes its name as code.
"""

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s#]*)(#[^)\s]*)?\)")
OUTSIDE = re.compile(r"[a-z]+:")
FRONT = {"README.md": "index.md", "README.zh.md": "zh.md"}
"""The pages whose name on the site is not their own in lower case."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The files of docs/, and a page for each Markdown file of the root and for the README of each example."""
    for source, uri in outside_pages().items():
        files.append(File.generated(config, uri, content=(ROOT / source).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, *, page: Page, **_: object) -> str:
    """The text of a page with links as the site needs them, and with Markdown inside of `<details>`."""
    sources = {uri: source for source, uri in outside_pages().items()}
    uri = page.file.src_uri
    return turn_links(markdown, sources.get(uri, f"docs/{uri}"), uri).replace("<details>", "<details markdown>")


def outside_pages() -> dict[str, str]:
    """The page on the site of each Markdown file outside of docs/, both as paths with slashes."""
    front = {path.name: FRONT.get(path.name, path.name.lower()) for path in sorted(ROOT.glob("*.md"))}
    examples = sorted(ROOT.glob("examples/*/README.md"))
    return front | {f"examples/{path.parent.name}/README.md": f"examples/{path.parent.name}.md" for path in examples}


def turn_links(markdown: str, source: str, uri: str) -> str:
    """The text of the file `source` of the repository, for the page `uri` of the site."""
    pages, here = outside_pages(), posixpath.dirname(source)

    def turned(link: re.Match[str]) -> str:
        image, text, target, anchor = link[1], link[2], link[3], link[4] or ""
        if not target or OUTSIDE.match(target):
            return link[0]
        path = posixpath.normpath(posixpath.join(here, target))
        to = pages.get(path) or (path.removeprefix("docs/") if path.startswith("docs/") else "")
        if not to:
            return f"`{text.strip('`')}`"
        return f"{image}[{text}]({posixpath.relpath(to, posixpath.dirname(uri) or '.')}{anchor})"

    return LINK.sub(turned, markdown)
