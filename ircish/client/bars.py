"""What stands around the log: topic, status, prompt, nick list, as (style class, text) pieces."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ircish.client import formatting
from ircish.client.windows import Activity, Window
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
    """The first line: what the window is, and what about."""
    window, session = client.windows.current, client.session
    name, text = f" {window.name} ", ""
    if window.kind == "channel" and session:
        channel = session.channels.get(session.fold(window.name))
        text = formatting.plain(channel.topic) if channel else "you are not in it"
    elif window.kind == "query":
        name, text = f" {window.name} ", "what is said here, only the two of you read"
    elif window.kind == "mentions":
        name, text = " mentions ", "where somebody named you"
    else:
        network = session.isupport.get("NETWORK", "") if session else ""
        place = client.place.shown if client.place else "no server"
        name, text = " ircish ", f"{printable(network)} {place}".strip()
    return [("class:topic.name", name), ("class:topic", text)]


def status(client: Client, hidden: str) -> Pieces:
    """``[HH:MM] [nick] [2:#chan] [Act: 1,3]`` and what else is to know; ``hidden``: what the view
    leaves out."""
    window = client.windows.current
    clock = time.strftime("%H:%M", time.localtime(client.now() / 1000))
    away = " away" if client.session and client.session.away else ""
    modes = ""
    if window.kind == "channel" and client.session:
        channel = client.session.channels.get(client.fold(window.name))
        modes = f"({channel.modes})" if channel and channel.modes.strip("+") else ""
    mark = client.session.mark(window.name, client.nick) if client.session else ""
    pieces: Pieces = [
        ("class:status", f" [{clock}] ["),
        ("class:status.own", f"{mark}{printable(client.nick)}"),
        ("class:status", f"{away}] ["),
        ("class:status.own", f"{client.windows.number(window)}:{window.name}"),
        ("class:status", f"{modes}]"),
    ]
    if active := client.windows.active():
        pieces.append(("class:status", " [Act: "))
        for index, (number, busy) in enumerate(active):
            if index:
                pieces.append(("class:status", ","))
            pieces.append((_BUSY[busy.activity], str(number)))
        pieces.append(("class:status", "]"))
    if trouble := link(client):
        pieces.append(("class:status.trouble", f" {trouble} "))
    if hidden:
        pieces.append(("class:status", f" [{hidden}]"))
    if window.anchor is not None:
        pieces.append(("class:more", f" {more(window)} "))
    return pieces


def link(client: Client) -> str:
    """What is wrong with the connection, "" where nothing is."""
    if client.state == "waiting" and client.retry_at is not None:
        seconds = max(0, math.ceil(client.retry_at - client.monotonic()))
        return f"disconnected, trying again in {seconds} s"
    if client.state == "connected":
        return "" if client.inside else "coming in…"
    return {"connecting": "connecting…", "off": "not connected"}[client.state]


def more(window: Window) -> str:
    """``↓ 12 new (2 mentions)``"""
    if not window.below:
        return "↓ Alt-End"
    mentions = window.mentions_below
    named = f" ({mentions} mention{'s' * (mentions > 1)})" if mentions else ""
    return f"↓ {window.below} new{named}"


def prompt(client: Client) -> Pieces:
    """``[#chan] ``"""
    return [("class:prompt", f"[{client.windows.current.name}] ")]


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
