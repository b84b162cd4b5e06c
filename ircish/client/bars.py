"""What stands around the log: topic, status, prompt, hint, nick list, as (style class, text)
pieces. What is shown is looked up here, and fitted into a width."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ircish.client import completing, formatting
from ircish.client.windows import Activity, Window
from ircish.client.wrapping import text_width
from ircish.text import printable

if TYPE_CHECKING:
    from ircish.client.channels import Member
    from ircish.client.client import Client

Pieces = list[tuple[str, str]]
"""(prompt_toolkit style, text)"""

_BUSY = {
    Activity.NOISE: "class:activity-noise",
    Activity.TALK: "class:activity-talk",
    Activity.MENTION: "class:activity-mention",
}


def topic(client: Client) -> Pieces:
    """The first line: what the window is, and what about; a channel's last topic stays."""
    window, session = client.windows.current, client.session
    name, missing, text = f" {window.name} ", "", ""
    if window.kind == "channel":
        channel = session.channel(window.name) if session else None
        text = formatting.plain(channel.topic if channel else window.topic)
        if channel is None:
            missing = "you are not in it" if client.inside else "disconnected"
    elif window.kind == "query":
        text = "what is said here, only the two of you read"
    elif window.kind == "mentions":
        text = "where somebody named you"
    else:
        network = session.isupport.get("NETWORK", "") if session else ""
        place = client.place.shown if client.place else "no server"
        name, text = " ircish ", f"{printable(network)} {place}".strip()
    if not missing:
        return [("class:topic.name", name), ("class:topic", text)]
    after = f"; {text}" if text else ""
    return [("class:topic.name", name), ("class:topic", missing), ("class:topic.past", after)]


def status(client: Client, hidden: str, columns: int) -> Pieces:
    """``[HH:MM] [nick] [2:#chan] [Act: 1,3]`` and what else is to know; ``hidden``: what the view
    leaves out, and the key for it. Where that is wider than so many columns, what matters least is
    shortened or left out."""
    parts = {
        "clock": _clock(client),
        "nick": _nick(client),
        "window": _window(client),
        "active": _active(client, columns // len(",1")),
        "link": _link(client),
        "hidden": _hidden(hidden),
        "more": _more(client.windows.current),
    }
    excess = sum(_width(ways[0]) for ways in parts.values()) - columns
    for name, least in SHRINKING:
        ways = parts[name]
        while excess > 0 and len(ways) > least:
            excess -= _width(ways.pop(0)) - _width(ways[0])
    return [piece for part in parts.values() for piece in part[0]]


SHRINKING = (
    ("active", 6),
    ("clock", 1),
    ("nick", 1),
    ("window", 3),
    ("active", 3),
    ("more", 2),
    ("hidden", 2),
    ("link", 1),
    ("active", 1),
    ("window", 1),
    ("hidden", 1),
    ("more", 1),
)
"""What of the status gets shorter, one after the other; and how many ways to say it, the shortest,
are kept then."""


def _width(pieces: Pieces) -> int:
    return sum(text_width(text) for _, text in pieces)


# The parts of the status: ways to say each, the longest first


def _clock(client: Client) -> list[Pieces]:
    clock = time.strftime("%H:%M", time.localtime(client.now() / 1000))
    return [[("class:status", f" [{clock}]")], []]


def _nick(client: Client) -> list[Pieces]:
    session, window = client.session, client.windows.current
    mark = session.mark(window.name, client.nick) if session else ""
    own = [
        ("class:status", " ["),
        ("class:status.own", f"{mark}{printable(client.nick)}"),
        ("class:status", " away]" if session and session.away else "]"),
    ]
    return [own, []]


def _window(client: Client) -> list[Pieces]:
    """With the channel's modes, without them, its number alone."""
    window = client.windows.current
    number = client.windows.number(window)
    channel = client.session.channel(window.name) if client.session else None
    modes = ""
    if window.kind == "channel" and channel and channel.modes.strip("+"):
        modes = f"({channel.modes})"
    return [
        [("class:status", " ["), ("class:status.own", name), ("class:status", f"{rest}]")]
        for name, rest in ((f"{number}:{window.name}", modes), (f"{number}:{window.name}", ""))
    ] + [[("class:status.own", f" {number}")], []]


def _active(client: Client, most: int) -> list[Pieces]:
    """All windows with something new, then fewer and fewer of them, the most important first;
    ``most`` is how many could have room."""
    active = client.windows.active()
    ways: list[Pieces] = []
    for many in range(min(len(active), most), 0, -1):
        way: Pieces = [("class:status", " [Act: ")]
        for index, (number, busy) in enumerate(active[:many]):
            way += [("class:status", ",")] * bool(index) + [(_BUSY[busy.activity], str(number))]
        ways.append([*way, ("class:status", "]" if many == len(active) else "…]")])
    return [*ways, []]


def _link(client: Client) -> list[Pieces]:
    """What is wrong with the connection, and when it is tried again."""
    ways = {
        "connected": [] if client.inside else ["coming in…"],
        "connecting": ["connecting…"],
        "off": ["not connected"],
        "waiting": [],
    }[client.state]
    if client.state == "waiting" and client.retry_at is not None:
        seconds = max(0, math.ceil(client.retry_at - client.monotonic()))
        ways = [f"disconnected, trying again in {seconds} s", f"offline {seconds} s"]
    return [[("class:status.trouble", f" {words} ")] for words in ways] or [[]]


def _hidden(hidden: str) -> list[Pieces]:
    """``[no joins: Alt-=]``, ``[no joins]``"""
    if not hidden:
        return [[]]
    ways = (hidden, hidden.partition(":")[0])
    return [*([("class:status", f" [{words}]")] for words in ways), []]


def _more(window: Window) -> list[Pieces]:
    """``↓ 12 new (2 mentions)``, ``↓ 12 (2)``, ``↓``"""
    if window.anchor is None:
        return [[]]
    ways = [" ↓ Alt-End "]
    if below := window.below:
        mentions = window.mentions_below
        named = f" ({mentions} mention{'s' * (mentions > 1)})" if mentions else ""
        ways = [f" ↓ {below} new{named} ", f" ↓ {below}{f' ({mentions})' if mentions else ''} "]
    return [[("class:more", words)] for words in (*ways, "↓")]


def prompt(client: Client) -> Pieces:
    """``[#chan] ``"""
    return [("class:prompt", f"[{client.windows.current.name}] ")]


def hint(client: Client, typed: str) -> Pieces:
    """The line of help for what is typed; nothing where there is none to give."""
    before, current, after, about = completing.hint(typed, client)
    if not (before or current or after or about):
        return []
    return [
        ("class:hint", before),
        ("class:hint.name", current),
        ("class:hint", after),
        ("class:hint", f" — {about}" if about and (before or current) else about),
    ]


def members(client: Client) -> Sequence[Member]:
    """Who is in the channel that is shown, by rank and name."""
    window, session = client.windows.current, client.session
    if window.kind != "channel" or session is None:
        return ()
    channel = session.channels.get(session.fold(window.name))
    if channel is None:
        return ()
    ranks = {mark: index for index, mark in enumerate(session.marks)}
    lowest = len(ranks)
    return sorted(
        channel.members.values(),
        key=lambda each: (ranks.get(each.marks[:1], lowest), each.nick.casefold()),
    )
