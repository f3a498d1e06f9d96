"""What an operator reads when the file is wrong: exact lines."""

from pathlib import Path

import pytest

from relay.config import load_config
from relay.errors import ConfigError
from tests.config.conftest import Load
from tests.config.given import HOW, KEY, REQUIRED, SECRET

ONE_VALUE = "should be one value, not a list or a group of keys"
LIST = "should be a list: write [one, two], or each on its own line after a dash"
FORM = "is not a duration: write a whole number and its unit, such as 500ms, 15s, 5m, 2h or 5d"

WRONG_VALUES = [
    # what stands from line 3 on, and what is said of it
    ("smtp:\n  port: 65536", "4: smtp.port: should be less than or equal to 65535"),
    ("smtp: {port: mail}", "3: smtp.port: should be a whole number"),
    ("smtp: {port: [1]}", "3: smtp.port: should be a whole number"),
    ("smtp: 25", "3: smtp: should be a group of keys, each on its own indented line"),
    ("smtp: {host: [a]}", "3: smtp.host: " + ONE_VALUE),
    ("smtp: {tls: ssl}", "3: smtp.tls: should be 'starttls', 'tls' or 'none'"),
    ("smtp: {from: nobody}", "3: smtp.from: `nobody` is no e-mail address"),
    ("smtp: {host: mail.example.org}", "3: smtp: `from` is needed when `host` is set"),
    ("forwarder:\n  timeout: 15", "4: forwarder.timeout: `15` " + FORM),
    ("forwarder: {timeout: {a: 1}}", "3: forwarder.timeout: " + ONE_VALUE),
    ("forwarder: {timeout: 61s}", "3: forwarder.timeout: should be between 100ms and 60s"),
    (
        "sigfox2: {answer_within: 10s}\nretention: {messages: 1ms}",
        (
            "3: sigfox2: no such key: did you mean `sigfox`?\n"
            "config.yaml:4: retention.messages: should be between 1s and 36500d"
        ),
    ),
    ("forwarder: {schedule: 5s}", "3: forwarder.schedule: " + LIST),
    ("forwarder: {schedule: []}", "3: forwarder.schedule: should have at least one entry"),
    ("forwarder:\n  schedule:\n  - 0s\n  - soon", f"6: forwarder.schedule: entry 2: `soon` {FORM}"),
    ("forwarder: {schedule: [25h]}", "3: forwarder.schedule: entry 1: should be between 0s and 24h"),
    ("forwarder: {allow_http: maybe}", "3: forwarder.allow_http: should be true or false"),
    ("forwarder: {per_endpoint: 0}", "3: forwarder.per_endpoint: should be greater than or equal to 1"),
    (
        "trusted_proxies: [10.1.0.0/8]",
        (
            "3: trusted_proxies: entry 1: `10.1.0.0/8` is an address inside a network:"
            " did you mean `10.0.0.0/8`?"
        ),
    ),
    (
        "trusted_proxies: [proxy]",
        "3: trusted_proxies: entry 1: `proxy` is no network: write it as 192.168.1.0/24 or fd00::/8",
    ),
    ("trusted_proxies: [{a: b}]", f"3: trusted_proxies: entry 1: {ONE_VALUE}"),
    (
        "listen: unix:/run/x.sock",
        "3: listen: listening on a Unix socket is not supported yet: write host:port",
    ),
    (
        "listen: 8080",
        "3: listen: `8080` is no address: write host:port, such as 127.0.0.1:8080 or [::1]:8080",
    ),
    (
        "database: relay.db",
        "3: database: should be sqlite:///relative.db, sqlite:////absolute.db or postgresql://user@host/name",
    ),
    (
        "database: 'sqlite:///:memory:'",
        "3: database: a database in memory would lose every message: name a file",
    ),
    (
        "database: postgresql://u:p/w@h/db",
        "3: database: should read postgresql://user@host/name; write special characters of a password as %XX",
    ),
    (
        "public_url: relay.example.org",
        (
            "3: public_url: `relay.example.org` is no public address: write http:// or https://,"
            " a host and nothing after it, such as https://relay.example.org"
        ),
    ),
    ("ui: {default_language: de}", "3: ui.default_language: should be 'cs' or 'en'"),
    ("ui: {languages: [en]}", "3: ui: `default_language` should be one of `languages`"),
    ("ui: {languages: [cs, cs]}", "3: ui.languages: should not name the same one twice"),
    (
        "ui: {time_zone: Prague}",
        "3: ui.time_zone: `Prague` is no time zone: write one such as Europe/Prague or UTC",
    ),
    (
        "ui: {time_zone: Europe}",
        "3: ui.time_zone: `Europe` is no time zone: write one such as Europe/Prague or UTC",
    ),
    (
        "map: {tiles: 'https://x/'}",
        "3: map.tiles: should be a web address with {z}, {x} and {y} in it, or empty",
    ),
    ("log: {level: loud}", "3: log.level: should be 'debug', 'info', 'warning' or 'error'"),
    ("sigfox2: {}", "3: sigfox2: no such key: did you mean `sigfox`?"),
    ("smtp: {prot: 1}", "3: smtp.prot: no such key: did you mean `smtp.port`?"),
    ("public-url: x", "3: public-url: no such key: did you mean `public_url`?"),
    ("tiles: x", "3: tiles: no such key: did you mean `map.tiles`?"),
    ("zebra: x", "3: zebra: no such key"),
    ('"a\\nb": x', "3: a\\nb: no such key"),
    (
        "log: {level: debug}\nlog: {level: info}",
        "4: log: stands here again, first in line 3: keep one of them",
    ),
    (
        "log:\n  level: info\n  level: info",
        "5: log.level: stands here again, first in line 4: keep one of them",
    ),
]


@pytest.mark.parametrize(("text", "said"), WRONG_VALUES)
def test_names_the_line_the_key_and_what_would_be_right(load: Load, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(text)

    assert str(error.value) == "config.yaml:" + said


NOT_YAML = [
    ("a: [", "config.yaml:1: is not YAML: expected the node content, but found '<stream end>'"),
    ("a: [b", "config.yaml:1: is not YAML: expected ',' or ']', but got '<stream end>'"),
    ("a:\n\tb: 1", "config.yaml:2: is not YAML: a tab cannot stand here: indent by spaces"),
    ("a: b\n c: d", "config.yaml:2: is not YAML: mapping values are not allowed here"),
    ("a: 1\n- b", "config.yaml:2: is not YAML: expected <block end>, but found '-'"),
    ("just words", "config.yaml:1: should hold keys and values, such as `listen: 127.0.0.1:8080`"),
    ("\n- a\n- b", "config.yaml:2: should hold keys and values, such as `listen: 127.0.0.1:8080`"),
    ("a: b\n---\nc: d", "config.yaml:2: a second document begins here"),
    ("a: b\n[c]: d", "config.yaml:2: a key should be a word"),
    ("a: *b", "config.yaml:1: a value that begins with & or * must stand in quotes"),
    ("a: &b c", "config.yaml:1: a value that begins with & or * must stand in quotes"),
    ("a: !b c", "config.yaml:1: a value that begins with ! must stand in quotes"),
    ("a: b\nc: \x00", "config.yaml:2: character U+0000 is not allowed"),
    ('a: "\\UFFFFFFFF"', "config.yaml: is not YAML: an escape such as \\U names no character"),
    ("a: " + "[" * 500, "config.yaml:1: is not YAML: expected the node content, but found '<stream end>'"),
    ("a: " + "[" * 500 + "]" * 500, "config.yaml:1: nested too deeply"),
]


@pytest.mark.parametrize(("text", "said"), NOT_YAML)
def test_a_file_that_is_no_mapping_is_refused_in_one_sentence(load: Load, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(text, required="")

    assert str(error.value) == said


def test_a_file_that_is_not_utf8_is_refused_with_its_line(folder: Path) -> None:
    Path("config.yaml").write_bytes(b"ui:\n  contact: \xe8\n")

    with pytest.raises(ConfigError, match=r"^config\.yaml:2: is not UTF-8 text$"):
        load_config(None, REQUIRED)


def test_a_named_file_must_be_there(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"^gone\.yaml: no such file \(named by --config\)$"):
        load_config(Path("gone.yaml"), REQUIRED)
    with pytest.raises(ConfigError, match=r"^gone\.yaml: no such file \(named by RELAY_CONFIG\)$"):
        load_config(None, {**REQUIRED, "RELAY_CONFIG": "gone.yaml"})


def test_a_folder_is_no_file(folder: Path) -> None:
    Path("config.yaml").mkdir()

    with pytest.raises(ConfigError, match=r"^config\.yaml: cannot be read: Is a directory$"):
        load_config(None, REQUIRED)


def test_required_keys_come_with_the_command_that_makes_one(load: Load) -> None:
    with pytest.raises(ConfigError) as error:
        load("sigfox:\n  secrets: []\n", required="")

    assert str(error.value) == (
        "config.yaml:2: sigfox.secrets: is required: by it the relay knows callbacks of your Sigfox account;"
        f" {HOW} and put it in the configuration file, in RELAY_SIGFOX__SECRETS, or in a file named by"
        " RELAY_SIGFOX__SECRETS_FILE\n"
        f"config.yaml: secret_key: is required: it seals what the database holds; {HOW} and put it in the"
        " configuration file, in RELAY_SECRET_KEY, or in a file named by RELAY_SECRET_KEY_FILE"
    )


def test_without_any_file_the_missing_keys_are_still_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.config.load.SEARCHED", (Path("config.yaml"),))

    with pytest.raises(
        ConfigError, match=r"^no configuration file: secret_key: is required: .*token_urlsafe"
    ):
        load_config(None, {"RELAY_SIGFOX__SECRETS": SECRET})


WEAK = [
    ("short", "has 5 characters and needs at least 32"),
    ("''", "has 0 characters and needs at least 32"),
    ("changeme-changeme-changeme-changeme-0123456789", "is a placeholder, not a secret"),
    ("CHANGE_ME_0123456789abcdefghijklmnopq", "is a placeholder, not a secret"),
]


@pytest.mark.parametrize(("weak", "why"), WEAK)
def test_weak_secrets_are_refused(load: Load, weak: str, why: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(f"secret_key: [{KEY}, {weak}]\nsigfox:\n  secrets:\n  - {weak}\n", required="")

    assert str(error.value).splitlines() == [
        f"config.yaml:1: secret_key: entry 2: {why}; {HOW}",
        f"config.yaml:4: sigfox.secrets: entry 1: {why}; {HOW}",
    ]


PATTERN = "sigfox.batch.pattern: is no line pattern"


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("'{time};{data}'", f"{PATTERN}: a line pattern needs {{device}} (column 1)"),
        ("'{device}{time}'", f"{PATTERN}: nothing separates two variables (column 9)"),
        ('"{device}\\n"', "sigfox.batch.pattern: should be one line without control characters"),
        ("[a]", f"sigfox.batch.pattern: {ONE_VALUE}"),
    ],
)
def test_a_line_pattern_is_judged_at_the_start(load: Load, pattern: str, fault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(
            f"secret_key: {KEY}\nsigfox:\n  secrets: [{SECRET}]\n  batch:\n    pattern: {pattern}\n",
            required="",
        )
    assert str(caught.value) == f"config.yaml:5: {fault}"


@pytest.mark.parametrize("wrong", ["é", "\\t", ",", " "])
def test_a_sigfox_secret_must_survive_in_a_header_and_in_a_variable(load: Load, wrong: str) -> None:
    with pytest.raises(ConfigError, match=r"sigfox\.secrets: entry 1: must "):
        load(f'secret_key: {KEY}\nsigfox: {{secrets: ["{SECRET}{wrong}"]}}\n', required="")


def test_a_sigfox_secret_may_be_any_other_ascii_text(load: Load) -> None:
    odd = f'{SECRET}+/ %?#&"='
    loaded = load(f"secret_key: {KEY}\nsigfox: {{secrets: ['{odd}']}}\n", required="")
    assert loaded.config.sigfox.secrets[0].get_secret_value() == odd


def test_a_key_with_a_comma_is_refused_since_the_environment_would_split_it(load: Load) -> None:
    with pytest.raises(ConfigError, match="must not hold commas, line ends or outer spaces"):
        load(f"secret_key: '{KEY},{KEY}'\nsigfox: {{secrets: [{SECRET}]}}\n", required="")


def test_all_problems_are_told_at_once_in_the_order_of_the_file(load: Load) -> None:
    text = "listen: nowhere\nsmtp:\n  port: 99999\n  prot: 1\n  port: 25\nlog: {level: loud}\n"

    with pytest.raises(ConfigError) as error:
        load(text, {"RELAY_UI__TIME_ZONE": "Mars", "RELAY_SMTP_HOST": "x"}, required="")

    assert [line.split(": ")[:2] for line in str(error.value).splitlines()] == [
        ["config.yaml:1", "listen"],
        ["config.yaml:3", "smtp.port"],
        ["config.yaml:4", "smtp.prot"],
        ["config.yaml:5", "smtp.port"],
        ["config.yaml:6", "log.level"],
        ["config.yaml", "secret_key"],
        ["config.yaml", "sigfox.secrets"],
        ["RELAY_SMTP_HOST", "no such setting"],
        ["RELAY_UI__TIME_ZONE", "`Mars` is no time zone"],
    ]


def test_problems_of_the_environment_are_told_beside_a_file_that_is_no_yaml(load: Load) -> None:
    with pytest.raises(ConfigError) as error:
        load("a: [", {"RELAY_FOO": "x"}, required="")

    assert [line.split(": ")[0] for line in str(error.value).splitlines()] == ["config.yaml:1", "RELAY_FOO"]


@pytest.mark.parametrize("text", ["0s", "10s", "1m"])
def test_sigfox_waits_less_than_ten_seconds(load: Load, text: str) -> None:
    with pytest.raises(ConfigError) as error:
        load("", {"RELAY_SIGFOX__ANSWER_WITHIN": text})

    assert str(error.value) == (
        "RELAY_SIGFOX__ANSWER_WITHIN: should be more than 0s and less than 10s, when Sigfox gives up"
    )
