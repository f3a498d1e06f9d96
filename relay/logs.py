"""Logging: one line a happening, with a constant dotted name and facts beside it."""

import asyncio
import json
import logging
import sys
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Literal, TextIO

_STANDARD_COUNT = len(logging.makeLogRecord({}).__dict__)
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """`{"ts": ..., "level": ..., "event": ..., <facts>}`; facts that are None are left out."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record as one line of JSON."""
        line = {
            "ts": f"{_second(int(record.created))}.{int(record.created * 1000) % 1000:03d}+00:00",
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **_facts(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _encode(line)


def _encoder() -> Callable[[dict[str, object]], str]:
    """orjson where it is installed; what it refuses, such as half a surrogate pair, goes the slower way."""
    slow = json.JSONEncoder(default=str).encode
    try:
        import orjson
    except ImportError:
        return slow

    def encode(line: dict[str, object]) -> str:
        try:
            return orjson.dumps(line, default=str).decode()
        except orjson.JSONEncodeError:
            return slow(line)

    return encode


_encode = _encoder()


@lru_cache(maxsize=1)
def _second(unix_seconds: int) -> str:
    """Many lines have it in common."""
    return datetime.fromtimestamp(unix_seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


class TextLines(logging.Formatter):
    """The same for people: time, level, name, `key=value`."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record as one line of text, and a traceback below it."""
        time = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S.%f")[:-3]
        facts = " ".join(f"{key}={json.dumps(value, default=str)}" for key, value in _facts(record).items())
        line = f"{time} {record.levelname.lower():7} {json.dumps(record.getMessage())[1:-1]} {facts}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _facts(record: logging.LogRecord) -> dict[str, object]:
    """What `extra` brought: it stands behind the standard attributes, which are many."""
    own = islice(record.__dict__.items(), _STANDARD_COUNT, None)
    return {key: value for key, value in own if value is not None and key not in _STANDARD}


class GatheredLines(logging.StreamHandler[TextIO]):
    """Writes the lines of one turn of the event loop at once; where no loop runs, each at once."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line until the turn ends."""
        try:
            self._lines.append(f"{self.format(record)}\n")
            if len(self._lines) == 1:
                self._flush_soon()
        except Exception:  # as in all handlers of logging
            self.handleError(record)

    def _flush_soon(self) -> None:
        try:
            asyncio.get_running_loop().call_soon(self.flush)
        except RuntimeError:
            self.flush()

    def flush(self) -> None:
        """Write what was kept."""
        with self.lock or nullcontext():
            lines, self._lines = self._lines, []
            self.stream.write("".join(lines))
            self.stream.flush()


def set_up_logging(level: str, line_format: Literal["auto", "json", "text"]) -> None:
    """Write all logs to standard output; `auto` is text on a terminal and JSON elsewhere."""
    handler = GatheredLines(sys.stdout)
    as_text = line_format == "text" or (line_format == "auto" and sys.stdout.isatty())
    handler.setFormatter(TextLines() if as_text else JsonLines())
    # Not shown, and not free: thread, process and place in the code of each line.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # noqa: SLF001 - the way of Python's logging HOWTO ("Optimization")
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # aiohttp's access log holds whole queries, asyncio's and aiosqlite's debug lines hold values.
    for noisy in ("aiohttp.access", "aiosqlite", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("aiohttp.server").addFilter(tame_malformed)


def tame_malformed(record: logging.LogRecord) -> bool:
    """Log what is no HTTP at all as the stranger's fault that it is, without the bytes that were sent.

    aiohttp makes an error with a traceback of it, which quotes the request with the secrets in it.
    """
    from aiohttp.http import HttpProcessingError  # takes long to import for commands, which serve nothing

    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        record.msg, record.args, record.exc_info = "request.malformed", (), None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.reason = type(error).__name__
    return True


def mask_email(address: str) -> str:
    """An address as logs may show it: the first letter and the domain."""
    name, at, domain = address.partition("@")
    return f"{name[:1]}***{at}{domain}"
