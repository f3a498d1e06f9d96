"""Moments as text."""

from datetime import UTC, datetime


def iso_moment(at_ms: int) -> str:
    """Unix milliseconds as ISO 8601 in UTC, such as `2026-11-22T14:05:00.123Z`."""
    moment = datetime.fromtimestamp(at_ms // 1000, UTC).replace(microsecond=at_ms % 1000 * 1000)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
