"""Measures the real program from outside, beside relays that promise less.

    python -m bench                              the ceiling, 1,000/s, and nodes on PostgreSQL, many minutes
    python -m bench ceiling --quick              a first impression
    python -m bench steady repeats --seconds 60
    python -m bench --write docs/benchmarks.md   all of it into the documentation

Each trial starts a fresh relay with a temporary configuration on core 0 and the generator on core 1. The exit
code is 1 when a target was missed or a message was lost, duplicated, misrouted or changed.
"""

import argparse
import shlex
import sys
from pathlib import Path
from typing import Any

import yaml

from bench.findings import Finding, as_text, document
from bench.machine import facts
from bench.relay_process import NotRunningError
from bench.scenarios import DEFAULT, SCENARIOS, Plan
from bench.slow_disk import NoCompilerError

_CANNOT_MEASURE = 2


def main() -> int:
    options = _arguments().parse_args()
    names = options.scenario or DEFAULT
    command = shlex.join(["python", "-m", "bench", *sys.argv[1:]])
    print("\n".join(f"{name}: {value}" for name, value in facts().items()))
    try:
        findings = [_explore(name, _plan(options)) for name in names]
    except (NotRunningError, NoCompilerError) as error:
        print(f"cannot measure: {error}", file=sys.stderr)
        return _CANNOT_MEASURE
    if options.write:
        options.write.parent.mkdir(parents=True, exist_ok=True)
        options.write.write_text(document(command, facts(), findings))
    return 1 if any(finding.missed for finding in findings) else 0


def _explore(name: str, plan: Plan) -> Finding:
    finding = SCENARIOS[name](plan)
    print("\n" + as_text(finding), flush=True)
    return finding


def _plan(options: argparse.Namespace) -> Plan:
    quick = options.quick
    return Plan(
        rounds=options.rounds or (2 if quick else 5),
        seconds=options.seconds or (5 if quick else 20),
        messages=options.messages or (4000 if quick else 20000),
        ceiling_ratio=options.ceiling_ratio,
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
    add("--rounds", type=int, help="of each comparison, interleaved (5; 2 with --quick)")
    add("--seconds", type=float, help="of each run by the clock (20; 5 with --quick)")
    add("--messages", type=int, help="of each run at full speed (20000; 4000 with --quick)")
    add("--quick", action="store_true")
    add("--ceiling-ratio", type=float, default=0.5, help="the target of `ceiling`")
    add("--set", dest="settings", action="append", default=[], type=_setting, metavar="KEY=VALUE",
        help="a configuration key of the relay, such as forwarder.per_address=64")  # fmt: skip
    add("--write", type=Path, metavar="FILE", help="write the findings as Markdown")
    return parser


if __name__ == "__main__":
    sys.exit(main())
