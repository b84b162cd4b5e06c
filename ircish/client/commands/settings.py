"""Settings: what this client does, and commands of the user's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ircish.chat.masks import matches
from ircish.client.command import AliasName, Mistake, SettingName, SlashCommand, slash_command
from ircish.client.settings import KNOWN, SettingError, Settings
from ircish.command import Rest

if TYPE_CHECKING:
    from ircish.client.client import Client


@contextmanager
def changing(client: Client) -> Iterator[None]:
    """Settings are changed within, and then saved. Raises Mistake."""
    try:
        yield
        client.settings.save()
    except SettingError as error:
        raise Mistake(str(error)) from None


@slash_command("set")
def set_(client: Client, name: SettingName = "", value: Rest = "") -> None:
    """Read or change a setting.

    /set theme light changes it, /set theme tells what it is, /set * lists all. Alone, see those
    that are not as they come.
    """
    settings = client.settings
    if value:
        with changing(client):
            settings.set(name, value)
        client.show(f"{name} = {settings.shown(name)}")
        return
    if name and "*" not in name:
        try:
            client.show(f"{name} = {settings.shown(name)}")
        except SettingError as error:
            raise Mistake(str(error)) from None
        client.show(_about(name))
        return
    shown = [each for each in KNOWN if matches(name or "*", each)]
    if not name:
        default = Settings()
        shown = [each for each in shown if settings.get(each) != default.get(each)]
    for each in shown:
        client.show(f"{each} = {settings.shown(each)}")
    if not shown:
        client.show(
            f"There is no setting {name}." if name else "All is as it comes; /set * lists it."
        )


def _about(name: str) -> str:
    what, default = KNOWN[name], Settings()
    unit = f" In {what.unit}." if what.unit else ""
    return f"{what.doc}{unit} Default: {default.shown(name)}"


@slash_command("unset")
def unset(client: Client, name: SettingName) -> None:
    """Let a setting be again as it comes."""
    with changing(client):
        client.settings.unset(name)
    client.show(f"{name} = {client.settings.shown(name)}")


@slash_command("alias")
def alias(client: Client, name: AliasName = "", text: Rest = "") -> None:
    """Make a command of your own.

    /alias wii /whois $1 $1 makes /wii. Alone, see which there are. $1 is the first word after it,
    $2- the second and all that follow, $* all, $channel this channel, $nick you. Without any of
    these, what you type follows.
    """
    name = name.removeprefix("/").lower()
    known = client.settings.aliases
    if not text:
        if name and name not in known:
            raise Mistake(f"There is no alias {name}; /alias {name} TEXT makes one.")
        for each in [name] if name else sorted(known):
            client.show(f"/{each} = {known[each]}")
        if not known:
            client.show("There are no aliases; /alias NAME TEXT makes one.")
        return
    if name in ("alias", "unalias"):
        raise Mistake(f"/{name} stays what it is.")
    if "$0" in text:
        raise Mistake("The first word is $1.")
    with changing(client):
        client.settings.alias(name, text)
    client.show(f"/{name} = {client.settings.aliases[name]}")


@slash_command("unalias")
def unalias(client: Client, name: AliasName) -> None:
    """Forget a command of your own."""
    name = name.removeprefix("/").lower()
    if name not in client.settings.aliases:
        raise Mistake(f"There is no alias {name}; /alias lists them.")
    with changing(client):
        client.settings.alias(name, "")
    client.show(f"/{name} is forgotten.")


def client_commands() -> list[SlashCommand]:
    return [set_, unset, alias, unalias]
