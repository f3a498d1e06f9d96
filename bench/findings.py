"""What a scenario found, as a table for a terminal and for the documentation."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bench.account import Account


@dataclass(slots=True, kw_only=True)
class Finding:
    """`missed` names every target that was not reached and every message that went astray."""

    title: str
    target: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def require(self, reached: bool, target: str) -> None:
        if not reached:
            self.missed.append(target)

    def require_sound(self, name: str, account: Account) -> None:
        self.require(account.sound, f"{name}: {account.faults}, answers {account.answers}")
        self.notes.extend(f"{name}: {warning}" for warning in account.warnings)


def low_middle_high(values: Sequence[float], digits: int = 0) -> str:
    ordered = (min(values), statistics.median(values), max(values))
    return " / ".join(f"{value:.{digits}f}" for value in ordered)


def as_text(finding: Finding) -> str:
    widths = [
        max(len(cell) for cell in column) for column in zip(finding.columns, *finding.rows, strict=True)
    ]
    lines = [finding.title, f"target: {finding.target}", ""]
    lines += [_padded(row, widths) for row in (finding.columns, *finding.rows)]
    return "\n".join([*lines, *_remarks(finding)])


def _padded(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def as_markdown(finding: Finding) -> str:
    lines = [f"## {finding.title}", "", f"Target: {finding.target}.", ""]
    lines += [_markdown_row(finding.columns), _markdown_row(["---"] * len(finding.columns))]
    lines += [_markdown_row(row) for row in finding.rows]
    return "\n".join([*lines, "", *(f"- {remark}" for remark in _remarks(finding)), ""])


def _remarks(finding: Finding) -> list[str]:
    verdict = [f"MISSED: {missed}" for missed in finding.missed] or ["reached"]
    return [f"note: {note}" for note in finding.notes] + verdict


def _markdown_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def document(command: str, facts: Mapping[str, str], findings: Sequence[Finding]) -> str:
    """The whole page for the documentation."""
    lines = ["# Benchmarks", "", "Written by the harness itself; change `bench/`, not this page.", ""]
    lines += ["```", command, "```", "", "| machine | |", "| --- | --- |"]
    lines += [_markdown_row((name, value)) for name, value in facts.items()]
    return "\n".join([*lines, "", *(as_markdown(finding) for finding in findings)])
