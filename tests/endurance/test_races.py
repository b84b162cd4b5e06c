"""What happens at the same moment: two claim one nick; people come and go while others talk."""

from __future__ import annotations

import heapq
import random
import re
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing

import pytest
from crowd import Crowd, Member
from process import ServerProcess

from ircish.history import Archive
from ircish.rows import Row
from ircish.testing import Client, IrcClient, Person

pytestmark = pytest.mark.timeout(120)

RACES = 1000
"""Of each of the two kinds."""

VISITORS = 50
SECONDS = 8.0
ON_JOIN = 20
"""Messages that a person who comes in is shown."""

SPOKEN = re.compile(r"(?:<(?:ann|ben)>|:(?:ann|ben)!\S+ PRIVMSG #busy) :?(say[0-9]+)$")
PAST = re.compile(r"\[[0-9:]+\] <(?:ann|ben)> (say[0-9]+)$")


def at_the_same_moment(*calls: Callable[[], object]) -> None:
    """Do them in threads that start together."""
    barrier = threading.Barrier(len(calls))
    faults: list[BaseException] = []

    def run(call: Callable[[], object]) -> None:
        try:
            barrier.wait(10)
            call()
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_of_two_who_take_one_nick_at_the_same_moment_one_has_it(
    serve: Callable[..., ServerProcess], figure: Callable[[str, object], None]
) -> None:
    server = serve()
    ann = IrcClient(server.address, "ann", join="#lobby")
    ben = Person(server.address, "ben")
    watcher = IrcClient(server.address, "watcher", join="#lobby")
    both: list[Client] = [ann, ben]
    wins, answers = [0, 0], {}
    called = ["ann", "ben"]
    for number in range(RACES):
        wanted = f"Wanted{number}"
        asked = [f"NICK {wanted}", f"NICK {wanted.upper() if number % 2 else wanted}"]

        def take(who: int, asked: list[str] = asked) -> None:
            answers[who] = both[who].ask(asked[who])

        at_the_same_moment(lambda take=take: take(0), lambda take=take: take(1))  # type: ignore[misc]
        took = [
            any(re.search(rf"^:{called[0]}!\S+ NICK :?{wanted}$", line) for line in answers[0]),
            any("You are called" in line for line in answers[1]),
        ]
        refused = [
            any(" 433 " in line for line in answers[0]),
            any("is taken" in line for line in answers[1]),
        ]
        assert took[0] != took[1], answers
        assert refused == [not each for each in took], answers
        winner = took.index(True)
        wins[winner] += 1
        called[winner] = asked[winner].partition(" ")[2]
        if number % 20 == 0:
            names = [
                line.rpartition(":")[2] for line in watcher.ask("NAMES #lobby") if "353" in line
            ]
            assert sorted(names[-1].replace("@", "").split()) == sorted([*called, "watcher"])
    for each in (ann, ben, watcher):
        each.close()
    figure(
        "changes of nick", f"{RACES}: {wins[0]} to the first, {wins[1]} to the second, never both"
    )


def test_of_two_who_come_in_under_one_nick_at_the_same_moment_one_is_in(
    serve: Callable[..., ServerProcess], figure: Callable[[str, object], None]
) -> None:
    server = serve()
    wins = [0, 0]
    for number in range(RACES):
        nick = f"Wanted{number}"
        with closing(Client(server.address)) as first, closing(Client(server.address)) as second:
            both = [first, second]
            both[0].send("CAP LS 302", f"USER {nick} 0 * :x")
            answers: dict[int, list[str]] = {}

            def come_in(
                who: int,
                asked: str,
                both: Sequence[Client] = both,
                answers: dict[int, list[str]] = answers,
            ) -> None:
                answers[who] = both[who].ask(asked)

            at_the_same_moment(
                lambda come_in=come_in, nick=nick: come_in(0, f"NICK {nick}\r\nCAP END"),  # type: ignore[misc]
                lambda come_in=come_in, nick=nick: come_in(1, f"NICK {nick.lower()}\r\nNAMES"),  # type: ignore[misc]
            )
            took = [
                any(" 001 " in line for line in answers[0]),
                any(f"Welcome, {nick.lower()}." in line for line in answers[1]),
            ]
            refused = [
                any(" 433 " in line for line in answers[0]),
                any("is taken" in line for line in answers[1]),
            ]
            assert took[0] != took[1], answers
            assert refused == [not each for each in took], answers
            wins[took.index(True)] += 1
            for each in both:
                each.send("QUIT")
            for each in both:
                each.rest()
    with Crowd(server.address) as crowd:
        watcher = crowd.irc("watcher")
        crowd.settle([watcher])
        assert watcher.has("There are 1 users ")
    figure("registrations", f"{RACES}: {wins[0]} programs, {wins[1]} people, never both or none")


class Visitor:
    """Somebody who comes into #busy and leaves it again, all the time."""

    def __init__(self, crowd: Crowd, number: int) -> None:
        self.crowd = crowd
        self.is_plain = number % 2 == 0
        self.nick = f"visitor{number}"
        self.inside = False
        if self.is_plain:
            self.member = crowd.plain(self.nick)
        else:
            caps = ["", "server-time message-tags", "echo-message"][number // 2 % 3]
            self.member = crowd.irc(self.nick, "#elsewhere", caps=caps)

    def move(self) -> None:
        """Come in, or leave."""
        self.inside = not self.inside
        self.crowd.send(self.member, "JOIN #busy" if self.inside else "PART #busy")

    def visits(self) -> list[tuple[list[str], list[str]]]:
        """Of each visit what was shown of before, and what was heard. What is heard outside
        counts as a visit too, so that it is found out."""
        visits: list[tuple[list[str], list[str]]] = []
        outside = True
        for tagged in self.member.lines():
            line = tagged.partition(" ")[2] if tagged[:1] == "@" else tagged
            if line.startswith("*** You are in #busy") or (
                line.startswith(f":{self.nick}!") and line.endswith((" JOIN #busy", " JOIN :#busy"))
            ):
                visits.append(([], []))
                outside = False
            elif line.startswith("*** You left #busy") or (
                line.startswith(f":{self.nick}!") and " PART #busy" in line
            ):
                outside = True
            elif found := PAST.match(line):
                visits[-1][0].append(found[1])
            elif found := SPOKEN.search(line):
                assert not outside, f"{self.nick} heard {line} outside"
                visits[-1][1].append(found[1])
        return visits


def expected(rows: list[Row], nick: str) -> list[tuple[list[str], list[str]]]:
    """What the history says that each visit of somebody must have been shown and have heard."""
    visits: list[tuple[list[str], list[str]]] = []
    said: list[str] = []
    inside = False
    for row in rows:
        if row.kind == "message":
            said.append(row.text)
            if inside:
                visits[-1][1].append(row.text)
        elif row.source.partition("!")[0] == nick:
            inside = row.kind == "join"
            if inside:
                visits.append((said[-ON_JOIN:], []))
    return visits


def test_who_comes_and_goes_while_others_talk_hears_exactly_what_is_said_meanwhile(
    serve: Callable[..., ServerProcess], figure: Callable[[str, object], None]
) -> None:
    server = serve({"history.on_join": ON_JOIN})
    choose = random.Random()
    with Crowd(server.address) as crowd:
        ann, ben = crowd.irc("ann", "#busy"), crowd.plain("ben")
        crowd.send(ben, "JOIN #busy")
        visitors = [Visitor(crowd, number) for number in range(VISITORS)]
        crowd.settle([ann, ben, *(visitor.member for visitor in visitors)])
        said = talk_and_visit(crowd, ann, ben, visitors, choose)
        everyone = [ann, ben, *(visitor.member for visitor in visitors)]
        for visitor in visitors:
            if visitor.inside:
                visitor.move()
        crowd.settle(everyone)
        crowd.settle(everyone)
        assert server.terminate() == 0
        assert crowd.pump(5, lambda: all(each.closed for each in everyone))
    archive = Archive(server.data_dir)
    rows = archive.earliest("#busy", 10_000_000)
    archive.close()
    assert sum(row.kind == "message" for row in rows) == said
    visits = heard = shown = 0
    for visitor in visitors:
        seen, meant = visitor.visits(), expected(rows, visitor.nick)
        assert len(seen) == len(meant)
        for number, (here, there) in enumerate(zip(seen, meant, strict=True)):
            if visitor.is_plain:
                assert here[0] == there[0], (visitor.nick, number)
            assert here[1] == there[1], (visitor.nick, number)
            shown += len(here[0])
            heard += len(here[1])
        visits += len(meant)
    assert visits > VISITORS * 3
    assert heard > said
    figure("said", f"{said} in {SECONDS:.0f} s")
    figure("visits", f"{visits} of {VISITORS} visitors")
    figure("lines shown on coming in, heard live", f"{shown}, {heard}: none twice, none missing")


def talk_and_visit(
    crowd: Crowd, ann: Member, ben: Member, visitors: list[Visitor], choose: random.Random
) -> int:
    """Ann and Ben say up to 1,000 lines a second, and visitors come and go; the number said."""
    begun = time.monotonic()
    moves = [(begun + choose.uniform(0, 0.3), number) for number, _ in enumerate(visitors)]
    heapq.heapify(moves)
    said = 0
    while (now := time.monotonic()) < begun + SECONDS:
        while moves[0][0] < now:
            _, number = heapq.heappop(moves)
            visitors[number].move()
            # now and then at once, so that they come and go within one batch
            stay = choose.choice([0.0, 0.005, choose.uniform(0, 0.5)])
            heapq.heappush(moves, (now + stay, number))
        if said < (now - begun) * 1000:
            speaker, how = (ann, "PRIVMSG #busy :") if choose.random() < 0.5 else (ben, "MSG ")
            if len(speaker.unsent) < 10_000:
                crowd.send(speaker, f"{how}say{said}")
                said += 1
        for _ in crowd.turn(0.0005):
            pass
    return said
