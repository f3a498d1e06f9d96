"""What presets are called on pages."""

import pytest

from relay.decoder.presets import PRESETS
from relay.web.preset_words import PRESET_WORDS


@pytest.mark.parametrize("description", [preset.description for preset in PRESETS.values()])
def test_what_is_more_than_a_products_name_can_be_translated(description: str) -> None:
    is_name = description.startswith("HARDWARIO Sigfox ") and " with " not in description
    assert is_name or description in PRESET_WORDS


def test_nothing_is_translated_that_no_preset_says() -> None:
    assert {*PRESET_WORDS} <= {preset.description for preset in PRESETS.values()}
