"""The settings, their defaults and their limits; `config.example.yaml` says what each is for."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from relay.config.addresses import ListenAddress
from relay.config.database import DatabaseKind, DatabaseUrl
from relay.config.fields import (
    BatchPattern,
    Database,
    Language,
    Line,
    Listen,
    MailAddress,
    Network,
    PublicUrl,
    Seconds,
    SecretKey,
    SigfoxSecret,
    TileUrl,
    TimeZone,
    all_different,
    before_sigfox_gives_up,
    one_at_least,
    one_or_more,
    within,
)
from relay.domain.line_pattern import DEFAULT_PATTERN


class Settings(BaseModel):
    """Base of all groups: frozen, and what is not known is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class BatchSettings(Settings):
    """How BATCH callbacks are read; without a `parameter` the one that holds the lines is looked for."""

    pattern: BatchPattern = DEFAULT_PATTERN
    parameter: Line = ""


class SigfoxSettings(Settings):
    """The door for Sigfox."""

    secrets: Annotated[tuple[SigfoxSecret, ...], AfterValidator(one_at_least)]
    allow_networks: tuple[Network, ...] = ()
    answer_within: Annotated[Seconds, AfterValidator(before_sigfox_gives_up)] = 5.0
    ask_within: Annotated[Seconds, within("100ms", "7s")] = 5.0
    batch: BatchSettings = BatchSettings()


class ForwarderSettings(Settings):
    """The way out. `schedule` holds the wait before each try; the first one follows the callback."""

    timeout: Annotated[Seconds, within("100ms", "60s")] = 15.0
    schedule: Annotated[tuple[Annotated[Seconds, within("0s", "24h")], ...], AfterValidator(one_at_least)] = (
        0.0,
        5.0,
        30.0,
        5 * 60.0,
        30 * 60.0,
        2 * 3600.0,
        5 * 3600.0,
        10 * 3600.0,
        14 * 3600.0,
        20 * 3600.0,
        24 * 3600.0,
    )
    suspend_after: Annotated[Seconds, within("1s", "365d")] = 5 * 86400.0
    concurrency: Annotated[int, Field(ge=1, le=10_000)] = 2000
    per_endpoint: Annotated[int, Field(ge=1, le=100)] = 2
    per_address: Annotated[int, Field(ge=1, le=1000)] = 8
    allow_networks: tuple[Network, ...] = ()
    allow_http: bool = True
    sign_v1a: bool = True
    egress_addresses: tuple[Network, ...] = ()


class RetentionSettings(Settings):
    """How long things are kept."""

    messages: Annotated[Seconds, within("1s", "36500d")] = 90 * 86400.0
    attempts: Annotated[Seconds, within("1s", "36500d")] = 30 * 86400.0
    unclaimed: Annotated[Seconds, within("1s", "36500d")] = 7 * 86400.0
    statistics: Annotated[Seconds, within("1s", "36500d")] = 730 * 86400.0
    events: Annotated[Seconds, within("1s", "36500d")] = 365 * 86400.0


class SmtpSettings(Settings):
    """The mail server; without a host nothing is mailed. The key of `from_address` is `from`."""

    host: Line = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    username: Line = ""
    password: SecretStr = SecretStr("")
    from_address: MailAddress = Field(default="", alias="from")

    @model_validator(mode="after")
    def _needs_a_sender(self) -> Self:
        if self.host and not self.from_address:
            raise ValueError("`from` is needed when `host` is set")
        return self


class MapSettings(Settings):
    """The map; without tiles it draws built-in outlines and asks no foreign server."""

    tiles: TileUrl = ""
    attribution: Line = ""
    max_zoom: Annotated[int, Field(ge=1, le=24)] = 18


class UiSettings(Settings):
    """What the pages say and in which language."""

    languages: Annotated[
        tuple[Language, ...], AfterValidator(one_at_least), AfterValidator(all_different)
    ] = (
        "cs",
        "en",
    )
    default_language: Language = "cs"
    time_zone: TimeZone = "Europe/Prague"
    operator_name: Line = ""
    contact: Line = ""

    @model_validator(mode="after")
    def _speaks_its_default(self) -> Self:
        if self.default_language not in self.languages:
            raise ValueError("`default_language` should be one of `languages`")
        return self


class MetricsSettings(Settings):
    """`/metrics`; an empty token lets anybody read it who reaches the relay."""

    enabled: bool = True
    token: SecretStr = SecretStr("")


class LogSettings(Settings):
    """What is logged; `auto` is text on a terminal and JSON otherwise."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "text"] = "auto"


class Config(Settings):
    """All settings. Of the `secret_key`s the first seals and all open."""

    public_url: PublicUrl = "http://127.0.0.1:8080"
    listen: Listen = ListenAddress(host="127.0.0.1", port=8080)
    trusted_proxies: tuple[Network, ...] = ()
    database: Database = DatabaseUrl(kind=DatabaseKind.SQLITE, url="sqlite:///relay.db")
    secret_key: Annotated[
        tuple[SecretKey, ...],
        AfterValidator(one_at_least),
        BeforeValidator(one_or_more),
    ]
    sigfox: SigfoxSettings
    forwarder: ForwarderSettings = ForwarderSettings()
    retention: RetentionSettings = RetentionSettings()
    smtp: SmtpSettings = SmtpSettings()
    map: MapSettings = MapSettings()
    ui: UiSettings = UiSettings()
    metrics: MetricsSettings = MetricsSettings()
    log: LogSettings = LogSettings()


def redacted(config: Config) -> dict[str, Any]:
    """The effective settings under their keys, as plain values for YAML or JSON, secrets masked."""
    return config.model_dump(mode="json", by_alias=True)
