"""The defaults, and what the values become."""

from ipaddress import ip_network
from pathlib import Path

import pydantic
import pytest

from relay.config import Config, DatabaseKind, ListenAddress, redacted
from tests.config.conftest import Load
from tests.config.given import KEY, SECRET


def test_defaults_are_the_documented_ones(load: Load) -> None:
    assert redacted(load().config) == {
        "public_url": "http://127.0.0.1:8080",
        "listen": "127.0.0.1:8080",
        "trusted_proxies": [],
        "database": "sqlite:///relay.db",
        "secret_key": ["**********"],
        "sigfox": {
            "secrets": ["**********"],
            "allow_networks": [],
            "answer_within": "5s",
            "ask_within": "5s",
            "batch": {"pattern": "{device};{time};{data};{seqNumber};{rssi};{snr};{ack}", "parameter": ""},
        },
        "forwarder": {
            "timeout": "15s",
            "schedule": ["0s", "5s", "30s", "5m", "30m", "2h", "5h", "10h", "14h", "20h", "1d"],
            "suspend_after": "5d",
            "concurrency": 2000,
            "per_endpoint": 2,
            "per_address": 8,
            "allow_networks": [],
            "allow_http": True,
            "sign_v1a": True,
            "egress_addresses": [],
        },
        "retention": {
            "messages": "90d",
            "attempts": "30d",
            "unclaimed": "7d",
            "statistics": "730d",
            "events": "365d",
        },
        "smtp": {"host": "", "port": 587, "tls": "starttls", "username": "", "password": "", "from": ""},
        "map": {"tiles": "", "attribution": "", "max_zoom": 18},
        "ui": {
            "languages": ["cs", "en"],
            "default_language": "cs",
            "time_zone": "Europe/Prague",
            "operator_name": "",
            "contact": "",
        },
        "metrics": {"enabled": True, "token": ""},
        "log": {"level": "info", "format": "auto"},
    }


def test_durations_are_seconds_and_the_schedule_has_eleven_tries(load: Load) -> None:
    forwarder = load().config.forwarder

    assert forwarder.timeout == 15.0
    assert len(forwarder.schedule) == 11
    assert sum(forwarder.schedule) / 3600 == pytest.approx(75.6, abs=0.05)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("0.0.0.0:80", ListenAddress(host="0.0.0.0", port=80)),
        ("'[::1]:8080'", ListenAddress(host="::1", port=8080)),
        ("localhost:0", ListenAddress(host="localhost", port=0)),
    ],
)
def test_listen_addresses(load: Load, text: str, address: ListenAddress) -> None:
    assert load(f"listen: {text}").config.listen == address
    assert str(address) == text.strip("'")


@pytest.mark.parametrize(
    "text", ["::1:80", "'[zz]:80'", "'[1.2.3.4]:80'", "a:65536", ":80", "'*:80'", "a b:80", "a:-1"]
)
def test_what_is_no_listen_address(load: Load, text: str) -> None:
    with pytest.raises(Exception, match=r"^config\.yaml:3: listen: .* is no address: write host:port"):
        load(f"listen: {text}")


def test_networks_are_networks(load: Load) -> None:
    config = load("trusted_proxies: [127.0.0.1, fd00::/8]").config

    assert config.trusted_proxies == (ip_network("127.0.0.1/32"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    "url", ["https://relay.example.org", "http://[::1]:8080", "https://xn--eka-jta.cz:8443"]
)
def test_a_public_url_loses_its_last_slash(load: Load, url: str) -> None:
    assert load(f"public_url: '{url}'").config.public_url == url
    assert load(f"public_url: '{url}/'").config.public_url == url


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a",
        "https://",
        "https://a/b",
        "https://u@a",
        "https://a?b",
        "https://a#b",
        "https://a:99999",
        "https://[",
        "//a",
        *["https://a b", "https://ř.cz", "https://a\\b", "https://a:x"],
    ],
)
def test_a_public_url_is_scheme_host_and_port_only(load: Load, url: str) -> None:
    with pytest.raises(Exception, match="is no public address"):
        load(f"public_url: '{url}'")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///relay.db", Path("relay.db")),
        ("sqlite:////var/lib/relay/relay.db", Path("/var/lib/relay/relay.db")),
    ],
)
def test_three_slashes_are_relative_and_four_absolute(load: Load, url: str, path: Path) -> None:
    database = load(f"database: {url}").config.database

    assert (database.kind, database.path, database.hides) == (DatabaseKind.SQLITE, path, False)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://h/db", "postgresql://h/db"),
        ("postgresql:///db", "postgresql:///db"),
        ("postgresql://u@h:5432/db", "postgresql://u@h:5432/db"),
        ("postgresql://u:pass@h:5432/db", "postgresql://u:***@h:5432/db"),
        ("postgresql://h/db?password=pass", "postgresql://h/db?***"),
    ],
)
def test_postgresql_is_known_and_its_password_never_shown(load: Load, url: str, shown: str) -> None:
    config = load(f"database: {url}").config

    assert (config.database.kind, config.database.url) == (DatabaseKind.POSTGRESQL, url)
    assert (str(config.database), redacted(config)["database"]) == (shown, shown)
    assert config.database.hides == (url != shown)
    assert "pass" not in repr(config.database)


def test_several_keys_are_kept_in_order(load: Load) -> None:
    config = load(
        f"secret_key: [{SECRET}, {KEY}]\nsigfox: {{secrets: [{SECRET}, {KEY}]}}\n", required=""
    ).config

    assert [key.get_secret_value() for key in config.secret_key] == [SECRET, KEY]
    assert [key.get_secret_value() for key in config.sigfox.secrets] == [SECRET, KEY]


def test_a_program_may_build_one_from_plain_values() -> None:
    config = Config.model_validate(
        {"secret_key": KEY, "sigfox": {"secrets": [SECRET], "answer_within": 0.5}, "listen": "127.0.0.1:0"}
    )

    assert config.sigfox.answer_within == 0.5
    assert Config.model_validate({**redacted(config), "secret_key": KEY, "sigfox": config.sigfox}) == config


def test_settings_cannot_be_changed(load: Load) -> None:
    with pytest.raises(pydantic.ValidationError):
        load().config.log.level = "debug"
