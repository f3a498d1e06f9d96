"""Files under names that change with their content."""

import re
from pathlib import Path

import pytest

from relay.web.static import read_static_files
from tests.pages import Pages

URL = re.compile(r'"(/static/[^"]+)"')


async def test_pages_name_only_files_that_are_served_for_ever(pages: Pages) -> None:
    urls = set(URL.findall(await (await pages.client.get("/")).text()))
    assert len(urls) == 3
    for url in urls:
        answer = await pages.client.get(url)
        assert answer.status == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert re.fullmatch(r"/static/\w+\.[0-9a-f]{8}\.\w+", url)


@pytest.mark.parametrize(
    "path",
    [
        "/static/relay.css",
        "/static/",
        "/static/../relay.css",
        "/static/..%2f..%2fapp.py",
        "/static/%2e%2e/__init__.py",
        "/static//etc/passwd",
        "/static/relay.00000000.css",
    ],
)
async def test_nothing_else_is_served(pages: Pages, path: str) -> None:
    assert (await pages.client.get(path)).status == 404


def test_a_name_follows_the_content(tmp_path: Path) -> None:
    (tmp_path / "vendor").mkdir()
    file = tmp_path / "vendor" / "map.js"
    (tmp_path / "notes.md").write_text("not for readers")
    urls = set()
    for text in ("one", "two", "one"):
        file.write_text(text)
        (served,) = read_static_files(tmp_path).values()
        urls.add(served.url)
        assert served.content == text.encode()
        assert served.content_type.startswith("text/javascript")
    assert len(urls) == 2
    assert all(url.startswith("/static/vendor/map.") for url in urls)


def test_nothing_is_loaded_from_elsewhere() -> None:
    """What is vendored names its own makers; that nothing of it asks them is seen in a browser."""
    for name, file in read_static_files(Path(__file__).parent.parent.parent / "relay" / "static").items():
        if name.startswith("vendor/"):
            continue
        assert not re.search(rb"https?://(?!www\.w3\.org/2000/svg)", file.content), name
