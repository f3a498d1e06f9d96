"""How seldom an endpoint is asked that takes nothing."""

from bench.findings import Finding
from bench.fleet import Mode
from bench.hurried_relay import SPEED
from bench.plan import Plan, at_full_speed
from bench.relay_process import Kind
from bench.trial import Trial

_MESSAGES = 10_000
_HOUR_SECONDS = 3600
_MOST_REQUESTS = 60


def dead(plan: Plan) -> Finding:
    """One endpoint that fails every request, thousands of messages, an hour by the relay's hurried clock."""
    load = [*at_full_speed(_MESSAGES), "--settle-seconds", str(_HOUR_SECONDS / SPEED)]
    trial = Trial(load=load, devices=1, shares=((Mode.FAIL, 1.0),), settings=plan.settings)
    account = trial.run(Kind.HURRIED)
    requests = account.attempts
    finding = Finding(
        title=f"Dead: one endpoint that fails, {_MESSAGES:,} messages, an hour by a clock {SPEED} x as fast",
        target=f"<= {_MOST_REQUESTS} requests an hour",
        columns=("messages taken", "requests", "CPU us/message", "peak MiB"),
        rows=[
            (
                str(account.acked),
                str(requests),
                f"{account.relay['cpu_us_per_message']:.0f}",
                f"{account.relay['peak_mib']:.0f}",
            )
        ],
        found=f"{requests} requests",
    )
    finding.require_sound("callbacks", account)
    finding.require(0 < requests <= _MOST_REQUESTS, f"{requests} requests")
    return finding
