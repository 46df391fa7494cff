"""The bill of materials: valid CycloneDX, every package of the lock with its hashes and a licence, and its page."""

import json
import re

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from ks_reset import __version__
from tools.sbom import LOCK, PAGE, bom_as_json, licence_of, licence_page, locked_packages, make_bom

TEXT = LOCK.read_text()
FREE = re.compile(r"Apache-2\.0|MIT(-0)?|BSD-[23]-Clause|ISC|PSF-2\.0|MPL-2\.0")


def test_the_bill_of_materials_is_valid_against_the_schema_and_can_be_made_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    text = bom_as_json(TEXT)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert text == bom_as_json(TEXT)
    broken = text.replace('"specVersion"', '"specVersions"')
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(broken) is not None, "the schema is asked"


def test_every_package_of_the_lock_is_in_it_with_all_its_hashes_and_a_licence() -> None:
    bom = json.loads(bom_as_json(TEXT))
    assert (bom["metadata"]["component"]["name"], bom["metadata"]["component"]["version"]) == ("ks-reset", __version__)
    found = {f"{each['name']}=={each['version']}": each for each in bom["components"]}
    assert [*found] == re.findall(r"^([\w.-]+==\S+)", TEXT, re.MULTILINE)
    hashes = [h["content"] for each in found.values() for r in each["externalReferences"] for h in r["hashes"]]
    assert sorted(hashes) == sorted(re.findall(r"sha256:([0-9a-f]{64})", TEXT))
    assert [name for name, each in found.items() if not each["licenses"]] == []


def test_every_licence_is_known_and_free() -> None:
    words = {word for each in locked_packages(TEXT) for word in re.split(r" (?:AND|OR) ", licence_of(each.name))}
    assert [word for word in words if not FREE.fullmatch(word)] == []


def test_what_needs_a_package_is_in_it() -> None:
    needed = {str(each.ref): {str(other.ref) for other in each.dependencies} for each in make_bom(TEXT).dependencies}
    assert any("kubernetes" in ref for ref in needed["ks-reset"])
    assert not any("markupsafe" in ref for ref in needed["ks-reset"])
    assert any("markupsafe" in other for ref in needed if "jinja2" in ref for other in needed[ref])
    reached, todo = set[str](), ["ks-reset"]
    while todo:
        here = todo.pop()
        todo += needed[here] - reached
        reached |= needed[here]
    assert len(reached) == len(needed) - 1, "every package is needed by ks-reset in the end"


def test_a_lock_of_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match="lines of another form: -e file"):
        list(locked_packages("-e file:///x\n"))


def test_the_page_of_licences_is_true() -> None:
    assert PAGE.read_text() == licence_page(TEXT), "make pages"
