"""Whom to tell of a weakness."""

from pathlib import Path

import pytest

from relay.help.security import PATH, contact_uri
from tests.pages import PUBLIC_URL, Pages, serve_pages


async def test_says_whom_to_write_and_until_when_it_is_true(tmp_path: Path) -> None:
    async with serve_pages(
        tmp_path, ui={"contact": "Support <help@example.cz>", "default_language": "en"}
    ) as pages:
        answer = await pages.client.get(PATH)
        assert (answer.status, answer.content_type) == (200, "text/plain")
        assert (await answer.text()).splitlines() == [
            "Contact: mailto:help@example.cz",
            "Expires: 2027-07-14T00:00:00Z",
            "Preferred-Languages: cs, en",
            f"Canonical: {PUBLIC_URL}{PATH}",
        ]


async def test_is_not_there_without_a_contact(pages: Pages) -> None:
    assert (await pages.client.get(PATH)).status == 404


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("help@example.cz", "mailto:help@example.cz"),
        ("write to help@example.cz, or call", "mailto:help@example.cz"),
        ("see https://example.cz/help.", "https://example.cz/help"),
        ("call +420 123 456 789", None),
        ("", None),
    ],
)
def test_finds_what_programs_can_follow(text: str, uri: str | None) -> None:
    assert contact_uri(text) == uri
