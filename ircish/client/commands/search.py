"""Finding: in this window, in the server's history, addresses."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ircish.client import formatting
from ircish.client.command import Mistake, SlashCommand, slash_command
from ircish.client.log import TALK, Entry
from ircish.command import Rest

if TYPE_CHECKING:
    from ircish.client.client import Client

MOST_FOUND, MOST_URLS = 200, 50
"""Lines that one /lastlog, one /url shows: the newest."""


@slash_command("lastlog")
def lastlog(client: Client, text: Rest = "") -> None:
    """See the lines of this window that have a text in them.

    Alone, all that was said lately.
    """
    wanted = text.casefold()
    found: list[Entry] = []
    more = 0
    for entry in reversed(client.windows.current.log):
        if entry.kind in ("info", "error") or not _has(entry, wanted):
            continue
        if len(found) == MOST_FOUND:
            more += 1
        else:
            found.append(entry)
    if more:
        client.show(f"{more} older lines are not shown.")
    for entry in reversed(found):
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.time / 1000))
        client.show(f"{when} {_who(entry)}{entry.text}")
    if not found:
        client.show(f"Nothing here has {text} in it." if text else "Nothing was said here.")


def _has(entry: Entry, wanted: str) -> bool:
    text = formatting.plain(entry.text)
    return wanted in text.casefold() or wanted in entry.nick.casefold()


def _who(entry: Entry) -> str:
    if entry.kind not in TALK:
        return ""
    if entry.kind == "action":
        return f"* {entry.nick} "
    return f"-{entry.nick}- " if entry.kind == "notice" else f"<{entry.mark}{entry.nick}> "


@slash_command("search")
def search(client: Client, text: Rest) -> None:
    """Look for a text in this window.

    Where the server can, it looks in its history too.
    """
    client.face.search(text)
    session = client.session
    if session and client.inside and "SEARCH" in session.catalogue:
        window = client.windows.current
        here = window.kind == "channel" and session.channel(window.name)
        client.send("SEARCH", *([window.name] if here else []), text)


@slash_command("history")
def history(client: Client) -> None:
    """Fetch older lines of this window from the server.

    Scrolling up does the same.
    """
    window = client.windows.current
    client.online()
    if window.kind not in ("channel", "query"):
        raise Mistake("The server has no history of this window.")
    if not client.recall.offered:
        raise Mistake("This server keeps no history to ask for.")
    if window.all_read:
        raise Mistake("There is nothing older.", done=True)
    client.recall.older(window)


@slash_command("url", aliases=("urls",))
def url(client: Client, number: int = 0) -> None:
    """See the addresses in this window, or copy one.

    The newest is number 1; /url 2 copies the second.
    """
    log = client.windows.current.log  # but for what we ourselves have listed there
    said = (entry.text for entry in reversed(log) if entry.kind in (*TALK, "topic"))
    urls = formatting.addresses(said)
    if not urls:
        raise Mistake("There is no address in this window.", done=True)
    if not number:
        for index, each in enumerate(urls[:MOST_URLS], 1):
            client.show(f"{index:>3} {each}")
    elif 1 <= number <= len(urls):
        client.face.copy(urls[number - 1])
        client.show(f"Copied: {urls[number - 1]}")
    else:
        raise Mistake(f"There is no address {number}; /url lists {len(urls)}.")


def client_commands() -> list[SlashCommand]:
    return [lastlog, search, history, url]
