"""The connection: to which server, and lines for it as they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ircish.client import place as places
from ircish.client.command import Mistake, SlashCommand, slash_command
from ircish.client.place import NoPlace, Place
from ircish.command import Rest

if TYPE_CHECKING:
    from ircish.client.client import Client

USAGE = "/connect HOST [PORT] [-tls] [-tls-insecure] [-password WORD] [-nick NAME]"


@slash_command("connect", aliases=("server",))
def connect(client: Client, server: Rest = "") -> None:
    """Go to a server.

    /connect chat.example 6697 -tls; alone, to the one you had. -password WORD and -nick NAME say
    how you come in; -tls-insecure takes any certificate.
    """
    if not server:
        place = client.place or _place(client, iter(()))
    else:
        try:
            place = _place(client, iter(server.split()))
        except NoPlace as wrong:
            raise Mistake(str(wrong)) from None
    client.goodbye()
    client.link.connect(place)


def _place(client: Client, words: Iterator[str]) -> Place:
    """What the words say. Raises NoPlace and Mistake."""
    names: list[str] = []
    flags: set[str] = set()
    values = {"password": "", "nick": ""}
    for word in words:
        option = word.lstrip("-") if word[0] == "-" else ""
        if option in values:
            values[option] = next(words, "")
            if not values[option]:
                raise Mistake(f"{word} has a word after it. Usage: {USAGE}")
        elif option in ("tls", "ssl", "tls-insecure"):
            flags.add(option)
        elif option or len(names) == 2:
            raise Mistake(f"{word} is not understood. Usage: {USAGE}")
        else:
            names.append(word)
    insecure = "tls-insecure" in flags
    place = places.parse(*names, tls=bool(flags), insecure=insecure)
    nick = places.check_nick(values["nick"] or client.nick or client.settings.nick)
    return replace(place, nick=nick or places.own_nick(), password=values["password"])


@slash_command("disconnect")
def disconnect(client: Client, reason: Rest = "") -> None:
    """Leave the server, and do not come back by itself."""
    if client.state == "off":
        raise Mistake("There is no connection; /connect HOST makes one.")
    client.disconnect(reason)


@slash_command("reconnect")
def reconnect(client: Client) -> None:
    """Connect again, now."""
    if client.place is None:
        raise Mistake("There was no connection yet; /connect HOST makes one.")
    if client.state == "waiting":
        client.link.retry_now()
    else:
        client.goodbye()
        client.link.connect(client.place)


@slash_command("quote", aliases=("raw",))
def quote(client: Client, line: Rest) -> None:
    """Send the server a line as it is.

    /quote WHO #dev
    """
    client.send_line(line)


@slash_command("quit", aliases=("exit", "bye"))
def quit_(client: Client, reason: Rest = "") -> None:
    """Leave ircish.

    /quit good night says why.
    """
    client.leave(reason)


def client_commands() -> list[SlashCommand]:
    return [connect, disconnect, reconnect, quote, quit_]
