"""The picture of the layers in docs/house.md is the one of the import contracts."""

import pytest

from bench.layers import PAGE, draw_layers, read_contracts, with_picture

CONTRACTS = [
    {"name": "Imports go one way", "type": "layers", "layers": ["cli", "plan | journal"]},
    {"name": "The core is pure: no clock, no network", "type": "forbidden", "source_modules": ["ks_reset.plan"]},
]
PICTURE = """\
```mermaid
flowchart TB
  subgraph layer0[" "]
    direction LR
    cli["cli"]
  end
  subgraph layer1[" "]
    direction LR
    plan(["plan"]):::pure
    journal["journal"]
  end
  layer0 --> layer1
  classDef pure fill:#e6f4ea,stroke:#34a853,color:#000
```"""


def test_the_picture_on_the_page_is_the_one_of_the_contracts() -> None:
    page = PAGE.read_text()
    assert page == with_picture(page, draw_layers(read_contracts())), "run: make pages"


def test_each_layer_is_a_row_and_pure_modules_are_marked() -> None:
    assert draw_layers(CONTRACTS) == PICTURE


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="no lines"):
        with_picture("# House\n", PICTURE)
