"""The harness' own books: what a page keeps, what counts as missed, who goes first."""

from bench.findings import MARK, Finding, document, summary_as_text
from bench.fleet import ATTACKER, Mode, Sites, make_fleet
from bench.rounds import interleaved

FOUND = Finding(
    title="Ceiling", target=">= 0.7", columns=("", "relays/s"), found="0.71", rows=[("it", "870")]
)


def test_writing_findings_keeps_what_stands_above_the_mark_and_replaces_what_stands_below() -> None:
    once = document("# Benchmarks\n\nby hand\n", "bench one", {"cores": "2"}, [FOUND])
    twice = document(once, "bench two", {"cores": "2"}, [FOUND])
    assert twice.startswith(f"# Benchmarks\n\nby hand\n\n{MARK}\n")
    assert twice == once.replace("bench one", "bench two")
    assert "| Ceiling | >= 0.7 | 0.71 | yes |" in twice


def test_what_was_missed_shows_in_the_summary() -> None:
    missed = Finding(title="Dead", target="<= 60", columns=(), found="61", missed=["61 requests"])
    header, first, second = summary_as_text([FOUND, missed]).splitlines()
    assert header.split() == ["work", "to", "reach", "found", "reached"]
    assert (first.split()[-1], second.split()[-1]) == ("yes", "no")


def test_rounds_turn_the_order_round() -> None:
    ran: list[str] = []
    interleaved(3, {name: lambda name=name: ran.append(name) for name in "ab"})
    assert "".join(ran) == "abbaab"


def test_an_attacker_has_many_names_and_one_address() -> None:
    fleet = make_fleet(3, sites=Sites(attacking_names=4))
    attackers = fleet[3:]
    assert len({one.webhook_url.split("/")[2] for one in attackers}) == 4
    assert {one.address[0] for one in attackers} == {ATTACKER}
    assert len({one.device for one in fleet}) == 7
    assert {one.mode for one in attackers} == {Mode.HANG}
