"""Which source wins, and where a value is said to come from."""

from pathlib import Path

import pytest

from relay.config import load_config
from relay.errors import ConfigError
from tests.config.conftest import Load
from tests.config.given import KEY, REQUIRED, SECRET

OTHER_KEY = "nWq4Xv6Tz_9rLpKjMhGfDsAoIuYeRtC2"


def test_environment_wins_over_the_file_and_the_file_over_defaults(load: Load) -> None:
    loaded = load("smtp:\n  port: 25\n  username: me\n", {"RELAY_SMTP__PORT": "465"})

    smtp = loaded.config.smtp
    assert (smtp.port, smtp.username, smtp.tls) == (465, "me", "starttls")
    assert loaded.path == Path("config.yaml")
    assert loaded.sources["smtp.port"] == "RELAY_SMTP__PORT"
    assert loaded.sources["smtp.username"] == "config.yaml:5"
    assert loaded.sources["smtp.tls"] == "default"
    assert loaded.sources["secret_key"] == "config.yaml:1"
    assert loaded.from_file == {"secret_key", "sigfox.secrets", "smtp.username"}


def test_the_environment_alone_is_enough(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relay.config.load.SEARCHED", (Path("config.yaml"),))

    loaded = load_config(None, {**REQUIRED, "RELAY_LOG__LEVEL": "debug"})

    assert loaded.path is None
    assert loaded.config.log.level == "debug"
    assert loaded.from_file == frozenset()


def test_search_order_is_option_then_variable_then_here(folder: Path) -> None:
    for name in ("option", "variable", "config"):
        Path(f"{name}.yaml").write_text(f"ui: {{contact: {name}}}")
    environ = {**REQUIRED, "RELAY_CONFIG": "variable.yaml"}

    assert load_config(Path("option.yaml"), environ).config.ui.contact == "option"
    assert load_config(None, environ).config.ui.contact == "variable"
    assert load_config(None, {**REQUIRED, "RELAY_CONFIG": ""}).config.ui.contact == "config"


@pytest.mark.parametrize(
    "text",
    ["10.0.0.0/8,::1", " 10.0.0.0/8 , ::1/128 ", '["10.0.0.0/8", "::1"]', "10.0.0.0/8\n::1\n"],
)
def test_lists_in_the_environment_are_json_or_comma_separated(load: Load, text: str) -> None:
    config = load("", {"RELAY_TRUSTED_PROXIES": text}).config

    assert [str(network) for network in config.trusted_proxies] == ["10.0.0.0/8", "::1/128"]


def test_a_list_from_the_environment_replaces_the_one_of_the_file(load: Load) -> None:
    with pytest.raises(ConfigError, match=r"^RELAY_TRUSTED_PROXIES: entry 1: `x` is no network"):
        load("trusted_proxies: [a, b]", {"RELAY_TRUSTED_PROXIES": "x"})
    assert load("trusted_proxies: [10.0.0.0/8]", {"RELAY_TRUSTED_PROXIES": ""}).config.trusted_proxies == ()


@pytest.mark.parametrize("text", ['["a"', "[a]", "[" * 100_000])
def test_a_broken_json_list_in_the_environment_is_refused(load: Load, text: str) -> None:
    with pytest.raises(ConfigError) as error:
        load("", {"RELAY_UI__LANGUAGES": text})

    assert str(error.value) == 'RELAY_UI__LANGUAGES: should be a list, such as one,two or ["one", "two"]'


def test_an_environment_value_cannot_mend_a_file_that_has_no_group_there(load: Load) -> None:
    with pytest.raises(ConfigError, match=r"^config\.yaml:3: smtp: should be a group of keys"):
        load("smtp: 5", {"RELAY_SMTP__PORT": "25"})


def test_an_empty_value_in_the_file_means_the_default(load: Load) -> None:
    loaded = load("listen:\nsmtp:\nlog:\n  level: ~\n  format: null\n")

    assert loaded.config.log.level == "info"
    assert loaded.sources["log.level"] == loaded.sources["listen"] == "default"


def test_text_stays_what_was_written(load: Load) -> None:
    digits = "98765432101234567890987654321012"
    text = "smtp: {username: 007, password: 12:30}\nui: {operator_name: no, contact: 'null'}\n"
    config = load(text, {"RELAY_SECRET_KEY": digits}).config

    assert (config.smtp.username, config.smtp.password.get_secret_value()) == ("007", "12:30")
    assert (config.ui.operator_name, config.ui.contact) == ("no", "null")
    assert config.secret_key[0].get_secret_value() == digits


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_file_variables_read_a_file_less_one_line_end(load: Load, end: str) -> None:
    Path("pw").write_text("  pass word " + end, newline="")

    loaded = load("smtp: {password: other}", {"RELAY_SMTP__PASSWORD_FILE": "pw"})

    assert loaded.config.smtp.password.get_secret_value() == "  pass word "
    assert loaded.sources["smtp.password"] == "RELAY_SMTP__PASSWORD_FILE"


def test_several_keys_in_a_file_stand_one_a_line(load: Load) -> None:
    Path("keys").write_text(f"{OTHER_KEY}\n{KEY}\n")

    config = load("", {"RELAY_SECRET_KEY_FILE": "keys"}).config

    assert [key.get_secret_value() for key in config.secret_key] == [OTHER_KEY, KEY]


def test_an_unreadable_file_is_told_once_with_its_variable(folder: Path) -> None:
    Path("latin").write_bytes(b"\xe8")
    environ = {
        "RELAY_SECRET_KEY_FILE": "gone",
        "RELAY_SIGFOX__SECRETS_FILE": "latin",
        "RELAY_SMTP__HOST_FILE": "",
    }
    Path("config.yaml").write_text("")

    with pytest.raises(ConfigError) as error:
        load_config(None, environ)

    assert str(error.value).splitlines() == [
        "RELAY_SECRET_KEY_FILE: cannot read `gone`: No such file or directory",
        "RELAY_SIGFOX__SECRETS_FILE: `latin` is not UTF-8 text",
        "RELAY_SMTP__HOST_FILE: cannot read `.`: Is a directory",
    ]


def test_a_variable_and_its_file_form_exclude_each_other(load: Load) -> None:
    with pytest.raises(ConfigError) as error:
        load("", {"RELAY_SMTP__HOST": "a", "RELAY_SMTP__HOST_FILE": "b"})

    assert str(error.value) == "RELAY_SMTP__HOST: RELAY_SMTP__HOST_FILE is set as well: keep one of them"


def test_credentials_stand_between_environment_and_file(load: Load, tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text(OTHER_KEY + "\n")
    (tmp_path / "sigfox.secrets").write_text(OTHER_KEY)
    (tmp_path / "listen").write_text("not a secret, not read")

    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path), "RELAY_SIGFOX__SECRETS": SECRET}
    loaded = load("", environ)

    assert loaded.config.secret_key[0].get_secret_value() == OTHER_KEY
    assert loaded.config.sigfox.secrets[0].get_secret_value() == SECRET
    assert loaded.sources["secret_key"] == "credential secret_key"


def test_a_bad_credential_is_named(load: Load, tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("short")
    (tmp_path / "smtp.password").mkdir()

    with pytest.raises(ConfigError) as error:
        load("", {"CREDENTIALS_DIRECTORY": str(tmp_path)})

    first, second = str(error.value).splitlines()
    assert first.startswith("credential secret_key: entry 1: has 5 characters")
    assert second == f"credential smtp.password: cannot read `{tmp_path}/smtp.password`: Is a directory"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("RELAY_SMTP_PORT", "no such setting: did you mean `RELAY_SMTP__PORT`?"),
        ("RELAY_SECRETKEY_FILE", "no such setting: did you mean `RELAY_SECRET_KEY_FILE`?"),
        ("RELAY_ZEBRA", "no such setting"),
        ("RELAY_SMTP", "is a group of settings: set each by itself, such as RELAY_SMTP__HOST"),
    ],
)
def test_unknown_variables_are_refused_with_a_suggestion(load: Load, name: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        load("", {name: "1"})

    assert str(error.value) == f"{name}: {said}"


def test_variables_that_are_no_settings_are_left_alone(load: Load) -> None:
    load(
        "",
        {
            "RELAY_CONFIG": "x",
            "RELAY_TEST_POSTGRES_URL": "x",
            "RELAY_DEMO_SPEED": "2",
            "PATH": "/bin",
            "RELAYED": "",
        },
    )


def test_a_group_within_a_group_is_set_from_either_side(load: Load) -> None:
    environ = {"RELAY_SIGFOX__BATCH__PATTERN": "{device}|{data}", "RELAY_SIGFOX__SECRETS": SECRET}
    batch = load(f"secret_key: {KEY}\n", environ, required="").config.sigfox.batch
    assert (str(batch.pattern), batch.parameter) == ("{device}|{data}", "")

    text = f"secret_key: {KEY}\nsigfox:\n  batch: {{parameter: lines}}\n"
    batch = load(text, environ, required="").config.sigfox.batch
    assert (str(batch.pattern), batch.parameter) == ("{device}|{data}", "lines")
