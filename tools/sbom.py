"""Write the bill of materials of ks-reset as CycloneDX 1.6 in JSON, from requirements.lock, and the page of licences.

    python -m tools.sbom dist/sbom.cdx.json
    python -m tools.sbom --page

Versions, hashes and who needs what are in the lock; licences are in the metadata of the installed packages, and
where that says none, in licences.yaml.
"""

import argparse
import hashlib
import os
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from uuid import UUID, uuid5

import yaml
from cyclonedx.factory.license import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from msgspec import Struct
from packageurl import PackageURL

from ks_reset import __version__

ROOT = Path(__file__).parents[1]
LOCK, PAGE = ROOT / "requirements.lock", ROOT / "docs" / "licences.md"
OWN = "ks-reset (pyproject.toml)"
SPACE = UUID("c1b6ba2f-6d0c-5c07-9f0c-3d1f2b7c7a53")
"""The name space of serial numbers: the same lock has the same number."""
HEAD = re.compile(r"(?P<name>[\w.-]+)==(?P<version>\S+)(?: ; (?P<marker>.+?))? \\")


class Locked(Struct):
    """A package of the lock: the SHA-256 of its files in hex, and the packages that need it."""

    name: str
    version: str
    marker: str
    hashes: list[str]
    needed_by: list[str]


def locked_packages(lock: str) -> Iterator[Locked]:
    """The packages of a lock as uv writes it."""
    for block in re.split(r"\n(?=\S)", lock.strip()):
        head = HEAD.match(block)
        if head is None:
            raise ValueError(f"The lock has lines of another form: {block.partition(chr(10))[0]}")
        needed_by = re.findall(r"^    # (?:via |  )(.+)$", block, re.MULTILINE)
        hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})", block)
        yield Locked(head["name"], head["version"], head["marker"] or "", hashes, needed_by)


def licence_of(package: str) -> str:
    """The SPDX expression of a package. Raises KeyError if neither metadata nor licences.yaml tells it."""
    known = _known_licences()
    if package in known["packages"]:
        return str(known["packages"][package])
    about = metadata.metadata(package)
    told = (about.get_all("License-Expression") or about.get_all("License") or [""])[0]
    word = str(known["words"].get(told, told))
    if not word or "\n" in word:
        raise KeyError(f"{package} tells no licence: read its licence file, and add it to tools/licences.yaml")
    return word


@cache
def _known_licences() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = yaml.safe_load((ROOT / "tools" / "licences.yaml").read_text())
    return found


def make_bom(lock: str) -> Bom:
    """The bill of materials of this version with the packages of a lock."""
    locked = list(locked_packages(lock))
    own = Component(name="ks-reset", version=__version__, type=ComponentType.APPLICATION, bom_ref="ks-reset")
    own.licenses.add(LicenseFactory().make_from_string("Apache-2.0"))
    serial = uuid5(SPACE, f"{__version__} {hashlib.sha256(lock.encode()).hexdigest()}")
    bom = Bom(serial_number=serial)
    bom.metadata.component = own
    bom.metadata.timestamp = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())), UTC)
    made = {each.name: _component_of(each) for each in locked}
    for component in made.values():
        bom.components.add(component)
    for name, component in [(OWN, own), *made.items()]:
        bom.register_dependency(component, [made[each.name] for each in locked if name in each.needed_by])
    return bom


def _component_of(locked: Locked) -> Component:
    url = f"https://pypi.org/project/{locked.name}/{locked.version}/"
    hashes = [HashType(alg=HashAlgorithm.SHA_256, content=each) for each in locked.hashes]
    files = ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=XsUri(url), hashes=hashes)
    purl = PackageURL("pypi", name=locked.name, version=locked.version)
    component = Component(
        name=locked.name,
        version=locked.version,
        type=ComponentType.LIBRARY,
        purl=purl,
        bom_ref=str(purl),
        external_references=[files],
        description=f"Installed where {locked.marker}" if locked.marker else None,
    )
    component.licenses.add(LicenseFactory().make_from_string(licence_of(locked.name)))
    return component


def bom_as_json(lock: str) -> str:
    """The bill of materials as CycloneDX 1.6."""
    return str(JsonV1Dot6(make_bom(lock)).output_as_string(indent=1))


def licence_page(lock: str) -> str:
    """docs/licences.md: each package that ks-reset is installed with, and its licence."""
    rows = [f"| {p.name} | {p.version} | {licence_of(p.name)} |" for p in locked_packages(lock)]
    head = (
        "# Licences of what is installed with ks-reset\n\n"
        "ks-reset is under Apache-2.0. These packages are in `requirements.lock`; `make pages` writes this page from\n"
        "the lock and the metadata of the packages, `make packages` a bill of materials (CycloneDX 1.6).\n\n"
        "| package | version | licence (SPDX) |\n| --- | --- | --- |\n"
    )
    return head + "\n".join(rows) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, help="the file to write the bill of materials to")
    parser.add_argument("--page", action="store_true", help="write docs/licences.md")
    given = parser.parse_args()
    if given.page:
        PAGE.write_text(licence_page(LOCK.read_text()))
    if given.file:
        given.file.parent.mkdir(parents=True, exist_ok=True)
        given.file.write_text(bom_as_json(LOCK.read_text()))


if __name__ == "__main__":
    main()
