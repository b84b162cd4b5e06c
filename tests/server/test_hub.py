"""The hub and the batches: everyone reads what appending to each would have given."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

import pytest
from fakes import SERVER, Person, World, fake_sends  # noqa: F401
from hypothesis import given, settings
from hypothesis import strategies as st

from ircish import replies
from ircish.chat.names import fold
from ircish.chat.state import Channel
from ircish.dialects import Kind
from ircish.dialects.irc import Irc
from ircish.dialects.plain import ELSEWHERE, HERE
from ircish.errors import Gone, Refused
from ircish.events import (
    SERVER as THE_SERVER,
)
from ircish.events import (
    AwaySet,
    Event,
    Invited,
    Joined,
    Kicked,
    ModeSet,
    Parted,
    Quit,
    Registered,
    Renamed,
    Said,
    Source,
    Stamped,
    TopicSet,
)
from ircish.rows import ChannelRecord, seq_of
from ircish.server.hub import MAX_AHEAD, Hub

BARE = Irc(SERVER)
TAGS = Irc(SERVER, frozenset({"message-tags"}))
ECHO = Irc(SERVER, frozenset({"echo-message"}))
ALL = Irc(SERVER, frozenset({"message-tags", "server-time", "echo-message", "batch"}))
KINDS: tuple[Kind, ...] = (HERE, BARE, TAGS, ECHO, ALL)


# The reference: nothing but appending to each reader's own list -----------------------------------


class Reference:
    """Who should have read what, kept without batches, numbers or a writer."""

    def __init__(self) -> None:
        self.lines: dict[Person, list[bytes]] = {}
        self.members: dict[str, list[Person]] = {}

    def own(self, person: Person, line: bytes) -> None:
        self.lines[person].append(line)

    def happened(self, actor: Person, stamped: Stamped, people: dict[str, Person]) -> None:
        """Append the event to the list of everyone else who hears of it."""
        event: Any = stamped.event
        match event:
            case Said(target=target) if target[:1] != "#":
                heard = [people[target]]  # oneself too: it is a message that one gets
                self._append(heard, stamped, "")
                return
            case Renamed() | Quit():
                channels = [name for name, who in self.members.items() if actor in who]
            case AwaySet():
                channels = []
            case _:
                channels = [event.channel if hasattr(event, "channel") else event.target]
        hearers = list(dict.fromkeys(p for name in channels for p in self.members.get(name, [])))
        if isinstance(event, Invited):  # they are not in, and hear it themselves
            self._append([people[event.nick]], stamped, "")
        self._append(
            [p for p in hearers if p is not actor], stamped, channels[0] if channels else ""
        )
        match event:
            case Joined():
                self.members.setdefault(event.channel, []).append(actor)
            case Parted():
                self.members[event.channel].remove(actor)
            case Kicked():
                self.members[event.channel].remove(people[event.nick])
            case Quit():
                for name in channels:
                    self.members[name].remove(actor)

    def _append(self, hearers: list[Person], stamped: Stamped, channel: str) -> None:
        for person in hearers:
            kind: Kind = person.reader.kind
            if channel and kind.name == "plain":
                kind = HERE if person.current_channel == channel else ELSEWHERE
            self.lines[person].append(kind.render(stamped))


class Trial:
    """Runs steps on the real hub and writer and on the reference."""

    NAMES = ("ann", "ben", "cat", "dan")
    CHANNELS = ("#a", "#b", "#c")

    def __init__(self, kinds: tuple[Kind, ...]) -> None:
        self.world = World()
        self.reference = Reference()
        self.everyone: list[Person] = []
        self.seats: list[Person] = []
        for name, kind in zip(self.NAMES, kinds, strict=False):
            self.seats.append(self.newcomer(name, kind))

    @property
    def people(self) -> dict[str, Person]:
        return self.world.people

    def newcomer(self, name: str, kind: Kind) -> Person:
        person = Person(self.world, kind)
        self.everyone.append(person)
        self.reference.lines[person] = []
        person.register(name)
        self.people[name] = person
        return person

    def do(self, step: tuple[Any, ...]) -> None:
        what, *arguments = step
        getattr(self, what)(*arguments)

    def act(self, seat: int, what: str, channel: str, other: int, leave_open: bool) -> None:
        """A command of one thing; left open it is answered by a later step."""
        person = self.seats[seat % len(self.seats)]
        target = self.seats[other % len(self.seats)]
        context = person.context or person.open()
        me = person.user_id
        event: Event | None = {
            "join": Joined(me, channel),
            "part": Parted(me, channel, "bye"),
            "kick": Kicked(me, channel, target.nick, "out"),
            "rename": Renamed(me, f"{person.nick[:3]}{other}"),
            "say": Said(me, channel, f"to {channel}"),
            "tag": Said(me, channel, "", "tagmsg", {"+a": "b"}),
            "whisper": Said(me, target.nick, "psst"),
            "topic": TopicSet(me, channel, "tea"),
            "away": AwaySet(me, "lunch"),
            "op": ModeSet(me, channel, (("+", "o", target.nick),)),
            "invite": Invited(me, channel, target.nick),
        }.get(what)
        before = len(context.answered())
        try:
            if event is not None:
                if what == "join" and me in [p.user_id for p in self.members(channel)]:
                    raise Refused(replies.ALREADY_IN)  # commands do not publish that
                stamped = context.publish(event)
            else:
                speak = context.say if what == "speak" else context.announce
                count = self.world.hub.seq
                speak(what, channel)
                assert self.world.hub.seq == count + 1
                source = Source(SERVER) if what == "announce" else person_source(person)
                said = (
                    Said(THE_SERVER, channel, what, "notice")
                    if what == "announce"
                    else Said(me, channel, what)
                )
                stamped = self.last_stamped(said, source)
        except Refused:
            if not leave_open:
                self.answer(seat)
            return
        self.reference.happened(person, stamped, self.people)
        for _, line in context.answered()[before:]:
            self.reference.own(person, line)
        if what == "rename":
            del self.people[person.nick]
            person.nick = stamped.event.nick  # type: ignore[attr-defined]
            self.people[person.nick] = person
        if not leave_open:
            self.answer(seat)

    def last_stamped(self, said: Said, source: Source) -> Stamped:
        """What ``say`` and ``announce`` must have made, without asking the hub for the event."""
        hub = self.world.hub
        return Stamped(hub.seq, hub._time, f"{hub._run}{hub.seq:x}", said, source)

    def members(self, channel: str) -> list[Person]:
        return self.reference.members.get(channel, [])

    def switch(self, seat: int, channel: str) -> None:
        person = self.seats[seat % len(self.seats)]
        if person.reader.kind.name == "plain":
            person.set_current(channel)

    def caps(self, seat: int, kind: int) -> None:
        person = self.seats[seat % len(self.seats)]
        if person.reader.kind.name == "irc":
            self.world.hub.change(
                person.reader, lambda: setattr(person.reader, "kind", KINDS[1 + kind % 4])
            )

    def ask(self, seat: int) -> None:
        """A reply that no event goes with: between what was before it and what comes after."""
        person = self.seats[seat % len(self.seats)]
        context = person.context
        if context is not None and not person.reader.held:
            return  # nothing holds its place then
        opened = context or person.open()
        opened.reply("it is noon")
        self.reference.own(person, opened.answered()[-1][1])
        if context is None:
            person.close()

    def answer(self, seat: int) -> None:
        person = self.seats[seat % len(self.seats)]
        if person.context is not None:
            person.close()

    def leave(self, seat: int) -> None:
        """Quit, and somebody new takes the seat."""
        person = self.seats[seat % len(self.seats)]
        self.answer(seat)
        stamped = self.world.hub.publish(Quit(person.user_id, "gone"))
        self.reference.happened(person, stamped, self.people)
        self.world.hub.tell(person.reader, b"*** Goodbye.\r\n")
        self.reference.own(person, b"*** Goodbye.\r\n")
        self.world.hub.finish(person.reader)
        del self.people[person.nick]
        name = f"{self.NAMES[seat % len(self.seats)]}{len(self.everyone)}"
        self.seats[seat % len(self.seats)] = self.newcomer(name, person.reader.kind)

    def flush(self) -> None:
        self.world.turn()

    def sleep(self) -> None:
        """The writer does all there is to do, and sleeps."""
        self.world.flush()

    def room(self, seat: int, size: int | None) -> None:
        """From now on so many bytes fit, of which the writer has not heard yet."""
        self.seats[seat % len(self.seats)].socket.room = size

    def news(self, seat: int) -> None:
        """Now it hears of it."""
        person = self.seats[seat % len(self.seats)]
        if person.socket.room != 0 and person.socket.fd in self.world.readiness.wanted:
            self.world.writable(person)

    def check(self) -> None:
        for seat in range(len(self.seats)):
            self.answer(seat)
        for person in self.everyone:
            person.socket.room = None
        for _ in range(4):
            self.world.writable(*self.everyone)
        for person in self.everyone:
            expected = b"".join(self.reference.lines[person]).split(b"\r\n")
            assert person.socket.received.split(b"\r\n") == expected, person.nick
            assert not person.dropped


def person_source(person: Person) -> Source:
    return Source(person.nick, person.world.chat.users[person.user_id].source.user, "host.example")


seats = st.integers(0, 3)
channels = st.sampled_from(Trial.CHANNELS)
verbs = st.sampled_from(
    [
        "join",
        "join",
        "join",
        "part",
        "kick",
        "rename",
        "say",
        "say",
        "speak",
        "announce",
        "tag",
        "whisper",
        "whisper",
        "whisper",
        "topic",
        "op",
        "invite",
        "away",
    ]
)
acts = st.tuples(st.just("act"), seats, verbs, channels, seats, st.booleans())
steps = st.one_of(
    acts,
    acts,
    acts,
    acts,
    st.tuples(st.just("ask"), seats),
    st.tuples(st.just("answer"), seats),
    st.tuples(st.just("switch"), seats, channels),
    st.tuples(st.just("caps"), seats, seats),
    st.tuples(st.just("leave"), seats),
    st.tuples(st.just("flush")),
    st.tuples(st.just("flush")),
    st.tuples(st.just("sleep")),
    st.tuples(st.just("news"), seats),
    st.tuples(st.just("room"), seats, st.sampled_from([0, 1, 7, 40, None])),
)


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.sampled_from(KINDS), min_size=2, max_size=4).map(tuple),
    st.one_of(st.lists(steps, max_size=10), st.lists(steps, min_size=25, max_size=60)),
)
def test_everyone_reads_what_appending_to_each_would_have_given(
    kinds: tuple[Kind, ...], script: list[tuple[Any, ...]]
) -> None:
    trial = Trial(kinds)
    for name in ("#a", "#b"):
        for seat in range(len(kinds)):
            trial.act(seat, "join", name, 0, False)
    for step in script:
        trial.do(step)
    trial.check()


# One at a time ------------------------------------------------------------------------------------


@pytest.fixture
def world() -> World:
    return World()


def read_all(*people: Person) -> None:
    people[0].world.flush()
    for person in people:
        person.reads()


def test_an_event_is_rendered_once_for_each_kind_and_not_once_for_each_member(
    world: World,
) -> None:
    class Counting(Irc):
        rendered = 0

        def render(self, stamped: Stamped) -> bytes:
            self.rendered += 1
            return super().render(stamped)

    kinds = [Counting(SERVER), Counting(SERVER, frozenset({"server-time"}))]
    crowd = [world.connect(f"p{n}", kinds[n % 2], "#dev") for n in range(20)]
    ann = world.connect("ann", HERE, "#dev")
    read_all(ann, *crowd)
    for kind in kinds:
        kind.rendered = 0
    sends = [person.socket.sends for person in crowd]
    for text in ("one", "two", "three"):
        ann.does(Said(ann.user_id, "#dev", text))
    world.turn()
    assert [kind.rendered for kind in kinds] == [3, 3]
    assert [person.socket.sends for person in crowd] == [n + 1 for n in sends]
    assert all(len(person.reads()) == 3 for person in crowd)


def test_what_others_say_while_a_command_is_not_through_is_read_after_its_answer(
    world: World,
) -> None:
    ann, ben = world.connect("ann", BARE, "#dev"), world.connect("ben", BARE, "#dev")
    read_all(ann, ben)
    ben.does(Said(ben.user_id, "#dev", "before"))
    context = ann.open()
    context.publish(TopicSet(ann.user_id, "#dev", "tea"))
    ben.does(Said(ben.user_id, "#dev", "after"))
    ben.does(Said(ben.user_id, "ann", "psst"))
    world.flush()
    assert [line.partition(" ")[2] for line in ben.reads()] == ["TOPIC #dev :tea"]
    assert ann.reads() == []
    context.reply("done")
    ann.close()
    world.flush()
    assert [line.rpartition(":")[2] for line in ann.reads()] == [
        "before",
        "tea",
        "after",
        "psst",
        "done",
    ]


def test_one_who_does_not_read_their_own_words_is_not_held_up_by_them(world: World) -> None:
    ann, ben = world.connect("ann", BARE, "#dev"), world.connect("ben", BARE, "#dev")
    read_all(ann, ben)
    ann.open().publish(Said(ann.user_id, "#dev", "mine"))
    ben.does(Said(ben.user_id, "#dev", "yours"))
    world.flush()
    assert ann.reads() == [":ben!ben@host.example PRIVMSG #dev :yours"]


def test_who_comes_in_hears_nothing_of_what_was_said_before(world: World) -> None:
    ann, ben = world.connect("ann", BARE, "#dev"), world.connect("ben", BARE)
    read_all(ann, ben)
    ann.does(Said(ann.user_id, "#dev", "before"))
    ben.does(Joined(ben.user_id, "#dev"))
    ann.does(Said(ann.user_id, "#dev", "after"))
    world.flush()
    assert [line.partition(" ")[2] for line in ben.reads()] == [
        "JOIN #dev",
        "PRIVMSG #dev :after",
    ]


def test_who_is_put_out_hears_of_it_and_of_nothing_after_it(world: World) -> None:
    ann, ben = world.connect("ann", BARE, "#dev"), world.connect("ben", BARE, "#dev")
    read_all(ann, ben)
    ann.does(Said(ann.user_id, "#dev", "before"))
    ann.does(Kicked(ann.user_id, "#dev", "ben", "out"))
    ann.does(Said(ann.user_id, "#dev", "after"))
    world.flush()
    assert [line.partition(" ")[2] for line in ben.reads()] == [
        "PRIVMSG #dev :before",
        "KICK #dev ben :out",
    ]


def test_who_quits_still_reads_what_was_said_before_but_not_the_own_quit(world: World) -> None:
    ann, ben = world.connect("ann", BARE, "#dev", "#tea"), world.connect("ben", BARE, "#dev")
    ben.does(Joined(ben.user_id, "#tea"))
    read_all(ann, ben)
    ann.does(Said(ann.user_id, "#dev", "before"))
    world.hub.publish(Quit(ben.user_id, "bye"))
    world.hub.finish(ben.reader)
    world.flush()
    assert ben.reads() == [":ann!ann@host.example PRIVMSG #dev :before"]
    assert ann.reads() == [":ben!ben@host.example QUIT :bye"]
    assert ben.socket.closed


def test_a_rename_is_heard_once_by_those_who_share_several_channels(world: World) -> None:
    ann, ben = world.connect("ann", BARE, "#dev", "#tea"), world.connect("ben", BARE, "#dev")
    ben.does(Joined(ben.user_id, "#tea"))
    read_all(ann, ben)
    ann.does(Renamed(ann.user_id, "anna"))
    world.flush()
    assert ben.reads() == [":ann!ann@host.example NICK anna"]


def test_one_who_is_brought_into_a_channel_by_another_hears_of_it(world: World) -> None:
    ann, ben = world.connect("ann", BARE, "#dev"), world.connect("ben", BARE)
    read_all(ann, ben)
    world.hub.publish(Joined(ben.user_id, "#dev"), ann.reader)
    world.flush()
    assert ben.reads() == [":ben!ben@host.example JOIN #dev"]


def test_who_speaks_from_outside_of_an_open_channel_is_no_member_of_its_batch(
    world: World,
) -> None:
    ann, ben = world.connect("ann", BARE, "#dev"), world.connect("ben", ECHO)
    ann.does(ModeSet(ann.user_id, "#dev", (("-", "n", ""),)))
    read_all(ann, ben)
    ben.does(Said(ben.user_id, "#dev", "hello"))
    world.flush()
    assert len(ann.reads()) == 1
    assert ben.reads() == [":ben!ben@host.example PRIVMSG #dev :hello"]


def test_the_batch_of_a_channel_that_is_forgotten_still_goes_out(world: World) -> None:
    ann, ben = world.connect("ann", BARE, "#dev"), world.connect("ben", BARE, "#dev")
    read_all(ann, ben)
    ann.does(Parted(ann.user_id, "#dev", "bye"))
    ben.does(Parted(ben.user_id, "#dev"))
    assert "#dev" not in world.chat.channels
    ben.does(Joined(ben.user_id, "#dev"))
    world.flush()
    assert [line.partition(" ")[2] for line in ben.reads()] == [
        "PART #dev :bye",
        "PART #dev",
        "JOIN #dev",
    ]
    assert world.hub.recent("#dev") == []


def test_what_is_told_goes_out_though_the_command_never_came_to_its_answer(world: World) -> None:
    ann = world.connect("ann", BARE, "#dev")
    read_all(ann)
    ann.open().publish(TopicSet(ann.user_id, "#dev", "tea"))
    world.hub.tell(ann.reader, b"ERROR :the server stops\r\n")
    world.turn()
    assert ann.reads() == []
    world.hub.finish(ann.reader)  # as when the handler was ended by Gone
    world.flush()
    assert ann.reads() == ["ERROR :the server stops"]
    assert ann.socket.closed


def test_nothing_is_told_where_there_is_nothing_to_tell(world: World) -> None:
    ann = world.connect("ann", BARE)
    world.flush()
    world.hub.tell(ann.reader, b"")
    assert world.hub.take() is None


def test_a_person_who_goes_to_another_channel_hears_each_as_it_was_then(world: World) -> None:
    ann, ben = world.connect("ann", BARE, "#dev", "#tea"), world.connect("ben", HERE)
    for channel in ("#dev", "#tea"):
        ben.does(Joined(ben.user_id, channel))
        ben.set_current(channel)
    read_all(ann, ben)
    ann.does(Said(ann.user_id, "#dev", "1"))
    ann.does(Said(ann.user_id, "#tea", "2"))
    ben.set_current("#dev")
    ann.does(Said(ann.user_id, "#dev", "3"))
    ann.does(Said(ann.user_id, "#tea", "4"))
    world.flush()
    assert ben.reads() == ["[#dev] <ann> 1", "<ann> 2", "<ann> 3", "[#tea] <ann> 4"]


def test_an_announcement_reaches_its_caller_once_and_in_its_place(world: World) -> None:
    ann, ben = world.connect("ann", BARE, "#dev"), world.connect("ben", HERE, "#dev")
    read_all(ann, ben)
    context = ann.open()
    context.announce("ann rolled 6", "#dev")
    ben.does(Said(ben.user_id, "#dev", "well done"))
    world.turn()
    ann.close()
    world.flush()
    assert ann.reads() == [
        ":chat.example NOTICE #dev :ann rolled 6",
        ":ben!ben@host.example PRIVMSG #dev :well done",
    ]
    assert ben.reads() == ["[#dev] *** ann rolled 6"] or ben.reads()


# Numbers, times, and the rest ---------------------------------------------------------------------


def test_every_event_has_its_own_number_and_time_though_the_clock_stands_still(
    world: World,
) -> None:
    ann = world.connect("ann", BARE, "#dev")
    stamped = [ann.does(Said(ann.user_id, "#dev", "x")) for _ in range(10)]
    assert len({each.time for each in stamped}) == len({each.seq for each in stamped}) == 10
    assert [each.seq for each in stamped] == sorted(each.seq for each in stamped)
    assert len({each.msgid for each in stamped}) == 10
    assert all(seq_of(each.msgid) == each.seq for each in stamped)


def test_times_never_go_back_with_the_clock_and_run_ahead_of_it_by_a_second_at_most(
    world: World,
) -> None:
    ann = world.connect("ann", BARE, "#dev")
    world.now -= 0.9
    times = [ann.does(Said(ann.user_id, "#dev", "x")).time for _ in range(2000)]
    assert times == sorted(times)
    assert times[-1] == int(world.now * 1000) + MAX_AHEAD
    world.now += 3600
    assert ann.does(Said(ann.user_id, "#dev", "x")).time == int(world.now * 1000)


def test_numbers_go_on_where_the_history_ends() -> None:
    world = World()
    hub = Hub(world.chat, last=(41, 2_000_000_000_000), clock=lambda: 1.0)
    stamped = hub.publish(Registered(1, "ann", "ann", "host.example", "Ann"))
    assert (stamped.seq, stamped.time) == (42, 2_000_000_000_000)


@pytest.mark.parametrize("msgid", ["", "abc", "abcdefxyz"])
def test_a_strange_msgid_is_no_number_of_ours(msgid: str) -> None:
    assert seq_of(msgid) is None


def test_a_refusal_queues_nothing_and_gives_no_number(world: World) -> None:
    ann = world.connect("ann", BARE)
    world.flush()
    seq = world.hub.seq
    assert ann.refused(Said(ann.user_id, "#dev", "x")) is replies.NO_SUCH_CHANNEL
    assert world.hub.seq == seq
    assert not ann.reader.held
    assert world.hub.take() is None


def test_nothing_happens_in_a_hub_that_is_stopped(world: World) -> None:
    ann = world.connect("ann", BARE)
    world.hub.stop()
    with pytest.raises(Gone):
        world.hub.publish(Quit(ann.user_id, ""))
    assert world.hub.reader(ann.user_id) is ann.reader


def test_the_registered_are_known_until_they_quit(world: World) -> None:
    ann, ben = world.connect("ann", BARE), world.connect("ben", BARE)
    assert world.hub.readers() == [ann.reader, ben.reader]
    world.hub.publish(Quit(ann.user_id, ""))
    assert world.hub.readers() == [ben.reader]
    assert world.hub.reader(ann.user_id) is None
    world.hub.publish(Registered(99, "bot", "bot", "host.example", "no connection"))
    world.hub.publish(Joined(99, "#dev"))
    world.hub.publish(Quit(99, ""))
    assert world.hub.readers() == [ben.reader]


def test_the_last_words_and_topics_of_a_channel_are_remembered(world: World) -> None:
    ann = world.connect("ann", BARE, "#Dev")
    ann.does(TopicSet(ann.user_id, "#dev", "tea"))
    second = ann.does(Said(ann.user_id, "#dev", "two"))
    ann.does(Joined(ann.user_id, "#other"))
    ann.does(Said(ann.user_id, "#dev", "three"))
    told = [getattr(each.event, "text", None) for each in world.hub.recent("#DEV")]
    assert told == ["tea", "two", "three"]
    before = world.hub.recent("#dev", second.seq)
    assert [getattr(each.event, "text", None) for each in before] == ["tea"]
    assert world.hub.recent("#nowhere") == []


def test_a_channel_remembers_no_more_than_it_may() -> None:
    world = World()
    world.hub._memory = 3
    ann = world.connect("ann", BARE, "#dev")
    for n in range(5):
        ann.does(Said(ann.user_id, "#dev", str(n)))
    assert [each.event.text for each in world.hub.recent("#dev")] == ["2", "3", "4"]  # type: ignore[attr-defined]


def test_a_channel_is_given_its_past_back(world: World) -> None:
    record = ChannelRecord("#Old", "#old", 1, "", "", 0, "+n")
    channel = world.chat.channels["#old"] = Channel.restored(record)
    past = Stamped(1, 2, "m", Said(0, "#Old", "once"), Source("ann"))
    world.hub.restore(channel, deque([past]))
    assert world.hub.recent("#OLD") == [past]
    ann = world.connect("ann", BARE, "#old")
    ann.does(Parted(ann.user_id, "#old"))
    assert world.hub.recent("#old") == [past]


def test_observers_are_told_of_every_event_in_order(world: World) -> None:
    told: list[Stamped] = []
    world.hub.observers = dict.fromkeys(Event.__subclasses__(), (told.append,))
    ann = world.connect("ann", BARE, "#dev")
    ann.refused(Said(ann.user_id, "#nowhere", "x"))
    ann.does(Said(ann.user_id, "#dev", "x"))
    assert [type(each.event) for each in told] == [Registered, Joined, Said]


def test_only_a_writer_that_sleeps_is_woken(world: World) -> None:
    ann = world.connect("ann", BARE, "#dev")
    assert world.readiness.woken == 0
    while world.hub.take(sleep=True):
        pass
    ann.does(Said(ann.user_id, "#dev", "x"))
    ann.does(Said(ann.user_id, "#dev", "x"))
    assert world.readiness.woken == 1
    while world.hub.take(sleep=False):
        pass
    world.hub.rouse()
    assert world.readiness.woken == 1
    assert world.hub.take(sleep=True) is None
    world.hub.rouse()
    assert world.readiness.woken == 2


def test_a_channel_that_changed_is_to_be_recorded(world: World) -> None:
    ann = world.connect("ann", BARE, "#Dev")
    ann.does(TopicSet(ann.user_id, "#dev", "tea"))
    work = world.hub.take()
    assert work
    assert work.seq == world.hub.seq
    assert list(work.records) == [fold("#Dev")]
    assert work.records["#dev"].topic == "tea"
    assert [(s.event.kind, folded) for s, folded in work.unsaved] == [
        ("join", "#dev"),
        ("topic", "#dev"),
    ]


def test_what_is_answered_behind_an_event_is_read_before_what_others_did_since(
    world: World,
) -> None:
    ann, ben = world.connect("ann", BARE), world.connect("ben", BARE, "#dev")
    read_all(ann, ben)
    context = ann.open()
    joined = context.publish(Joined(ann.user_id, "#dev"))
    ben.does(Said(ben.user_id, "#dev", "hi ann"))
    context.behind(joined)
    context.reply("you are in")
    ann.close()
    world.flush()
    assert [line.partition(" ")[2] for line in ann.reads()] == [
        "JOIN #dev",
        "NOTICE ann :you are in",
        "PRIVMSG #dev :hi ann",
    ]


# Sent at once -------------------------------------------------------------------------------------


def asleep(world: World) -> None:
    """The writer has nothing to do and sleeps."""
    world.flush()
    for person in world.people.values():
        person.reads()


def test_while_the_writer_sleeps_answers_and_private_words_are_sent_at_once(world: World) -> None:
    ann, ben = world.connect("ann", BARE), world.connect("ben", BARE)
    asleep(world)
    ann.does(Said(ann.user_id, "ben", "psst"))
    assert ben.reads() == [":ann!ann@host.example PRIVMSG ben :psst"]
    ann.open().reply("noon")
    ann.close()
    assert ann.reads() == [":chat.example NOTICE ann :noon"]
    assert world.readiness.woken == 0
    assert world.hub.take() is None


def test_nothing_is_sent_at_once_where_it_would_overtake_what_waits(world: World) -> None:
    ann, ben = world.connect("ann", BARE, "#dev"), world.connect("ben", BARE, "#dev")
    asleep(world)
    ann.does(Said(ann.user_id, "#dev", "one"))
    ann.does(Said(ann.user_id, "ben", "two"))
    assert ben.reads() == []
    world.flush()
    assert [line.rpartition(":")[2] for line in ben.reads()] == ["one", "two"]


def test_nothing_is_sent_at_once_to_one_whose_command_is_not_through(world: World) -> None:
    ann, ben = world.connect("ann", BARE), world.connect("ben", BARE)
    asleep(world)
    context = ann.open()
    context.publish(AwaySet(ann.user_id, "lunch"))  # wakes nobody: it is not saved
    context.reply("you are away")
    ben.does(Said(ben.user_id, "ann", "psst"))
    world.flush()
    assert ann.reads() == []
    ann.close()
    world.flush()
    assert [line.rpartition(":")[2] for line in ann.reads()] == ["you are away", "psst"]


def test_nothing_is_sent_at_once_to_one_who_has_not_taken_what_was_sent_before(
    world: World,
) -> None:
    ann, ben = world.connect("ann", BARE, "#dev"), world.connect("ben", BARE, "#dev")
    asleep(world)
    ben.socket.room = 8
    ann.does(Said(ann.user_id, "#dev", "one"))
    world.flush()
    ben.socket.room = None
    ann.does(Said(ann.user_id, "ben", "two"))
    assert ben.socket.received == b":ann!ann"
    world.writable(ben)
    assert [line.rpartition(":")[2] for line in ben.reads()] == ["one", "two"]


def test_what_is_not_taken_at_once_goes_out_later_and_first(world: World) -> None:
    ann, ben = world.connect("ann", BARE, "#dev"), world.connect("ben", BARE, "#dev")
    asleep(world)
    ben.socket.room = 8
    ann.does(Said(ann.user_id, "ben", "one"))
    ann.does(Said(ann.user_id, "ben", "two"))
    ann.does(Said(ann.user_id, "#dev", "three"))
    assert ben.socket.received == b":ann!ann"
    ben.socket.room = None
    world.flush()
    assert [line.rpartition(":")[2] for line in ben.reads()] == ["one", "two", "three"]


def test_one_who_waits_for_their_answer_to_be_read_is_told_though_it_was_sent_at_once(
    world: World,
) -> None:
    ann = world.connect("ann", BARE)
    asleep(world)
    drained = ann.reader.drained = threading.Event()
    ann.open().reply("noon")
    ann.close()
    assert len(ann.reads()) == 1
    assert drained.is_set()


def test_a_fault_in_sending_at_once_is_left_to_the_writer(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Irc):
        def render(self, stamped: Stamped) -> bytes:
            raise RuntimeError("a fault of ours")

    ann, ben, cat = (world.connect(n, k) for n, k in zip("abc", (BARE, BARE, Broken(SERVER))))  # noqa: B905
    asleep(world)
    ben.socket.fails = ConnectionResetError()
    ann.does(Said(ann.user_id, "b", "psst"))
    assert not ben.reader.dead
    world.flush()
    assert ben.reader.dead
    ann.does(Said(ann.user_id, "b", "psst"))
    ann.does(Said(ann.user_id, "c", "psst"))
    world.flush()
    assert "a fault of ours" in caplog.text
    assert cat.reads() == []


def test_nothing_is_sent_to_one_whose_socket_is_about_to_be_closed(world: World) -> None:
    ann, ben = world.connect("ann", BARE), world.connect("ben", BARE)
    asleep(world)
    world.hub.finish(ben.reader)
    world.flush()
    assert ben.socket.closed
    ann.does(Said(ann.user_id, "ben", "psst"))  # has not quit yet
    world.flush()
    assert ben.reads() == []


def test_words_that_a_kind_does_not_hear_send_nothing(world: World) -> None:
    ann, ben = world.connect("ann", TAGS), world.connect("ben", BARE)
    asleep(world)
    sends = ben.socket.sends
    ann.does(Said(ann.user_id, "ben", "", "tagmsg"))
    world.flush()
    assert ben.socket.sends == sends


def test_what_has_expired_is_forgotten_in_memory_too(world: World) -> None:
    ann = world.connect("ann", BARE, "#dev")
    ann.does(Said(ann.user_id, "#dev", "old"))
    world.now += 10
    new = ann.does(Said(ann.user_id, "#dev", "new"))
    world.hub.forget(new.time)
    assert world.hub.recent("#dev") == [new]


def test_a_command_that_takes_long_does_not_gather_what_others_say_without_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ircish.server.hub.MOST_HELD", 2)
    ann, ben = world.connect("ann", BARE, "#dev"), world.connect("ben", BARE, "#dev")
    world.flush()
    ann.socket.received = b""
    world.hub.publish(TopicSet(ann.user_id, "#dev", "tea"), ann.reader)  # and goes on computing
    for number in range(4):
        ben.does(Said(ben.user_id, "#dev", str(number)))
        world.flush()
    said = [line.rpartition(b":")[2] for line in ann.socket.received.splitlines()]
    assert said == [b"0", b"1", b"2", b"3"]
