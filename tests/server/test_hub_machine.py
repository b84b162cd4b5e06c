"""Every reader gets each event that is theirs once, and all get them in one order.

Whoever hears of an event through two channels, through a channel and because they monitor its nick,
or by name beside a channel's members, still reads it once. Who should hear is taken from the chat
core's outcome, which tests/chat/test_chat_machine.py checks; what is read in between and how it is
cut and held is for test_hub.py.

``IRCISH_EXAMPLES=5000 pytest tests/server/test_hub_machine.py --timeout=0`` tries for minutes.
"""

from __future__ import annotations

import os
import re

from fakes import SERVER, Person, World, fake_sends  # noqa: F401
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ircish.chat.outcome import Outcome
from ircish.dialects.irc import CAPABILITIES, Irc
from ircish.errors import Refused
from ircish.events import (
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
    Renamed,
    Said,
    Stamped,
    TopicSet,
    Wallops,
)
from ircish.server.hub import Hub

ALL = frozenset(CAPABILITIES)
KINDS = (Irc(SERVER, ALL), Irc(SERVER, ALL - {"echo-message"}), Irc(SERVER, ALL - {"batch"}))
"""All of them read every kind of event, with its msgid."""

MSGID = re.compile(r"@(?:\S+;)?msgid=([0-9a-f]+)")
TOLD = re.compile(rf":{SERVER} 73[01] \S+ :([^!]+)")

seats = st.integers(0, 3)
channels = st.sampled_from(["#a", "#b", "#a", "#c"])


class EachReadsOnce(RuleBasedStateMachine):
    """Four people in #a and #b who all monitor each other, and come again when they have quit."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.apply = self.world.chat.apply
        self.world.chat.apply = self.spy  # type: ignore[method-assign]
        self.outcome: Outcome | None = None
        self.everyone: dict[int, Person] = {}
        self.events: dict[int, list[str]] = {}
        """what each should read, by their numbers: the msgids of events"""
        self.told: dict[int, list[str]] = {}
        """and of whose coming and going they should be told"""
        self.seats = [self.newcomer(nick) for nick in ("ann", "ben", "cat", "dan")]

    def spy(self, event: Event, time: int) -> Outcome:
        self.outcome = self.apply(event, time)
        return self.outcome

    def newcomer(self, nick: str) -> Person:
        person = Person(self.world, KINDS[len(self.everyone) % len(KINDS)])
        self.everyone[person.user_id] = person
        self.events[person.user_id], self.told[person.user_id] = [], []
        person.register(nick)
        self.happened(None, None)
        for event in (
            Monitored(person.user_id, ("ann", "ben", "cat", "dan", "eve")),
            Joined(person.user_id, "#a"),
            Joined(person.user_id, "#b"),
        ):
            self.does(person, event)
        return person

    def nick(self, seat: int) -> str:
        return self.world.chat.users[self.seats[seat].user_id].nick

    def does(self, person: Person, event: Event) -> None:
        self.outcome = None
        context = person.context
        try:
            stamped = context.publish(event) if context else person.does(event)
        except Refused:
            return
        own = person.reader.kind.own(stamped).decode()
        if MSGID.match(own):
            self.events[person.user_id].append(stamped.msgid)
        self.happened(person, stamped)

    def happened(self, actor: Person | None, stamped: Stamped | None) -> None:
        assert self.outcome
        outcome = self.outcome
        hearers = {user.id for channel in outcome.channels for user in channel.members}
        if outcome.left and not isinstance(outcome.event, Quit):
            hearers.add(outcome.left[0].id)
        by_name = [user.id for user in outcome.users]
        for user in (*(hearers - {actor.user_id if actor else 0}), *by_name):
            assert stamped
            self.events[user].append(stamped.msgid)
        for user, _, fields in outcome.told:
            self.told[user.id].append(str(fields["nick"]))

    @rule(seat=seats, channel=channels, other=seats, act=st.sampled_from(["kick", "op", "deop"]))
    def act_on(self, seat: int, channel: str, other: int, act: str) -> None:
        me, nick = self.seats[seat].user_id, self.nick(other)
        events: dict[str, Event] = {
            "kick": Kicked(me, channel, nick, "out"),
            "op": ModeSet(me, channel, (("+", "o", nick),)),
            "deop": ModeSet(me, channel, (("-", "o", nick),)),
        }
        self.does(self.seats[seat], events[act])

    @rule(seat=seats, channel=channels)
    def topic(self, seat: int, channel: str) -> None:
        self.does(self.seats[seat], TopicSet(self.seats[seat].user_id, channel, "tea"))

    @rule(seat=seats, channel=channels)
    def join(self, seat: int, channel: str) -> None:
        me = self.seats[seat].user_id
        if channel not in self.world.chat.users[me].channels:  # commands do not publish that
            self.does(self.seats[seat], Joined(me, channel))

    @rule(seat=seats, channel=channels)
    def part(self, seat: int, channel: str) -> None:
        self.does(self.seats[seat], Parted(self.seats[seat].user_id, channel))

    @rule(seat=seats, channel=channels, other=seats)
    def invite(self, seat: int, channel: str, other: int) -> None:
        me, nick = self.seats[seat].user_id, self.nick(other)
        self.does(self.seats[seat], Invited(me, channel, nick))

    @rule(seat=seats, nick=st.sampled_from(["ann", "Ben", "eve", "zoe"]))
    def rename(self, seat: int, nick: str) -> None:
        self.does(self.seats[seat], Renamed(self.seats[seat].user_id, nick))

    @rule(seat=seats, text=st.sampled_from(["", "lunch"]), what=st.integers(0, 4))
    def change(self, seat: int, text: str, what: int) -> None:
        me = self.seats[seat].user_id
        events = [
            AwaySet(me, text),
            NameSet(me, text),
            AccountSet(me, text or None),
            ModeSet(me, self.nick(seat), (("+-"[text == ""], "w", ""),)),
            Opered(me, "admin"),
        ]
        self.does(self.seats[seat], events[what])

    @rule(seat=seats, host=st.sampled_from(["tea.example", "dev.example"]))
    def change_host(self, seat: int, host: str) -> None:
        """By nobody's command, as CHGHOST does."""
        stamped = self.world.hub.publish(HostSet(self.seats[seat].user_id, "u", host))
        self.happened(None, stamped)

    @rule(
        seat=seats,
        to=st.sampled_from(["#a", "#b", "@#a", "+#b"]),
        text=st.text("ab", max_size=2),
    )
    def say(self, seat: int, to: str, text: str) -> None:
        person = self.seats[seat]
        self.does(person, Said(person.user_id, to, text.replace("b", "b\nc")))

    @rule(seat=seats, other=seats)
    def whisper(self, seat: int, other: int) -> None:
        if seat != other:  # one's own words to oneself are read twice: said and heard
            self.does(self.seats[seat], Said(self.seats[seat].user_id, self.nick(other), "psst"))

    @rule(seat=seats)
    def wallops(self, seat: int) -> None:
        self.does(self.seats[seat], Wallops(self.seats[seat].user_id, "hear"))

    @rule(seat=seats)
    def quit(self, seat: int) -> None:
        """And somebody new takes the seat."""
        person = self.seats[seat]
        self.end(seat)
        stamped = self.world.hub.publish(Quit(person.user_id, "gone"))
        self.happened(None, stamped)
        self.world.hub.finish(person.reader)
        taken = self.world.chat.nicks
        self.seats[seat] = self.newcomer(
            next(nick for nick in ("ann", "ben", "cat", "dan", "eve") if nick not in taken)
        )

    @rule(seat=seats)
    def begin(self, seat: int) -> None:
        """A command that does several things; what others do is held back meanwhile."""
        if self.seats[seat].context is None:
            self.seats[seat].open()

    @rule(seat=seats)
    def end(self, seat: int) -> None:
        if self.seats[seat].context is not None:
            self.seats[seat].close()

    @rule()
    def turn(self) -> None:
        self.world.turn()

    @rule()
    def sleep(self) -> None:
        """The writer does all there is to do; what is for one alone is then sent at once."""
        self.world.flush()

    @invariant()
    def the_hub_has_rooms_for_the_channels_and_readers_for_the_users(self) -> None:
        hub: Hub = self.world.hub
        chat = self.world.chat
        assert set(hub._rooms) <= set(chat.channels)
        for folded, channel in chat.channels.items():
            readers = {self.everyone[user.id].reader for user in channel.members}
            assert set(hub._rooms[folded].readers if folded in hub._rooms else ()) == readers
        for user, person in self.everyone.items():
            rooms = person.reader.rooms
            assert set(rooms) == set(chat.users[user].channels if user in chat.users else ())
        assert {reader.user for reader in hub.readers()} == set(chat.users)

    def teardown(self) -> None:
        for seat in range(len(self.seats)):
            self.end(seat)
        self.world.flush()
        for user, person in self.everyone.items():
            lines = person.reads()
            found = [match[1] for line in lines if (match := MSGID.match(line))]
            assert found == self.events[user]
            told = [match[1] for line in lines if (match := TOLD.match(line))]
            assert told == self.told[user]
            assert not person.dropped


EachReadsOnce.TestCase.settings = settings(
    deadline=None, max_examples=int(os.environ.get("IRCISH_EXAMPLES", "60")), stateful_step_count=40
)
test_everyone_reads_each_event_that_is_theirs_once_and_in_one_order = EachReadsOnce.TestCase
