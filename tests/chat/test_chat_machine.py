"""Whatever is done in whatever order, the chat stays consistent and each hears once what is theirs.

``IRCISH_EXAMPLES=5000 pytest tests/chat/test_chat_machine.py --timeout=0`` tries for minutes what a
common run tries for seconds (examples of 40 events each).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from cast import TIME, registered, snapshot
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ircish import replies
from ircish.chat.chat import Chat
from ircish.chat.masks import matches
from ircish.chat.modes import FLAGS, KEY_LENGTH, LISTS, STATUS, USER_MODES
from ircish.chat.names import fold
from ircish.chat.outcome import Outcome
from ircish.chat.state import Bounds, Channel, User
from ircish.dialects.irc import Irc
from ircish.dialects.plain import ELSEWHERE, HERE
from ircish.errors import Gone, Refused
from ircish.events import (
    SERVER,
    AccountSet,
    AwaySet,
    Event,
    HostSet,
    Invited,
    Joined,
    Kicked,
    ModeSet,
    Monitored,
    NameSet,
    Opered,
    Parted,
    Quit,
    Read,
    Redacted,
    Registered,
    Renamed,
    Said,
    Source,
    Stamped,
    TopicSet,
    Wallops,
    from_row,
)
from ircish.rows import ChannelRecord

NAME = Source("chat.example")
BOUNDS = Bounds(
    channels_per_user=3, topic_length=20, lines=3, size=900, bans=4, monitored=2, whowas=3
)
READERS = (HERE, ELSEWHERE, Irc("chat.example"))
TAGS = Irc("chat.example", frozenset({"message-tags", "server-time", "account-tag"}))

users = st.sampled_from([1, 2, 3, 4])
actors = st.sampled_from([1, 2, 3, 1, 2, 3, 4, SERVER])
nicks = st.sampled_from(["ann", "BEN", "Cat", "dan", "eve", "1", ""])
others = st.sampled_from(["{1}", "{2}", "{3}", "{4}", "{1}", "{2}", "{3}", "", "nobody"])
"""``{2}`` is what the user with that number is called when it comes to it"""
channels = st.sampled_from(["#a", "#b", "#a", "#b", "#a", "#A", "#lobby", "#c", "bad", "#"])
texts = st.sampled_from(
    ["hi", "", "hi", "a\nb", "é" * 300, "a\n\nb\nc", "\x01ACTION waves\x01", "\x01V"]
)
masks = st.sampled_from(
    ["*", "m:*", "ben", "m:CAT", "*!~d*@*", "cat", "Y" * 119, "y" * 118, "é*", "", ":", "x" * 500]
)
params = {
    **dict.fromkeys(STATUS, others),
    **dict.fromkeys(LISTS, masks),
    "k": st.sampled_from(["sesame", "Sesame", "tea", "", "x" * (KEY_LENGTH + 1), "a,b", ":a"]),
    "l": st.sampled_from(["1", "2", "03", "3", "2", "0", "x"]),
    **dict.fromkeys(FLAGS, st.sampled_from(["", "ignored"])),
    "x": st.just(""),
}
changes = st.lists(
    st.sampled_from([*params, *STATUS, *LISTS]).flatmap(
        lambda letter: st.tuples(st.sampled_from("++-"), st.just(letter), params[letter])
    ),
    max_size=4,
).map(tuple)
own_changes = st.lists(
    st.tuples(st.sampled_from("+-"), st.sampled_from(f"{USER_MODES}x"), st.just("")), max_size=3
).map(tuple)


class AnyMix(RuleBasedStateMachine):
    """Some people, some channels, one chat; and another to which the same happens."""

    def __init__(self) -> None:
        super().__init__()
        self.chat = Chat(NAME, BOUNDS)
        self.other = Chat(NAME, BOUNDS)
        self.time = TIME
        self.kept: dict[str, ChannelRecord] = {}

    def do(self, event: Event) -> None:
        chat, before = self.chat, snapshot(self.chat)
        expected = Expected(chat, event)
        self.time += 1
        try:
            outcome = chat.apply(event, self.time)
        except Gone:
            assert snapshot(chat) == before
            assert expected.user is None
            return
        except Refused:
            assert snapshot(chat) == before
            assert expected.may_be_refused()
            return
        expected.check(outcome)
        there = {name for name, _ in before["channels"]}
        for folded in there - chat.channels.keys():
            assert folded not in self.kept
        if outcome.changed:
            self.kept[outcome.changed.folded] = outcome.changed.record()
        replays(outcome, self.time)
        again = self.other.apply(event, self.time)
        assert values(again) == values(outcome)

    def called(self, other: str) -> str:
        user = self.chat.users.get(int(other[1])) if other[:1] == "{" else None
        return user.nick if user else other

    @initialize()
    def four_people_are_in_two_channels(self) -> None:
        """One of each: a founder, an operator, a voice, an operator of the server."""
        for user, nick in enumerate(("ann", "ben", "cat", "dan"), 1):
            self.do(registered(user, nick))
        for user, channel in ((1, "#a"), (2, "#a"), (3, "#a"), (2, "#b"), (3, "#b")):
            self.do(Joined(user, channel))
        statuses = (("+", "q", "ann"), ("-", "o", "ann"), ("+", "o", "ben"), ("+", "v", "cat"))
        self.do(ModeSet(SERVER, "#a", statuses))
        self.do(Opered(4, "admin"))
        self.do(ModeSet(4, "dan", (("+", "s", ""), ("+", "w", ""))))
        self.do(Monitored(4, ("ann", "eve")))
        self.do(Monitored(1, ("ann", "Dan")))

    @rule(user=users, nick=nicks)
    def register(self, user: int, nick: str) -> None:
        if user not in self.chat.users:  # the hub's numbers are given once
            self.do(registered(user, nick))

    @rule(user=users, reason=texts)
    def quit(self, user: int, reason: str) -> None:
        self.do(Quit(user, reason))

    @rule(user=users, nick=nicks)
    def rename(self, user: int, nick: str) -> None:
        self.do(Renamed(user, nick))

    @rule(user=users, channel=channels, key=st.sampled_from(["", "sesame"]))
    def join(self, user: int, channel: str, key: str) -> None:
        self.do(Joined(user, channel, key))

    @rule(
        door=st.sampled_from("iklbbeIm").flatmap(lambda a: st.tuples(st.just(a), params[a])),
        sign=st.sampled_from("++-"),
        channel=st.sampled_from(["#a", "#b"]),
    )
    def come_to_the_door(self, door: tuple[str, str], sign: str, channel: str) -> None:
        """Most commands above are refused; this is about who may come in, and speak then."""
        self.do(ModeSet(SERVER, channel, ((sign, *door),)))
        for user in (1, 2, 3, 4):
            self.do(Joined(user, channel, "sesame"))
            self.do(Said(user, channel, "hi"))

    @rule(user=users, channel=channels, reason=texts)
    def part(self, user: int, channel: str, reason: str) -> None:
        self.do(Parted(user, channel, reason))

    @rule(user=actors, channel=channels, other=others, reason=texts)
    def kick(self, user: int, channel: str, other: str, reason: str) -> None:
        self.do(Kicked(user, channel, self.called(other), reason))

    @rule(user=actors, channel=channels, other=others)
    def invite(self, user: int, channel: str, other: str) -> None:
        self.do(Invited(user, channel, self.called(other)))

    @rule(user=actors, channel=channels, text=texts)
    def topic(self, user: int, channel: str, text: str) -> None:
        self.do(TopicSet(user, channel, text))

    @rule(user=actors, channel=channels, changes=changes)
    def mode(self, user: int, channel: str, changes: tuple[tuple[str, str, str], ...]) -> None:
        named = tuple((sign, letter, self.called(param)) for sign, letter, param in changes)
        self.do(ModeSet(user, channel, named))

    @rule(user=users, other=st.one_of(st.none(), st.none(), others), changes=own_changes)
    def own_mode(
        self, user: int, other: str | None, changes: tuple[tuple[str, str, str], ...]
    ) -> None:
        self.do(ModeSet(user, self.called(other or f"{{{user}}}"), changes))

    @rule(
        user=actors,
        to=st.one_of(
            channels, st.tuples(st.sampled_from("~@+"), channels).map("".join), channels, others
        ),
        text=texts,
        kind=st.sampled_from(["message", "notice", "tagmsg"]),
        tags=st.sampled_from([{}, {"+typing": "active"}, {"+a": "b c"}]),
        breaks=st.sampled_from([(), (), (1,)]),
    )
    def say(
        self, user: int, to: str, text: str, kind: Any, tags: Any, breaks: tuple[int, ...]
    ) -> None:
        self.do(Said(user, self.called(to), text, kind, tags, breaks))

    @rule(user=users, to=st.one_of(channels, others), own=st.booleans(), reason=texts)
    def redact(self, user: int, to: str, own: bool, reason: str) -> None:
        self.do(Redacted(user, self.called(to), "m1", reason, own))

    @rule(user=actors, text=texts)
    def wallops(self, user: int, text: str) -> None:
        self.do(Wallops(user, text))

    @rule(user=users, to=st.one_of(channels, nicks), back=st.integers(-9, 9))
    def read(self, user: int, to: str, back: int) -> None:
        self.do(Read(user, to, self.time - back))

    @rule(
        user=users, nicks=st.lists(nicks, max_size=3), wanted=st.sampled_from([True, True, False])
    )
    def monitor(self, user: int, nicks: list[str], wanted: bool) -> None:
        self.do(Monitored(user, tuple(nicks), wanted))

    @rule(user=users, text=texts)
    def away(self, user: int, text: str) -> None:
        self.do(AwaySet(user, text))

    @rule(user=users, text=texts)
    def set_name(self, user: int, text: str) -> None:
        self.do(NameSet(user, text))

    @rule(user=users, host=st.sampled_from(["host.example", "tea.example", "a b", "x" * 99]))
    def set_host(self, user: int, host: str) -> None:
        self.do(HostSet(user, "u", host))

    @rule(user=users, account=st.sampled_from([None, "anna"]))
    def set_account(self, user: int, account: str | None) -> None:
        self.do(AccountSet(user, account))

    @rule(user=users)
    def oper(self, user: int) -> None:
        self.do(Opered(user, "admin"))

    # What is always so -------------------------------------------------------------------------

    @invariant()
    def membership_is_symmetric(self) -> None:
        for user in self.chat.users.values():
            assert len(user.channels) <= BOUNDS.channels_per_user
            for folded, channel in user.channels.items():
                assert self.chat.channels[folded] is channel
                assert user in channel.members
        for folded, channel in self.chat.channels.items():
            assert fold(channel.name) == channel.folded == folded
            for user in channel.members:
                assert self.chat.users[user.id] is user
                assert user.channels[folded] is channel

    @invariant()
    def nicks_watchers_and_those_who_are_noticed_are_those_of_the_users(self) -> None:
        chat, everyone = self.chat, self.chat.users.values()
        assert {fold(user.nick): user for user in everyone} == chat.nicks
        watching = {(nick, user) for user in everyone for nick in user.monitored}
        assert watching == {(nick, user) for nick, who in chat.watchers.items() for user in who}
        assert all(chat.watchers.values())
        assert chat.noticed == {user for user in everyone if "s" in user.modes}

    @invariant()
    def nothing_remains_of_who_has_quit_nor_of_a_channel_that_is_gone(self) -> None:
        state = list(leaves(snapshot(self.chat)))
        assert not [each for each in state if each[0] == "user" and not each[2]]
        for user in self.chat.users.values():
            assert len(user.monitored) <= BOUNDS.monitored
        assert len(self.chat.gone) <= BOUNDS.whowas

    @invariant()
    def a_channel_is_kept_as_it_is_as_long_as_somebody_is_in_or_something_was_said(self) -> None:
        channels = self.chat.channels
        assert all(channel.members or channel.spoken for channel in channels.values())
        spoken = {name: channel.record() for name, channel in channels.items() if channel.spoken}
        assert spoken == self.kept

    @invariant()
    def modes_are_known_and_in_order(self) -> None:
        for channel in self.chat.channels.values():
            assert channel.flags == "".join(sorted(set(channel.flags) & set(FLAGS)))
            assert 0 <= channel.limit < 10
            assert len(channel.key) <= KEY_LENGTH
            assert sum(map(len, channel.lists.values())) <= BOUNDS.bans
            for letter, entries in channel.lists.items():
                assert letter in LISTS
                assert entries
                assert all(fold(entry.mask) == mask for mask, entry in entries.items())
            for held in channel.members.values():
                assert held == "".join(letter for letter in STATUS if letter in held)
        for user in self.chat.users.values():
            assert user.modes == "".join(sorted(set(user.modes) & set(USER_MODES)))
            assert ("o" in user.modes) == bool(user.operator)
            assert ("B" in user.modes) == user.source.bot
            assert "s" not in user.modes or user.operator

    @invariant()
    def what_is_remembered_of_the_silenced_is_true(self) -> None:
        for channel in self.chat.channels.values():
            assert channel.silenced.keys() <= channel.members.keys()
            for user, silenced in channel.silenced.items():
                assert silenced == is_banned(channel, user, muted=True)
                assert channel.silences(user) == (silenced and not channel.members[user])

    def teardown(self) -> None:
        """The other chat is the same, and so is one that begins with what was kept."""
        assert snapshot(self.other) == snapshot(self.chat)
        again = Chat(NAME, BOUNDS, self.kept.values())
        assert {name: c.record() for name, c in again.channels.items()} == self.kept


class Expected:
    """Who should hear of an event and who should be told, worked out before it happens, without
    the rules; and what nobody may do."""

    def __init__(self, chat: Chat, event: Any) -> None:
        self.chat, self.event = chat, event
        self.user: User | None = chat.users.get(getattr(event, "user", SERVER))
        target = getattr(event, "channel", getattr(event, "target", ""))
        self.sign = target[:1] if target[1:2] == "#" else ""
        self.channel = chat.channels.get(fold(target.removeprefix(self.sign)))
        self.members = dict(self.channel.members) if self.channel else {}
        self.status = self.members.get(self.user, "") if self.user else ""
        self.high = not self.user or bool(self.user.operator)
        self.kept_out = bool(
            self.user and self.channel and self.channel not in self.user.invited
        ) and self._keeps_out(event)
        self.flags = self.channel.flags if self.channel else ""
        self.banned = bool(
            self.user and self.channel and is_banned(self.channel, self.user, muted=True)
        )
        self.target = chat.nicks.get(fold(getattr(event, "nick", target)))
        self.hearers = self._hearers()
        self.told = list(self._told())

    def _hearers(self) -> set[User]:
        user, everyone = self.user, self.chat.users.values()
        near = {u for c in user.channels.values() for u in c.members} if user else set()
        match self.event:
            case Quit() | Renamed():
                return near
            case AwaySet(text=text) if user and text == user.away:
                return set()
            case AwaySet() | NameSet() | AccountSet() | HostSet():
                assert user is None or user in near or not user.channels
                watchers = {
                    u for u in everyone if user and fold(user.nick) in u.monitored and u is not user
                }
                itself = {user} if user and isinstance(self.event, HostSet) else set()
                return near | watchers | itself
            case Joined():
                return {user, *self.members} if user and user not in self.members else set()
            case Invited():
                return {*self.members, self.target} if self.target else set()
            case Said() if self.sign:
                ranks = {"~": "q", "@": "qo", "+": "qov"}[self.sign]
                return {u for u, held in self.members.items() if set(held) & set(ranks)} - {user}
            case Said() | Redacted() if not self.channel:
                return {self.target} if self.target else set()
            case Wallops():
                return {u for u in everyone if "w" in u.modes} - {user}
            case Registered() | Opered() | Monitored() | Read():
                return set()
        return set(self.members)

    def _told(self) -> Iterator[tuple[User, replies.Reply]]:
        user, event, everyone = self.user, self.event, self.chat.users.values()
        before = fold(user.nick) if user else ""
        after = fold(getattr(event, "nick", ""))
        for u in everyone:
            leaves = isinstance(event, Quit) or (isinstance(event, Renamed) and before != after)
            comes = isinstance(event, Registered) or (leaves and isinstance(event, Renamed))
            if leaves and before in u.monitored and not (isinstance(event, Quit) and u is user):
                yield u, replies.MONITOR_OFFLINE
            if comes and after in u.monitored:
                yield u, replies.MONITOR_ONLINE
            if "s" in u.modes:
                if isinstance(event, Registered):
                    yield u, replies.SOMEBODY_CAME
                if isinstance(event, Quit) and u is not user:
                    yield u, replies.SOMEBODY_LEFT
                if isinstance(event, Opered):
                    yield u, replies.SOMEBODY_OPERATES

    def _keeps_out(self, event: Any) -> bool:
        channel, user = self.channel, self.user
        assert channel
        assert user
        invited = any(matches(m, fold(user.source.prefix)) for m in channel.lists.get("I", {}))
        return (
            ("i" in channel.flags and not invited)
            or (channel.key != "" and channel.key != getattr(event, "key", ""))
            or 0 < channel.limit <= len(channel.members)
            or is_banned(channel, user, muted=False)
        )

    def may_be_refused(self) -> bool:
        """False where it certainly may not."""
        event, operates = self.event, self.high or bool(set("qo") & set(self.status))
        match event:
            case Joined() if self.user and self.channel:
                full = len(self.user.channels) >= BOUNDS.channels_per_user
                return self.user not in self.members and (full or self.kept_out)
            case Kicked(reason=reason) if self.channel and self.target in self.members:
                protected = "q" in self.members[self.target] and "q" not in self.status
                return "\n" in reason or not operates or (protected and not self.high)
            case Invited() if self.channel and self.user and self.target:
                free = self.user in self.members and "i" not in self.flags
                return self.target in self.members or not (free or operates)
            case Said(text="hi", breaks=()) if self.channel and self.user in self.members:
                return not self.status and ("m" in self.flags or self.banned)
        return True

    def check(self, outcome: Outcome) -> None:
        """What did happen is what should, and was allowed."""
        event, took_effect = self.event, outcome.event
        assert type(took_effect) is type(event)
        if isinstance(took_effect, ModeSet) and not (took_effect.changes and self.channel):
            self.hearers = set()
        assert len(set(outcome.channels)) == len(outcome.channels)
        assert len(set(outcome.users)) == len(outcome.users)
        inside = {u for channel in outcome.channels for u in channel.members}
        if outcome.left:
            who, where = outcome.left
            assert set(where) <= set(outcome.channels)
            assert not any(who in channel.members for channel in where)
            inside |= {who} if where else set()
        assert not inside & set(outcome.users)
        assert inside | set(outcome.users) == self.hearers
        told = [(user, reply) for user, reply, _ in outcome.told]
        assert len(set(told)) == len(told)
        assert set(told) == set(self.told)
        self._was_allowed(took_effect)

    def _was_allowed(self, took_effect: Event) -> None:
        event = self.event
        operates = self.high or bool(set("qo") & set(self.status))
        founds = self.high or "q" in self.status
        if isinstance(took_effect, Kicked) or (
            isinstance(took_effect, ModeSet) and took_effect.target[:1] == "#"
        ):
            assert operates
            assert self.channel
            for member, held in self.members.items():
                now = self.channel.members.get(member, "")
                if "q" in held and member is not self.user:
                    assert founds or (set("qo") & set(held) <= set(now))
                assert founds or "q" not in now or "q" in held
        elif isinstance(event, Said) and self.channel and self.user:
            assert self.user in self.members or ("n" not in self.flags and not self.sign)
            assert self.status or not ("m" in self.flags or self.banned)
            assert "C" not in self.flags or "\x01V" not in event.text
        elif isinstance(event, Joined) and self.channel and self.user not in self.members:
            assert not self.kept_out
        elif isinstance(event, TopicSet):
            free = self.user in self.members and "t" not in self.flags
            assert operates or (free and not (self.banned and not self.status))
        elif isinstance(event, Invited):
            assert operates or (self.user in self.members and "i" not in self.flags)
        elif isinstance(event, Redacted) and self.channel:
            assert self.user in self.members
            assert event.own or operates


def is_banned(channel: Channel, user: User, *, muted: bool) -> bool:
    def fits(letter: str) -> bool:
        masks = list(channel.lists.get(letter, {}))
        if muted:
            masks += [mask[2:] for mask in masks if mask[:2] == "m:"]
        return any(matches(mask, fold(user.source.prefix)) for mask in masks)

    return fits("b") and not fits("e")


def values(outcome: Outcome) -> Any:
    return (
        outcome.event,
        outcome.source,
        [channel.folded for channel in outcome.channels],
        [user.id for user in outcome.users],
        {(user.id, reply.plain, str(fields)) for user, reply, fields in outcome.told},
        outcome.changed and outcome.changed.record(),
        outcome.left and (outcome.left[0].id, [channel.folded for channel in outcome.left[1]]),
    )


def leaves(value: Any) -> Iterator[tuple[Any, ...]]:
    """The users and channels named anywhere in a snapshot."""
    if isinstance(value, tuple) and len(value) == 3 and value[0] in ("user", "channel"):
        yield value
    elif isinstance(value, dict | list | tuple):
        for each in value.values() if isinstance(value, dict) else value:
            yield from leaves(each)


def replays(outcome: Outcome, time: int) -> None:
    """What the history keeps of it reads as it did when it happened."""
    event = outcome.event
    if not event.kept or getattr(event, "breaks", ()):  # where it was cut is not kept
        return
    then = Stamped(7, time, "m7", event, outcome.source)
    for channel in outcome.channels:
        row = then.row(channel.folded)
        now = from_row(row, channel.name)
        for reader in READERS if outcome.source.bot else (*READERS, TAGS):  # neither is +B
            assert reader.render(now) == reader.render(then)
        assert now.row(channel.folded) == row


AnyMix.TestCase.settings = settings(
    deadline=None,
    max_examples=int(os.environ.get("IRCISH_EXAMPLES", "100")),
    stateful_step_count=40,
)
test_any_mix_of_events_leaves_the_chat_consistent = AnyMix.TestCase
