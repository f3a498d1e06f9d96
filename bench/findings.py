"""What a scenario found, as a table for a terminal and for the documentation."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bench.account import Account

MARK = "<!-- Below stands what `python -m bench --write` measured: change `bench/`, not this. -->"
_SUMMARY = ("work", "to reach", "found", "reached")


@dataclass(slots=True, kw_only=True)
class Finding:
    """`found` is the figure that the target speaks of.

    `missed` names every target that was not reached and every message that went astray.
    """

    title: str
    target: str
    columns: Sequence[str]
    found: str = ""
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
    lines = [finding.title, f"target: {finding.target}", ""]
    return "\n".join([*lines, *_aligned([finding.columns, *finding.rows]), *_remarks(finding)])


def summary_as_text(findings: Sequence[Finding]) -> str:
    """One line a scenario."""
    return "\n".join(_aligned([_SUMMARY, *map(_in_short, findings)]))


def _in_short(finding: Finding) -> Sequence[str]:
    return (finding.title, finding.target, finding.found, "no" if finding.missed else "yes")


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _remarks(finding: Finding) -> list[str]:
    verdict = [f"MISSED: {missed}" for missed in finding.missed] or ["reached"]
    return [f"note: {note}" for note in finding.notes] + verdict


def document(page: str, command: str, facts: Mapping[str, str], findings: Sequence[Finding]) -> str:
    """The page of the documentation: what stood above the mark, and the findings below it."""
    above = page.partition(MARK)[0].rstrip()
    lines = [above, "", MARK, "", "## Measured", "", "```", command, "```", ""]
    lines += _table(("machine", ""), list(facts.items()))
    lines += ["", *_table(_SUMMARY, [_in_short(finding) for finding in findings]), ""]
    return "\n".join([*lines, *(_as_markdown(finding) for finding in findings)])


def _as_markdown(finding: Finding) -> str:
    lines = [f"### {finding.title}", "", f"Target: {finding.target}.", ""]
    lines += _table(finding.columns, finding.rows)
    return "\n".join([*lines, "", *(f"- {remark}" for remark in _remarks(finding)), ""])


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return ["| " + " | ".join(cells) + " |" for cells in (columns, ["---"] * len(columns), *rows)]
