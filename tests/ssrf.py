"""The corpus of addresses that the relay may, and may not, connect to."""

import ipaddress
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from relay.domain.target import TargetPolicy

_CORPUS = Path(__file__).parent / "cases" / "ssrf_corpus.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    id: str
    url: Any
    verdict: str
    answers: list[list[str]]
    opened: tuple[str, ...]
    own_hosts: tuple[str, ...]

    @property
    def closed_policy(self) -> TargetPolicy:
        return self.policy(())

    @property
    def opened_policy(self) -> TargetPolicy:
        return self.policy(self.opened)

    def policy(self, opened: Sequence[str]) -> TargetPolicy:
        networks = tuple(ipaddress.ip_network(text) for text in opened)
        own = frozenset((host, None) for host in self.own_hosts)
        return TargetPolicy(allow_networks=networks, own_hosts=own)


@dataclass(slots=True)
class StubbedDns:
    """Answers look-ups in turn; the last answer stays. Counts what it was asked."""

    answers: list[list[str]]
    asked: list[str] = field(default_factory=list)

    def __call__(self, host: str) -> list[str]:
        self.asked.append(host)
        if not self.answers:
            raise OSError(f"unexpected look-up of {host}")
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def corpus(keep: Callable[[Case], bool] = lambda _: True) -> list[Case]:
    with _CORPUS.open(encoding="utf-8") as lines:
        cases = [_case(json.loads(line)) for line in lines]
    return [case for case in cases if keep(case)]


def _case(row: dict[str, Any]) -> Case:
    sequence = row.get("resolve_sequence") or ([row["resolves_to"]] if "resolves_to" in row else [])
    return Case(
        id=row["id"],
        url=row["url"],
        verdict=row["verdict"],
        answers=[[answer] if isinstance(answer, str) else answer for answer in sequence],
        opened=_opened(row),
        own_hosts=tuple(row.get("config", {}).get("own_hosts", ())),
    )


def _opened(row: dict[str, Any]) -> tuple[str, ...]:
    """The networks that an operator would open for this line: as it says, else where its host lies."""
    if "allow_cidr" in row:
        return (row["allow_cidr"],)
    return tuple(row.get("resolves_to", ())) or ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", *_OTHERS)


_OTHERS = ("100.64.0.0/10", "127.0.0.0/8", "fc00::/7", "::1/128")
