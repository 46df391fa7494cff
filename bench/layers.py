"""The picture of the layers in docs/house.md, drawn from the import contracts in pyproject.toml.

    python -m bench.layers

Writes the picture between its two markers; a test compares it with the contracts.
"""

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "house.md"
BEGIN, END = "<!-- layers: written by python -m bench.layers -->", "<!-- end of layers -->"
PURE = "The core is pure: no clock, no network"


def read_contracts(root: Path = ROOT) -> list[dict[str, Any]]:
    """The import contracts of the project, in the order of pyproject.toml."""
    contracts: list[dict[str, Any]] = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    return contracts


def draw_layers(contracts: list[dict[str, Any]]) -> str:
    """A Mermaid flowchart: one row a layer, an arrow to the next one below; pure modules are rounded and green."""
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    (pure,) = (set(contract["source_modules"]) for contract in contracts if contract["name"] == PURE)
    lines = ["```mermaid", "flowchart TB"]
    for number, layer in enumerate(layers):
        modules = [module.strip() for module in layer.split("|")]
        lines.append(f'  subgraph layer{number}[" "]\n    direction LR')
        lines += [f"    {draw_module(module, f'ks_reset.{module}' in pure)}" for module in modules]
        lines.append("  end")
    lines += [f"  layer{number} --> layer{number + 1}" for number in range(len(layers) - 1)]
    return "\n".join([*lines, "  classDef pure fill:#e6f4ea,stroke:#34a853,color:#000", "```"])


def draw_module(name: str, is_pure: bool) -> str:
    return f'{name}(["{name}"]):::pure' if is_pure else f'{name}["{name}"]'


def with_picture(page: str, picture: str) -> str:
    """The page with the picture between its markers. Raises ValueError for a page without both markers."""
    before, found, rest = page.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not (found and closed):
        raise ValueError(f"The page has no lines '{BEGIN}' and '{END}'.")
    return f"{before}{BEGIN}\n\n{picture}\n\n{END}{after}"


def main() -> None:
    PAGE.write_text(with_picture(PAGE.read_text(), draw_layers(read_contracts())))


if __name__ == "__main__":
    main()
