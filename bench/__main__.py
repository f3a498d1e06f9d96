"""Measures the real program from outside, beside relays that promise less.

    python -m bench                              all that the delivery engine is measured by, forty minutes
    python -m bench ceiling --quick              a first impression
    python -m bench peers                        beside other programs; installs them below build/
    python -m bench --write docs/benchmarks.md   the findings into the documentation

Each trial starts a fresh relay with a temporary configuration on core 0 and the generator on core 1. The exit
code is 1 when a target was missed or a message was lost, duplicated, misrouted or changed, and 2 when
something could not be measured.
"""

import argparse
import shlex
import sys
from pathlib import Path
from typing import Any

import yaml

from bench.findings import Finding, as_text, document, summary_as_text
from bench.machine import facts
from bench.plan import Plan
from bench.preload import NoCompilerError
from bench.program import NotRunningError
from bench.scenarios import DEFAULT, SCENARIOS

_CANNOT_MEASURE = 2


def main() -> int:
    options = _arguments().parse_args()
    names = options.scenario or DEFAULT
    command = shlex.join(["python", "-m", "bench", *sys.argv[1:]])
    print("\n".join(f"{name}: {value}" for name, value in facts().items()))
    explored = [_explore(name, _plan(options)) for name in names]
    findings = [finding for finding in explored if finding]
    print("\n" + summary_as_text(findings))
    if options.write:
        page = options.write.read_text() if options.write.exists() else "# Benchmarks"
        options.write.write_text(document(page, command, facts(), findings))
    if None in explored:
        return _CANNOT_MEASURE
    return 1 if any(finding.missed for finding in findings) else 0


def _explore(name: str, plan: Plan) -> Finding | None:
    """None when it could not be measured: the others still can."""
    try:
        finding = SCENARIOS[name](plan)
    except (NotRunningError, NoCompilerError) as error:
        print(f"\ncannot measure {name}: {error}", file=sys.stderr, flush=True)
        return None
    print("\n" + as_text(finding), flush=True)
    return finding


def _plan(options: argparse.Namespace) -> Plan:
    quick = options.quick
    return Plan(
        rounds=options.rounds or (1 if quick else 3),
        seconds=options.seconds or (5 if quick else 20),
        steady_seconds=options.seconds or (5 if quick else 60),
        messages=options.messages or (4000 if quick else 20000),
        settings=dict(options.settings),
    )


def _setting(text: str) -> tuple[str, Any]:
    key, _, value = text.partition("=")
    return key, yaml.safe_load(value)


def _scenario_name(text: str) -> str:
    if text not in SCENARIOS:
        raise argparse.ArgumentTypeError(f"{text!r} is not one of {', '.join(SCENARIOS)}")
    return text


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("scenario", nargs="*", type=_scenario_name, metavar="scenario", help=f"of {', '.join(SCENARIOS)}")
    add("--rounds", type=int, help="of each comparison, interleaved (3; 1 with --quick)")
    add("--seconds", type=float, help="of each run by the clock (20, for `steady` 60; 5 with --quick)")
    add("--messages", type=int, help="of each run at full speed (20000; 4000 with --quick)")
    add("--quick", action="store_true")
    add("--set", dest="settings", action="append", default=[], type=_setting, metavar="KEY=VALUE",
        help="a configuration key of the relay, such as forwarder.per_address=64")  # fmt: skip
    add("--write", type=Path, metavar="FILE", help="replace the findings below the mark in a page")
    return parser


if __name__ == "__main__":
    sys.exit(main())
