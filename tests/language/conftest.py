"""Messages are Chinese in a test that asks for it, and English again afterwards."""

from collections.abc import Iterator

import pytest

from ks_reset.language import use_language


@pytest.fixture
def chinese() -> Iterator[None]:
    use_language("zh")
    yield
    use_language("en")
