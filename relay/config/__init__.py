"""Typed settings from YAML, environment and credentials, with the line of every fault."""

from relay.config.addresses import ListenAddress
from relay.config.advice import config_warnings, refuse_readable_secrets
from relay.config.database import DatabaseKind, DatabaseUrl, parse_database
from relay.config.durations import format_duration, parse_duration
from relay.config.keys import secret_values
from relay.config.load import Loaded, load_config
from relay.config.model import (
    Config,
    ForwarderSettings,
    LogSettings,
    MapSettings,
    MetricsSettings,
    RetentionSettings,
    SigfoxSettings,
    SmtpSettings,
    UiSettings,
    redacted,
)

__all__ = [
    "Config",
    "DatabaseKind",
    "DatabaseUrl",
    "ForwarderSettings",
    "ListenAddress",
    "Loaded",
    "LogSettings",
    "MapSettings",
    "MetricsSettings",
    "RetentionSettings",
    "SigfoxSettings",
    "SmtpSettings",
    "UiSettings",
    "config_warnings",
    "format_duration",
    "load_config",
    "parse_database",
    "parse_duration",
    "redacted",
    "refuse_readable_secrets",
    "secret_values",
]
