"""`relay device-type`: settings that devices share."""

from pathlib import Path

import click

from relay.cli.asking import ask, print_facts, print_json, print_table
from relay.cli.options import config_option, json_option
from relay.cli.setting_options import given_settings, setting_option, setting_text, shared_settings


@click.group()
def device_type() -> None:
    """Look at device types and change them: what holds for a device unless it says otherwise."""


@device_type.command("list")
@config_option
@json_option
def list_(config_file: Path | None, as_json: bool) -> None:
    """List all device types, the one of all other devices first."""
    types = ask(config_file, "types.list", {})["types"]
    if as_json:
        print_json(types)
        return
    columns = ("name", "description", "devices", "display", "downlink_chain")
    print_table(columns, [[one[column] for column in columns] for one in types], "")


@device_type.command()
@click.argument("name")
@config_option
@json_option
def show(name: str, config_file: Path | None, as_json: bool) -> None:
    """Show the device type NAME."""
    _print(ask(config_file, "types.show", {"name": name}), as_json)


@device_type.command()
@click.argument("name")
@setting_option("--description", "description", "What it is for.")
@setting_option("--downlinks-a-day", "downlinks_a_day", "How many downlinks a device gets; 0: no limit.")
@shared_settings
@config_option
@json_option
def add(name: str, config_file: Path | None, as_json: bool, **written: str | None) -> None:
    """Add the device type NAME."""
    settings = {setting: text for setting, text in written.items() if text is not None}
    _print(ask(config_file, "types.add", {"name": name, "settings": settings}), as_json)


@device_type.command("set")
@click.argument("name")
@setting_option("--name", "new_name", "Another name.")
@setting_option("--description", "description", "What it is for.")
@setting_option("--downlinks-a-day", "downlinks_a_day", "How many downlinks a device gets; 0: no limit.")
@shared_settings
@config_option
@json_option
def set_(
    name: str, new_name: str | None, config_file: Path | None, as_json: bool, **written: str | None
) -> None:
    """Change the device type NAME; an option with empty text takes that setting away.

    The type `default` is that of all devices that have no other.
    """
    settings = given_settings({**written, "name": new_name})
    _print(ask(config_file, "types.set", {"name": name, "settings": settings}), as_json)


@device_type.command()
@click.argument("name")
@config_option
def remove(name: str, config_file: Path | None) -> None:
    """Remove the device type NAME, to which no device belongs."""
    ask(config_file, "types.remove", {"name": name})


def _print(found: dict[str, object], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    hidden = {"id", "created_at_ms"}
    print_facts({name: setting_text(name, value) for name, value in found.items() if name not in hidden})
