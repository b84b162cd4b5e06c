"""Who is in the chat of these tests, and how a test lets things happen there and looks at them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import pytest

from ircish import replies
from ircish.chat.chat import Chat
from ircish.chat.outcome import Outcome
from ircish.chat.state import Bounds, Channel, User
from ircish.errors import Refused
from ircish.events import SERVER, Event, Joined, ModeSet, Opered, Registered, Source

ANN, BEN, CAT, DAN, NOBODY = 1, 2, 3, 4, 99
NAMES = {ANN: "ann", BEN: "ben", CAT: "cat"}
TIME = 1_800_000_000_000


def registered(user: int, nick: str) -> Registered:
    return Registered(user, nick, f"~{nick}", "host.example", nick.title())


def new_chat(**bounds: Any) -> Chat:
    """ann, who founded it, and ben are in #Dev; cat is in #tea alone; nobody is in #lobby."""
    sizes = {"channels_per_user": 3, "topic_length": 50, "bans": 5, "monitored": 3, "whowas": 4}
    chat = Chat(Source("chat.example"), Bounds(**{**sizes, **bounds}))
    for user, nick in NAMES.items():
        do(chat, registered(user, nick))
    do(chat, Joined(ANN, "#Dev"), Joined(BEN, "#dev"), Joined(CAT, "#tea"))
    return chat


def do(chat: Chat, *events: Event, time: int = TIME) -> Outcome:
    """Let the events happen; what the last one did."""
    return [chat.apply(event, time) for event in events][-1]


def modes(user: int, channel: str, changes: str) -> ModeSet:
    """``modes(ANN, "#dev", "+o ben, -t")``"""
    split = [change.split(" ") for change in changes.split(", ")]
    return ModeSet(user, channel, tuple((c[0][0], c[0][1:], "".join(c[1:])) for c in split))


def founder(chat: Chat, nick: str, channel: str = "#dev") -> None:
    do(chat, ModeSet(SERVER, channel, (("+", "q", nick),)))


def oper(chat: Chat, user: int) -> None:
    do(chat, Opered(user, "admin"))


def heard(outcome: Outcome) -> tuple[list[str], list[str]]:
    """The channels and the users that hear of it, nobody twice."""
    hearers = [user for channel in outcome.channels for user in channel.members]
    assert not set(hearers) & set(outcome.users)
    assert len(set(outcome.users)) == len(outcome.users)
    return [channel.name for channel in outcome.channels], [user.nick for user in outcome.users]


def told(outcome: Outcome) -> list[tuple[str, replies.Reply, dict[str, object]]]:
    return [(user.nick, reply, dict(what)) for user, reply, what in outcome.told]


def held(chat: Chat, channel: str = "#dev") -> dict[str, str]:
    """The members and their statuses."""
    return {user.nick: status for user, status in chat.channel(channel).members.items()}


def refuses(chat: Chat, event: Event, reply: replies.Reply | None = None) -> Refused:
    """The event is refused (for that reason), in words, and nothing has changed."""
    before = snapshot(chat)
    with pytest.raises(Refused) as refused:
        chat.apply(event, TIME + 1000)
    assert snapshot(chat) == before
    assert reply is None or refused.value.reply is reply, refused.value
    assert str(refused.value)
    return refused.value


def snapshot(chat: Chat) -> dict[str, Any]:
    """All of the state as values: whatever fields there are, but the cache of who is silenced."""

    def plain(value: Any) -> Any:
        match value:
            case User():
                return ("user", value.id, chat.users.get(value.id) is value)
            case Channel():
                return ("channel", value.folded, chat.channels.get(value.folded) is value)
            case dict():
                return [(plain(key), plain(each)) for key, each in value.items()]
            case set():
                return sorted(map(plain, value))
            case list() | deque():
                return list(map(plain, value))
        return value

    def state(things: Sequence[Any]) -> list[Any]:
        return [
            [(f.name, plain(getattr(thing, f.name))) for f in fields(thing) if f.name != "silenced"]
            for thing in things
        ]

    rest = {name: plain(value) for name, value in vars(chat).items()}
    users, channels = list(chat.users.values()), list(chat.channels.values())
    return {**rest, "state of users": state(users), "state of channels": state(channels)}
