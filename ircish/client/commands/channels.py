"""Channels: in and out, what they are about, who may what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ircish.chat.masks import matches
from ircish.client.command import Mistake, SlashCommand, is_channel, slash_command
from ircish.client.commands.windows import leave
from ircish.command import Channel, Nick, Rest
from ircish.text import printable

if TYPE_CHECKING:
    from ircish.client.client import Client
    from ircish.client.events import Told

MOST_LISTED = 500
"""Channels that one /list shows: the largest."""

FEWEST_CHANGES = 3
"""Ranks or bans that every server takes in one MODE (RFC 2812 §3.2.3)."""


@slash_command("join", aliases=("j",))
def join(client: Client, channel: str = "", key: str = "") -> None:
    """Go into a channel, or several.

    /join #dev,#tea goes into two; a key follows where there is one. Alone, go back into the
    channel of this window.
    """
    window = client.windows.current
    if not channel:
        if window.kind != "channel":
            raise Mistake("<channel> is missing. Usage: /join <channel> [<key>]")
        channel = window.name
    for name in filter(None, channel.split(",")):
        client.join(name if is_channel(client, name) else f"#{name}", key)


@slash_command("part", aliases=("leave",))
def part(client: Client, channel: Channel, reason: Rest = "") -> None:
    """Leave a channel; its window closes.

    /part see you says why; /part #dev leaves another than this window's.
    """
    for name in channel.split(","):
        if window := client.windows.find(name, "channel"):
            leave(client, window, reason)
        else:
            client.send("PART", name, *([reason] if reason else []))


@slash_command("topic", aliases=("t",))
def topic(client: Client, channel: Channel, text: Rest = "") -> None:
    """Read or change what a channel is about.

    /topic tea at five; /topic -delete leaves nothing.
    """
    if text == "-delete":
        client.send("TOPIC", channel, "")
    else:
        client.send("TOPIC", channel, *([text] if text else []))


@slash_command("names", aliases=("n",))
def names(client: Client, channel: Channel) -> None:
    """See who is in a channel."""
    client.send("NAMES", channel)


@slash_command("list")
def list_(client: Client, about: Rest = "") -> None:
    """See which channels there are, the largest first.

    /list tea, /list #dev* and /list >20 show some of them.
    """
    window = client.windows.current
    session = client.online()
    asked, most = about, session.isupport.get("ELIST", "").upper()
    here = about[:1] not in ("<", ">") or "U" not in most  # what the server cannot choose, we do
    if here and ("M" not in most or "*" not in about):
        asked = about if is_channel(client, about) and "*" not in about else ""

    def done(told: Sequence[Told]) -> None:
        rows = sorted(filter(None, map(_row, told)), key=lambda row: (-row[1], row[0]))
        client.listed = tuple(name for name, _, _ in rows)
        chosen = [row for row in rows if not here or _fits(about, row)]
        width = max((len(name) for name, _, _ in chosen[:MOST_LISTED]), default=0)
        for name, many, text in chosen[:MOST_LISTED]:
            client.show(f"{many:>5} {name:{min(width, 30)}} {text}".rstrip(" "), window=window)
        if not chosen:
            client.show("There is no such channel." if about else "No channels.", window=window)
        if (more := len(chosen) - MOST_LISTED) > 0:
            client.show(f"{more} smaller ones are not shown; /list WORD finds.", window=window)

    client.asking.gather(("321", "322"), ("323",), done)
    client.send("LIST", *([asked] if asked else []))


def _row(told: Told) -> tuple[str, int, str] | None:
    """Name, how many are there, and topic of a row of LIST."""
    name, many, text = (*told.params, "", "", "")[:3] if told.verb == "322" else ("", "", "")
    count = int(many[:9]) if many.isascii() and many.isdigit() else 0
    return (printable(name), count, text) if name else None


def _fits(about: str, row: tuple[str, int, str]) -> bool:
    """Whether a row is what was asked for: a name or its mask, a word, ``>20``."""
    name, many, text = row
    sign, number = about[:1], about[1:]
    if sign in ("<", ">") and number.isascii() and number.isdigit():
        return many > int(number[:9]) if sign == ">" else many < int(number[:9])
    wanted = about.casefold()
    if "*" in wanted:
        return matches(wanted, name.casefold())
    return wanted in name.casefold() or wanted in text.casefold()


@slash_command("invite")
def invite(client: Client, nick: Nick, channel: Channel) -> None:
    """Ask somebody into this channel, or into another.

    /invite ben #dev
    """
    client.send("INVITE", nick, channel)


@slash_command("kick", aliases=("k",))
def kick(client: Client, channel: Channel, nick: Nick, reason: Rest = "") -> None:
    """Put somebody out of a channel.

    /kick ben too loud says why.
    """
    client.send("KICK", channel, nick, *([reason] if reason else []))


@slash_command("ban")
def ban(client: Client, channel: Channel, nicks: Rest = "") -> None:
    """Keep somebody out of a channel.

    /ban ben, /ban *!*@*.example. Alone, see who is kept out.
    """
    if nicks:
        _modes(client, channel, "+b", [_mask(word) for word in nicks.split()])
    else:
        client.send("MODE", channel, "b")


@slash_command("unban")
def unban(client: Client, channel: Channel, nicks: Rest) -> None:
    """Let somebody in again who was kept out."""
    _modes(client, channel, "-b", [_mask(word) for word in nicks.split()])


@slash_command("kickban", aliases=("kb",))
def kickban(client: Client, channel: Channel, nick: Nick, reason: Rest = "") -> None:
    """Put somebody out of a channel and keep them out."""
    _modes(client, channel, "+b", [_mask(nick)])
    client.send("KICK", channel, nick, *([reason] if reason else []))


def _mask(word: str) -> str:
    """A nick as a mask; a mask, or a server's own kind of ban, as it is."""
    return word if set(word) & set("!@*?$:") else f"{word}!*@*"


@slash_command("op")
def op(client: Client, channel: Channel, nicks: Rest) -> None:
    """Make somebody an operator of a channel."""
    _modes(client, channel, "+o", nicks.split())


@slash_command("deop")
def deop(client: Client, channel: Channel, nicks: Rest) -> None:
    """Take an operator's rights away."""
    _modes(client, channel, "-o", nicks.split())


@slash_command("voice")
def voice(client: Client, channel: Channel, nicks: Rest) -> None:
    """Let somebody speak where only some may."""
    _modes(client, channel, "+v", nicks.split())


@slash_command("devoice")
def devoice(client: Client, channel: Channel, nicks: Rest) -> None:
    """Take the right to speak away where only some may."""
    _modes(client, channel, "-v", nicks.split())


def _modes(client: Client, channel: str, change: str, words: Sequence[str]) -> None:
    """The same change for each word, as many at once as the server takes (ISUPPORT MODES)."""
    limit = client.online().isupport.get("MODES", "")
    known = limit.isascii() and limit.isdigit()
    many = max(1, min(int(limit[:3]), 12)) if known else FEWEST_CHANGES
    for start in range(0, len(words), many):
        some = words[start : start + many]
        client.send("MODE", channel, change[0] + change[1] * len(some), *some)


@slash_command("mode")
def mode(client: Client, changes: Rest = "") -> None:
    """Read or change the modes of a channel, or your own.

    /mode +k sesame is for this channel; /mode #dev reads another's.
    """
    window, words = client.windows.current, changes.split()
    if not words or words[0][0] in "+-":
        words[:0] = [window.name if window.kind == "channel" else client.nick]
    client.send("MODE", *words)


def client_commands() -> list[SlashCommand]:
    return [
        *(join, part, topic, names, list_, invite),
        *(mode, op, deop, voice, devoice, kick, ban, unban, kickban),
    ]
