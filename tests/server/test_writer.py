"""The writer: saved before sent, everyone served, nobody waited for."""

from __future__ import annotations

import logging
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from fakes import DISK_FULL, SERVER, Person, World, fake_sends  # noqa: F401

from ircish import replies
from ircish.dialects.irc import Irc
from ircish.events import AwaySet, Joined, Parted, Quit, Read, Said, Stamped, TopicSet
from ircish.server import writer as module
from ircish.server.readiness import Ready, readiness
from ircish.server.writer import LINGER, RETRY

IRC = Irc(SERVER)


class Clock:
    """A monotonic clock that only goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 5000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for name in ("writer", "hub"):
        monkeypatch.setattr(f"ircish.server.{name}.time", clock)
    return clock


@pytest.fixture
def world(clock: Clock) -> World:
    return World(sendq=1000)


@pytest.fixture
def ann(world: World) -> Person:
    return world.connect("ann", IRC, "#dev")


@pytest.fixture
def ben(world: World, ann: Person) -> Person:
    ben = world.connect("ben", IRC, "#dev")
    world.flush()
    ann.reads()
    ben.reads()
    return ben


def says(person: Person, text: str) -> Stamped:
    return person.does(Said(person.user_id, "#dev", text))


def texts(person: Person) -> list[str]:
    return [line.rpartition(" :")[2] for line in person.reads()]


# Saving -------------------------------------------------------------------------------------------


def test_words_are_saved_before_anyone_sees_them(
    world: World, ann: Person, ben: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytes] = []
    commit = world.store.commit

    def look(rows: Any, records: Any) -> None:
        seen.append(ben.socket.received)
        commit(rows, records)

    monkeypatch.setattr(world.store, "commit", look)
    says(ann, "hi")
    world.turn()
    assert seen == [b""]
    assert texts(ben) == ["hi"]


def test_all_that_waits_is_saved_at_once(world: World, ann: Person, ben: Person) -> None:
    tries = world.store.tries
    for n in range(10):
        says(ann, str(n))
    world.turn()
    assert world.store.tries == tries + 1
    assert world.store.texts == [str(n) for n in range(10)]
    row = world.store.rows[-1]
    assert (row.channel, row.source) == ("#dev", "ann!ann@host.example")


def test_nothing_is_committed_where_there_is_nothing_to_save(
    world: World, ann: Person, ben: Person
) -> None:
    tries = world.store.tries
    ann.does(AwaySet(ann.user_id, "lunch"))
    ann.does(Said(ann.user_id, "ben", "psst"))
    world.flush()
    assert world.store.tries == tries
    assert texts(ben) == ["psst"]


def test_a_full_disk_stops_nobody_from_talking_and_their_words_are_saved_later(
    world: World, clock: Clock, ann: Person, ben: Person
) -> None:
    world.store.fault = DISK_FULL
    first = says(ann, "one")
    world.flush()
    second = says(ben, "two")
    world.flush()
    assert texts(ben) == ["one"]
    assert texts(ann) == ["two"]
    assert world.told == [(first, replies.NOT_SAVED), (second, replies.NOT_SAVED)]
    assert world.alarms == ["The history cannot be saved: the disk is full"]
    assert world.store.texts == []
    world.store.fault = None
    clock.now += RETRY
    world.flush()
    assert world.store.texts == ["one", "two"]
    assert len(world.alarms) == 2
    assert "saved again, with 2 rows late" in world.alarms[1]
    says(ann, "three")
    world.flush()
    assert world.store.texts == ["one", "two", "three"]
    assert len(world.told) == len(world.alarms) == 2


def test_only_whoever_said_something_is_told_that_it_is_not_saved(
    world: World, ann: Person, ben: Person
) -> None:
    world.store.fault = DISK_FULL
    ann.does(Parted(ann.user_id, "#dev"))
    ann.does(Joined(ann.user_id, "#dev"))
    world.flush()
    assert world.told == []


def test_a_history_that_fails_is_tried_again_only_every_so_often(
    world: World, clock: Clock, ann: Person, ben: Person
) -> None:
    world.store.fault = DISK_FULL
    tries = world.store.tries
    for n in range(5):
        says(ann, str(n))
        world.flush()
    assert world.store.tries == tries + 1
    assert len(world.told) == 5
    clock.now += RETRY
    world.flush()
    assert world.store.tries == tries + 2
    assert world.readiness.waited[-1] == RETRY / 2
    assert len(world.alarms) == 1


def test_words_come_into_the_history_in_order_after_it_failed(
    world: World, clock: Clock, ann: Person, ben: Person
) -> None:
    world.store.fault = DISK_FULL
    says(ann, "one")
    world.flush()
    world.store.fault = None
    clock.now += RETRY
    says(ben, "two")
    world.flush()
    assert world.store.texts == ["one", "two"]
    assert world.store.rows == sorted(world.store.rows)


def test_a_channels_record_is_saved_later_too(
    world: World, clock: Clock, ann: Person, ben: Person
) -> None:
    ann.does(TopicSet(ann.user_id, "#dev", "tea"))
    world.flush()
    world.store.fault = DISK_FULL
    # changes nothing that anyone would hear of, but its record is to be kept anew
    world.store.records.clear()
    ann.does(TopicSet(ann.user_id, "#dev", "tea"))
    world.flush()
    world.store.fault = None
    clock.now += RETRY
    world.flush()
    assert world.store.records["#dev"].topic == "tea"


def test_of_too_many_rows_that_wait_the_oldest_are_given_up(
    world: World,
    clock: Clock,
    ann: Person,
    ben: Person,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(module, "MAX_UNSAVED", 3)
    world.store.fault = DISK_FULL
    for n in range(5):
        says(ann, str(n))
        world.flush()
    world.store.fault = None
    clock.now += RETRY
    world.flush()
    assert world.store.texts == ["2", "3", "4"]
    assert "rows are lost to the history" in caplog.text


def test_a_fault_that_is_not_the_disks_holds_up_nobody(
    world: World, ann: Person, ben: Person, caplog: pytest.LogCaptureFixture
) -> None:
    world.store.fault = ValueError("a row that cannot be")
    says(ann, "one")
    world.flush()
    assert texts(ben) == ["one"]
    assert "a row that cannot be" in caplog.text
    assert [stamped.event.text for stamped, _ in world.told] == ["one"]  # type: ignore[attr-defined]
    world.store.fault = None
    says(ann, "two")
    world.flush()
    assert texts(ben) == ["two"]
    assert world.store.texts == ["two"]


def test_one_who_waits_for_the_history_waits_until_their_event_is_in_it(
    world: World, ann: Person, ben: Person
) -> None:
    seq = says(ann, "hi").seq
    assert not world.writer.wait_saved(seq, 0)
    world.turn()
    assert world.writer.wait_saved(seq, 0)


def test_nobody_waits_for_an_event_that_leaves_nothing_to_save(
    world: World, ann: Person, ben: Person
) -> None:
    world.flush()
    seq = ann.does(Read(ann.user_id, "#dev", 1)).seq
    world.turn()
    assert world.writer.wait_saved(seq, 0)
    world.store.fault = DISK_FULL
    says(ann, "hi")
    world.turn()
    later = ann.does(Read(ann.user_id, "#dev", 2)).seq
    world.turn()
    assert not world.writer.wait_saved(later, 0)


def test_nobody_waits_for_a_history_that_fails(
    world: World, clock: Clock, ann: Person, ben: Person
) -> None:
    world.store.fault = DISK_FULL
    seq = says(ann, "hi").seq
    world.turn()
    assert not world.writer.wait_saved(seq, 60)
    world.store.fault = None
    clock.now += RETRY
    world.flush()
    assert world.writer.wait_saved(seq, 0)


def test_what_happens_while_the_history_recovers_does_not_count_as_saved(
    world: World, clock: Clock, ann: Person, ben: Person
) -> None:
    world.store.fault = DISK_FULL
    says(ann, "one")
    world.turn()
    world.store.fault = None
    clock.now += RETRY
    late: list[int] = []
    wait = world.readiness.wait

    def meanwhile(seconds: float) -> list[Ready]:
        if not late:
            late.append(says(ben, "two").seq)
        return wait(seconds)

    world.readiness.wait = meanwhile
    world.turn()
    assert world.store.texts == ["one"]
    assert not world.writer.wait_saved(late[0], 0)
    world.turn()
    assert world.writer.wait_saved(late[0], 0)


# Sending ------------------------------------------------------------------------------------------


def test_what_a_socket_does_not_take_goes_out_when_it_has_room(
    world: World, ann: Person, ben: Person
) -> None:
    ben.socket.room = 10
    says(ann, "one")
    world.turn()
    assert len(ben.socket.received) == 10
    assert world.readiness.wanted == {ben.socket.fd}
    says(ann, "two")
    world.turn()
    assert len(ben.socket.received) == 10
    ben.socket.room = 20
    world.writable(ben)
    assert len(ben.socket.received) == 30
    assert world.readiness.wanted == {ben.socket.fd}
    world.writable(ben)
    assert len(ben.socket.received) == 30
    ben.socket.room = None
    world.writable(ben)
    assert texts(ben) == ["one", "two"]
    assert world.readiness.wanted == set()
    assert ben.reader.backlog_size == 0
    says(ann, "three")
    world.turn()
    assert texts(ben) == ["three"]


def test_a_full_outbox_drops_only_that_user(world: World, ann: Person, ben: Person) -> None:
    cat = world.connect("cat", IRC, "#dev")
    world.flush()
    for person in (ann, ben, cat):
        person.reads()
    ben.socket.room = 0
    for n in range(50):
        says(ann, f"{n:040}")
        world.turn()
        if ben.dropped:
            break
    world.flush()
    assert ben.dropped == ["SendQ exceeded: did not read"]
    assert (n + 1) * len(":ann!ann@host.example PRIVMSG #dev :\r\n" + 40 * "x") > 1000
    assert n * len(":ann!ann@host.example PRIVMSG #dev :\r\n" + 40 * "x") <= 1000
    assert not ben.reader.backlog
    assert [f"{i:040}" for i in range(n + 1)] == texts(cat)[: n + 1]
    assert texts(ann) == ["SendQ exceeded: did not read"]
    assert not ann.dropped
    assert not cat.dropped
    ben.socket.room = None
    world.hub.tell(ben.reader, b"too late\r\n")
    world.writable(ben)
    assert ben.reads() == []


def test_answers_to_their_own_commands_drop_nobody(world: World, ann: Person) -> None:
    world.flush()
    ann.socket.room = 0
    ann.open().reply("x" * 400)
    for _ in range(10):
        ann.context.reply("x" * 400)  # type: ignore[union-attr]
    ann.close()
    world.flush()
    assert not ann.dropped
    assert ann.reader.backlog_size > 4000


def test_one_who_waits_for_their_answer_to_be_read_is_told_when_it_was(
    world: World, ann: Person
) -> None:
    world.flush()
    ann.reads()
    ann.socket.room = 5
    drained = ann.reader.drained = threading.Event()
    ann.open().reply("noon")
    ann.close()
    world.turn()
    assert not drained.is_set()
    ann.socket.room = None
    world.writable(ann)
    assert drained.is_set()
    drained = ann.reader.drained = threading.Event()
    ann.open().reply("noon")
    ann.close()
    world.turn()
    assert drained.is_set()


@pytest.mark.parametrize("at_once", [True, False])
def test_a_broken_connection_harms_nobody_else(
    world: World, clock: Clock, ann: Person, ben: Person, at_once: bool
) -> None:
    cat = world.connect("cat", IRC, "#dev")
    world.flush()
    cat.reads()
    drained = ben.reader.drained = threading.Event()
    ben.socket.room = None if at_once else 0
    if not at_once:
        says(ann, "before")
        world.turn()
    ben.socket.fails = BrokenPipeError()
    says(ann, "one")
    world.turn()
    world.writable(ben)
    says(ann, "two")
    world.flush()
    assert texts(cat)[-2:] == ["one", "two"]
    assert ben.reader.dead
    assert ben.reader.broken_since == clock.now
    assert drained.is_set()
    assert not ben.dropped, "what a one-shot client sent before it closed is still done"
    says(ben, "deploy done")
    world.flush()
    assert texts(cat) == ["deploy done"]


def test_a_close_by_the_other_side_is_noticed_once(
    world: World, clock: Clock, ann: Person, ben: Person
) -> None:
    world.writable(ben, closed=True)
    then = clock.now
    clock.now += 5
    world.writable(ben, closed=True)
    assert ben.reader.broken_since == then
    ben.socket.fails = ConnectionResetError()
    says(ann, "hi")
    world.turn()
    assert ben.reader.broken_since == then
    world.readiness.news.append(Ready(999_999, True, True))  # closed meanwhile
    world.turn()


def test_an_event_that_cannot_be_shown_is_left_out_and_logged(
    world: World, ann: Person, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Irc):
        def render(self, stamped: Stamped) -> bytes:
            if stamped.event.kind == "message" and stamped.event.text == "two":  # type: ignore[attr-defined]
                raise RuntimeError("a fault of ours")
            return super().render(stamped)

    cat, dan = world.connect("cat", Broken(SERVER), "#dev"), world.connect("dan", IRC, "#dev")
    world.flush()
    cat.reads()
    dan.reads()
    for text in ("one", "two", "three"):
        says(ann, text)
    ann.does(Said(ann.user_id, "cat", "two"))
    world.flush()
    assert texts(cat) == ["one", "three"]
    assert texts(dan) == ["one", "two", "three"]
    assert "a fault of ours" in caplog.text


# Closing ------------------------------------------------------------------------------------------


def test_one_who_is_through_is_closed_when_all_has_been_sent(
    world: World, clock: Clock, ann: Person, ben: Person
) -> None:
    world.hub.publish(Quit(ben.user_id, "bye"))
    ben.socket.room = 3
    world.hub.tell(ben.reader, b"ERROR :bye\r\n")
    world.hub.finish(ben.reader)
    world.flush()
    assert not ben.socket.closed
    assert world.readiness.waited[-1] == RETRY / 2
    ben.socket.room = None
    world.writable(ben)
    assert ben.reads() == ["ERROR :bye"]
    assert ben.socket.closed
    assert world.readiness.watched == {ann.socket.fd}
    world.hub.tell(ben.reader, b"too late\r\n")
    world.flush()
    assert world.readiness.waited[-1] == 1.0


def test_one_who_is_through_and_does_not_read_is_closed_after_a_while(
    world: World, clock: Clock, ann: Person, ben: Person
) -> None:
    world.hub.publish(Quit(ben.user_id, "bye"))
    ben.socket.room = 0
    world.hub.tell(ben.reader, b"ERROR :bye\r\n")
    world.hub.finish(ben.reader)
    world.flush()
    clock.now += LINGER
    world.flush()
    assert not ben.socket.closed
    clock.now += 0.1
    world.flush()
    assert ben.socket.closed
    assert world.readiness.wanted == set()


def test_one_who_never_came_in_is_closed_too(world: World, ann: Person) -> None:
    stranger = Person(world, IRC)
    world.hub.finish(stranger.reader)
    world.flush()
    assert stranger.socket.closed


def test_words_to_a_user_without_a_connection_harm_nobody(world: World, ann: Person) -> None:
    from ircish.events import Registered

    world.hub.publish(Registered(77, "bot", "bot", "host.example", "no connection"))
    ann.does(Said(ann.user_id, "bot", "psst"))
    world.flush()
    assert not ann.dropped


def test_the_last_round_saves_and_closes_everyone(world: World, ann: Person, ben: Person) -> None:
    says(ann, "last")
    world.writer._stopping = 5003.0
    assert not world.turn()
    assert world.turn()
    assert world.store.texts == ["last"]
    assert texts(ben) == ["last"]
    assert ann.socket.closed
    assert ben.socket.closed


def test_the_last_round_waits_for_those_who_do_not_read_only_so_long(
    world: World, clock: Clock, ann: Person, ben: Person
) -> None:
    ben.socket.room = 0
    says(ann, "last")
    world.writer._stopping = clock.now + 3
    world.flush()
    assert not ann.socket.closed
    clock.now += 3.1
    assert world.turn()
    assert ben.socket.closed


def test_a_history_that_fails_is_tried_once_more_at_the_end(
    world: World, clock: Clock, ann: Person, ben: Person
) -> None:
    world.store.fault = DISK_FULL
    says(ann, "last")
    world.flush()
    world.store.fault = None
    world.writer._stopping = clock.now + 3
    assert world.turn()
    assert world.store.texts == ["last"]


def test_there_is_time_for_other_things_only_when_there_is_nothing_to_do(clock: Clock) -> None:
    idled: list[int] = []
    world = World(idle=lambda: idled.append(1))
    world.connect("ann", IRC, "#dev")
    world.turn()
    assert idled == []
    world.turn()
    assert idled == [1]


def test_the_thread_goes_on_after_a_fault_and_ends_when_told_to(
    caplog: pytest.LogCaptureFixture,
) -> None:
    faults = iter([True])
    done = threading.Event()

    def idle() -> None:
        if next(faults, False):
            raise RuntimeError("a fault of ours")
        done.set()

    world = World(readiness=readiness(), idle=idle)
    world.writer._readiness = SimpleNamespace(
        wait=lambda seconds: world.readiness.wait(min(seconds, 0.01)),
        close=world.readiness.close,
        watch=lambda fd: None,
        forget=lambda fd: None,
    )
    ann = world.connect("ann", IRC, "#dev")
    world.writer.thread.start()
    assert done.wait(5)
    seq = says(ann, "hi").seq
    assert world.writer.wait_saved(seq, 5)
    world.writer.stop(1)
    assert not world.writer.thread.is_alive()
    assert ann.socket.closed
    assert [r.levelno for r in caplog.records if "met a fault" in r.message] == [logging.ERROR]
