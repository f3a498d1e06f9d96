"""The message of a test."""

from dataclasses import replace

from relay.domain.delivery import Delivery
from relay.domain.endpoint import Endpoint, SealedEndpoint
from relay.domain.facts import Facts, facts_of
from relay.domain.sample import SAMPLE_SEQ_NUMBER, SAMPLE_STATION, USUAL_SAMPLE, Sample


def sample_facts(sample: Delivery) -> Facts:
    """What is known of it, for endpoints that ask for more than the classic fields."""
    return replace(facts_of(sample), seq_number=SAMPLE_SEQ_NUMBER, station=SAMPLE_STATION)


def sample_delivery(
    endpoint: Endpoint, device_label: str, webhook_id: str, now: float, sample: Sample = USUAL_SAMPLE
) -> Delivery:
    """A message such as a device might send, for one attempt at Unix time `now`."""
    return Delivery(
        id=0,
        webhook_id=webhook_id,
        endpoint=SealedEndpoint(
            id=endpoint.id, revision=endpoint.revision, url_sealed=b"", secret_sealed=b""
        ),
        attempt=1,
        tries=1,
        device_label=device_label,
        time=int(now) if sample.time is None else sample.time,
        data=sample.data,
        snr=sample.snr,
        rssi=sample.rssi,
        received_at_ms=round(now * 1000),
        lease_until_ms=0,
    )
