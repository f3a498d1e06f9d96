"""Messages with everything that can be known of one."""

from dataclasses import replace

from relay.domain.device_state import Place
from relay.domain.facts import Facts, Reading
from relay.domain.uplink import Kind

MESSAGE = Facts(
    device="1A2B3C",
    time=1_700_000_000,
    received_at_ms=1_700_000_003_250,
    data="0f09",
    snr=14.99,
    rssi=-136.0,
    seq_number=4095,
    station="0E3A",
    ack=True,
    downlink="0102030405060708",
    device_name="Čidlo 1",
    device_type="meters",
    more={"avgSnr": 12.5, "lat": 50.0, "lng": 14.0, "duplicate": True, "customData": {"t": 5}},
    radio={
        "lqi": "GOOD",
        "operatorName": "SIGFOX_Czech",
        "countryCode": 203,
        "duplicates": [{"bsId": "0E3A", "rssi": -136.0, "nbRep": 3}, {"bsId": "0E3B", "rssi": -120.5}],
    },
    decoded={"temperature": Reading(value=21.5, units="°C"), "text": Reading(value='"}{&?=#\n')},
    place=Place(latitude=50.1, longitude=14.4, source="computed", time=1_700_000_000, radius=800),
)
LITTLE_KNOWN = Facts(device="A0", time=1_700_000_000, received_at_ms=1_700_000_000_000)
STATUS = replace(LITTLE_KNOWN, kind=Kind.STATUS, seq_number=7, more={"batt": 3.4, "temp": 20})
