from relay.simulator.report import Report


def test_latencies_are_ranked() -> None:
    report = Report(latencies_ms=(30.0, 10.0, 20.0, 40.0))
    assert [report.latency_ms(share) for share in (0, 0.25, 0.5, 0.51, 1)] == [10, 10, 20, 30, 40]


def test_a_report_without_answers_has_no_latency() -> None:
    assert Report().latency_ms(0.5) is None


def test_a_report_is_good_only_without_losses_and_faults() -> None:
    assert Report().good
    assert not Report(never_accepted=("data of 1",)).good
    assert not Report(malformed=("data of 1: the answer is not JSON",)).good
