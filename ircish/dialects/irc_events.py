"""What an IRC client reads of each event behind its source; ``irc`` adds source, tags and batches.

Words are not here: a message's lines, tags and batches depend on more than the event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ircish.events import (
    AccountSet,
    AwaySet,
    Event,
    HostSet,
    Invited,
    Joined,
    Kicked,
    ModeSet,
    NameSet,
    Opered,
    Parted,
    Quit,
    Redacted,
    Renamed,
    Source,
    TopicSet,
    Wallops,
)
from ircish.wire import MAX_LINE

if TYPE_CHECKING:
    from ircish.dialects.irc import Irc

Body = Callable[["Irc", Any, Source], list[str]]
"""What a kind of client reads behind the source, a line each."""


def bodies(kind: Irc, event: Event, source: Source) -> list[str]:
    """The lines of an event without their source and tags; none where it is nothing to them."""
    body = _BODIES.get(type(event))
    return body(kind, event, source) if body else []


def _joined(kind: Irc, event: Joined, source: Source) -> list[str]:
    bodies = [f"JOIN {event.channel}"]
    if "extended-join" in kind.caps:
        bodies[0] += f" {source.account or '*'} :{event.realname}"
    if event.away and "away-notify" in kind.caps:
        bodies.append(f"AWAY :{event.away}")
    return bodies


def _mode_set(kind: Irc, event: ModeSet, source: Source) -> list[str]:
    """As many lines as its changes need."""
    bodies: list[str] = []
    changes: list[tuple[str, str, str]] = []
    fits = MAX_LINE - len(f":{source.prefix} MODE {event.target} \r\n".encode())
    for change in event.changes:
        if changes and len(str(ModeSet(0, "", (*changes, change))).encode()) > fits:
            bodies.append(f"MODE {event.target} {ModeSet(0, '', tuple(changes))}")
            changes = []
        changes.append(change)
    if changes:
        bodies.append(f"MODE {event.target} {ModeSet(0, '', tuple(changes))}")
    return bodies


def _invited(kind: Irc, event: Invited, source: Source) -> list[str]:
    if kind.member and "invite-notify" not in kind.caps:
        return []
    return [f"INVITE {event.nick} {event.channel}"]


def _for(capability: str, body: Callable[[Any, Source], str]) -> Body:
    """What only those read who asked for it."""
    return lambda kind, event, source: [body(event, source)] if capability in kind.caps else []


_BODIES: Mapping[type[Event], Body] = {
    Joined: _joined,
    Parted: lambda kind, event, source: [
        f"PART {event.channel}" + (f" :{event.reason}" if event.reason else "")
    ],
    Kicked: lambda kind, event, source: [
        f"KICK {event.channel} {event.nick} :{event.reason or source.nick}"
    ],
    Quit: lambda kind, event, source: [f"QUIT :{event.reason}"],
    Renamed: lambda kind, event, source: [f"NICK {event.nick}"],
    TopicSet: lambda kind, event, source: [f"TOPIC {event.channel} :{event.text}"],
    ModeSet: _mode_set,
    Invited: _invited,
    Opered: lambda kind, event, source: [f"MODE {source.nick} +o"],
    Wallops: lambda kind, event, source: [f"WALLOPS :{event.text}"],
    AwaySet: _for(
        "away-notify", lambda event, source: f"AWAY :{event.text}" if event.text else "AWAY"
    ),
    NameSet: _for("setname", lambda event, source: f"SETNAME :{event.realname}"),
    HostSet: _for("chghost", lambda event, source: f"CHGHOST {event.username} {event.host}"),
    AccountSet: _for("account-notify", lambda event, source: f"ACCOUNT {event.account or '*'}"),
    Redacted: _for(
        "draft/message-redaction",
        lambda event, source: (
            f"REDACT {event.target} {event.msgid}" + (f" :{event.reason}" if event.reason else "")
        ),
    ),
}
