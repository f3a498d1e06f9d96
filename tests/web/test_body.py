"""Reading a posted form."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.web import body
from relay.web.body import MAX_FIELDS, MAX_FORM_BYTES, parse_form
from tests.pages import Pages

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_reads_fields_as_browsers_write_them() -> None:
    assert parse_form(b"a=1+2&b=%C5%BE%26%3D&c=&d") == {"a": "1 2", "b": "ž&=", "c": "", "d": ""}


def test_reads_utf8_that_was_not_encoded() -> None:
    assert parse_form("a=ž".encode()) == {"a": "ž"}


def test_reads_nothing() -> None:
    assert parse_form(b"") == {}


@pytest.mark.parametrize(
    "text",
    [
        b"a=%",
        b"a=%f",
        b"a=%zz",
        b"%=1",
        b"a=%ff",
        b"a=\xff",
        b"a=%ED%A0%80",
        b"a=%00",
        b"%00=1",
        b"a=1&a=2",
        b"a=1&%61=2",
        b"&".join(b"f%d=1" % number for number in range(MAX_FIELDS + 1)),
    ],
)
def test_refuses_what_could_be_read_in_two_ways(text: bytes) -> None:
    with pytest.raises(ValueError):
        parse_form(text)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(text: bytes) -> None:
    try:
        fields = parse_form(text)
    except ValueError:
        return
    assert all("\0" not in value for value in fields.values())


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded; charset=nope",
        "application/x-www-form-urlencoded; charset=utf-16",
        "",
    ],
)
async def test_other_kinds_of_data_are_415(pages: Pages, content_type: str) -> None:
    answer = await pages.client.post("/form", data=b"a=1", headers={"Content-Type": content_type})
    assert answer.status == 415


async def test_packed_forms_are_415(pages: Pages) -> None:
    headers = {**FORM, "Content-Encoding": "deflate"}
    assert (await pages.client.post("/form", data=b"", headers=headers)).status in (400, 415)


async def test_a_charset_in_capitals_is_read(pages: Pages) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    assert (await pages.client.post("/form", data=b"a=1", headers=headers)).status == 422


@pytest.mark.parametrize("size", [MAX_FORM_BYTES + 1, 1_000_000])
async def test_too_large_is_413_announced_or_not(pages: Pages, size: int) -> None:
    async def in_pieces() -> object:
        for _ in range(0, size, 4096):
            yield b"x" * 4096

    announced = await pages.client.post("/form", data=b"x" * size, headers=FORM)
    chunked = await pages.client.post("/form", data=in_pieces(), headers=FORM)
    assert (announced.status, chunked.status) == (413, 413)


async def test_a_form_that_never_ends_is_408(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "READ_WITHIN_SECONDS", 0.05)
    server = pages.client.server
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(
        b"POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\na=1"
    )
    assert (await reader.readline()).startswith(b"HTTP/1.1 408")
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(
    ("framing", "content"),
    [
        (b"Transfer-Encoding: chunked", b"zz\r\na=1\r\n0\r\n\r\n"),
        (b"Transfer-Encoding: chunked", b"3\r\na=1__0\r\n\r\n"),
        (b"Content-Length: 3\r\nContent-Encoding: gzip", b"a=1"),
    ],
)
async def test_a_garbled_body_is_the_senders_fault(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, framing: bytes, content: bytes
) -> None:
    monkeypatch.setattr(body, "READ_WITHIN_SECONDS", 0.05)
    server = pages.client.server
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(
        b"POST /form HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n" + framing + b"\r\n\r\n"
    )
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(content)
    status = (await reader.readline()).split()[1]
    writer.close()
    await writer.wait_closed()
    assert status.startswith(b"4")
