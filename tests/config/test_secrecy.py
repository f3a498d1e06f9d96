"""No secret in what is shown, said or refused; no start with one that everybody reads."""

from pathlib import Path

import pytest

from relay.config import config_warnings, redacted, refuse_readable_secrets
from relay.errors import ConfigError
from tests.config.conftest import Load
from tests.config.given import KEY, REQUIRED, SECRET

MARKER = "MARKERmarker"
PASSWORDS = "smtp: {password: MARKERmarker}\nmetrics: {token: MARKERmarker}\ndatabase: postgresql://u:MARKERmarker@h/d\n"


def test_neither_repr_nor_the_redacted_form_holds_a_secret(load: Load) -> None:
    loaded = load(PASSWORDS)

    shown = repr(loaded) + str(loaded) + str(redacted(loaded.config))
    assert not [secret for secret in (KEY, SECRET, MARKER) if secret in shown]


@pytest.mark.parametrize(
    "text",
    [
        "smtp: {password: [MARKERmarker]}",
        "smtp: {password: {MARKERmarker: 1}}",
        "smtp: {password: *MARKERmarker}",
        "smtp: {password: !MARKERmarker x}",
        "smtp: {password: !MARKERmarker!x y}",
        "smtp: {password: 'MARKERmarker}",
        "smtp:\n  password: @MARKERmarker",
        "smtp:\n  password: MARKERmarker: x",
        "metrics: {token: [MARKERmarker]}",
        "secret_key: MARKERmarker\nsigfox: {secrets: [MARKERmarker]}",
        "sigfox: {secrets: MARKERmarker}",
        "sigfox: MARKERmarker",
        "database: postgres://u:MARKERmarker@h/d",
        "database: postgresql://u:MARKERmarker@@h/d",
    ],
)
def test_no_error_repeats_a_secret(load: Load, text: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(text, required="")

    assert MARKER not in str(error.value)
    assert error.value.__suppress_context__ or error.value.__context__ is None


def test_a_file_with_secrets_that_everybody_can_read_is_refused(load: Load) -> None:
    loaded = load(PASSWORDS)
    Path("config.yaml").chmod(0o604)

    with pytest.raises(ConfigError) as error:
        refuse_readable_secrets(loaded)

    assert str(error.value) == (
        "config.yaml: everybody on this machine can read it and it holds database, metrics.token, secret_key,"
        " sigfox.secrets, smtp.password: chmod 600 config.yaml"
    )


def test_a_file_without_secrets_may_be_read_by_everybody(load: Load) -> None:
    loaded = load("log: {level: debug}", REQUIRED, required="")
    Path("config.yaml").chmod(0o644)

    refuse_readable_secrets(loaded)
    assert config_warnings(loaded) == []


def test_a_file_with_secrets_that_the_group_can_read_is_a_warning(load: Load) -> None:
    loaded = load()
    Path("config.yaml").chmod(0o640)

    refuse_readable_secrets(loaded)
    assert config_warnings(loaded) == [
        "config.yaml: its group can read it and it holds secret_key, sigfox.secrets: chmod 600 config.yaml"
    ]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("public_url: http://relay.example.org", "public_url"),
        ("public_url: https://relay.example.org", "trusted_proxies"),
        ("trusted_proxies: [0.0.0.0/0]", "trusted_proxies"),
        ("sigfox: {allow_networks: ['::/0']}", "sigfox.allow_networks"),
        ("forwarder: {allow_networks: [0.0.0.0/0]}", "forwarder.allow_networks"),
    ],
)
def test_what_is_unwise_is_told(load: Load, text: str, key: str) -> None:
    warnings = config_warnings(load(text, REQUIRED, required=""))

    assert [warning.split(":")[0] for warning in warnings] == [key]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "public_url: http://localhost:8080",
        "public_url: http://[::1]:8080",
        "public_url: https://relay.example.org\ntrusted_proxies: [127.0.0.1]",
        "forwarder: {allow_networks: [127.0.0.0/8]}",
    ],
)
def test_what_is_wise_gives_no_warning(load: Load, text: str) -> None:
    assert config_warnings(load(text, REQUIRED, required="")) == []
