"""What anyone has read is saved: the server killed, and told to stop, in the middle of talk."""

from __future__ import annotations

import random
import re
import signal
import time
from collections import Counter
from collections.abc import Callable

import pytest
from crowd import Crowd, Member
from process import ServerProcess

from ircish.history import Archive

pytestmark = pytest.mark.timeout(240)

ROUNDS = 20
CLIENTS = 1000
WORD = re.compile(r"\bw[0-9]+\.[0-9]+\.[0-9]+\b")
"""What is said: the round, the speaker, their count."""


def words(member: Member) -> list[str]:
    """What one has read others say."""
    return WORD.findall(bytes(member.received).decode())


def saved(server: ServerProcess, channel: str, after: int = 0) -> tuple[list[str], int]:
    """The messages in a channel's history from a number on, and the last number."""
    archive = Archive(server.data_dir)
    try:
        rows = archive.earliest(channel, 10_000_000, after_seq=after, kinds=("message",))
        return [row.text for row in rows], archive.last()[0]
    finally:
        archive.close()


def talk_until(
    crowd: Crowd, speakers: list[tuple[Member, str]], number: int, is_over: Callable[[], bool]
) -> None:
    """Everyone speaks a few lines at a time, as soon as their last ones have come to the others."""
    counts = [0] * len(speakers)
    while not is_over():
        for who, (speaker, target) in enumerate(speakers):
            if len(speaker.unsent) < 4096 and not speaker.closed:
                lines = [f"{target}w{number}.{who}.{counts[who] + n}" for n in range(5)]
                crowd.send(speaker, *lines)
                counts[who] += 5
        for _ in crowd.turn(0.001):
            pass


def test_what_anyone_had_read_is_in_the_history_after_each_of_twenty_kills(
    serve: Callable[..., ServerProcess], figure: Callable[[str, object], None]
) -> None:
    data_dir, after = None, 0
    read = in_history = 0
    starts = []
    for number in range(ROUNDS):
        begun = time.monotonic()
        server = serve(data_dir=data_dir)
        starts.append(time.monotonic() - begun)
        data_dir = server.data_dir
        with Crowd(server.address) as crowd:
            people = [crowd.plain(f"ann{n}") for n in range(4)]
            programs = [crowd.irc(f"bob{n}", "#dev") for n in range(4)]
            crowd.settle(people + programs)
            crowd.settle(people + programs)
            speakers = [(each, "MSG ") for each in people[:2]]
            speakers += [(each, "PRIVMSG #dev :") for each in programs[:2]]
            end = time.monotonic() + random.uniform(0.1, 1.0)
            talk_until(crowd, speakers, number, lambda end=end: time.monotonic() > end)  # type: ignore[misc]
            server.signal(signal.SIGKILL)
            everyone = people + programs
            assert crowd.pump(10, lambda all_=everyone: all(each.closed for each in all_))  # type: ignore[misc]
            server.ended()
            seen = {word for each in everyone for word in words(each)}
        lobby, last = saved(server, "#lobby", after)
        dev, last = saved(server, "#dev", after)
        after = last
        stored = Counter(lobby + dev)
        mine = {word for word in seen if word.startswith(f"w{number}.")}
        assert mine
        assert mine - stored.keys() == set()
        assert max(stored.values()) == 1
        read += len(mine)
        in_history += sum(stored.values())
    figure("messages read by someone", f"{read} in {ROUNDS} runs, none missing")
    figure("messages in the history", in_history)
    figure("start on what was left", f"at most {max(starts):.2f} s")
    server = serve(data_dir=data_dir)
    with Crowd(server.address) as crowd:
        crowd.settle([crowd.plain("carl")])


def test_at_sigterm_a_thousand_are_told_and_all_that_was_said_is_flushed_and_saved(
    serve: Callable[..., ServerProcess], figure: Callable[[str, object], None]
) -> None:
    server = serve()
    with Crowd(server.address) as crowd:
        people = [crowd.plain(f"ann{n}") for n in range(50)]
        programs = [crowd.irc(f"bob{n}", "#dev") for n in range(CLIENTS - 50)]
        everyone = people + programs
        crowd.settle(everyone)
        speakers = [(people[0], "MSG "), *[(each, "PRIVMSG #dev :") for each in programs[:4]]]
        counts = [0] * len(speakers)
        due = time.monotonic()
        end = due + 2
        while time.monotonic() < end:
            if time.monotonic() >= due:
                due += 0.01
                who = random.randrange(len(speakers))
                crowd.send(speakers[who][0], f"{speakers[who][1]}w0.{who}.{counts[who]}")
                counts[who] += 1
            for _ in crowd.turn(0.002):
                pass
        for who, (speaker, target) in enumerate(speakers):  # and all at once
            lines = [f"{target}w0.{who}.{counts[who] + n}" for n in range(20)]
            crowd.send(speaker, *lines)
        begun = time.monotonic()
        server.signal(signal.SIGTERM)
        assert crowd.pump(20, lambda: all(each.closed for each in everyone))
        told_after = time.monotonic() - begun
        code = server.ended()
        took = time.monotonic() - begun
        assert code == 0
        assert took < 5
        for each in people:
            assert each.lines()[-1].startswith("*** The server stops"), each.received[-200:]
        for each in programs:
            assert each.lines()[-1].startswith("ERROR :"), each.received[-200:]
        lobby, dev = saved(server, "#lobby")[0], saved(server, "#dev")[0]
        for each in people[1:]:
            assert words(each) == lobby, each.nick
        for each in programs[4:]:
            assert words(each) == dev, each.nick
        for who, (speaker, _) in enumerate(speakers):
            others = [w for w in (dev if who else lobby) if not w.startswith(f"w0.{who}.")]
            assert words(speaker) == others
    figure("clients told", f"{CLIENTS}, all disconnected after {told_after:.2f} s")
    figure("messages read by all and saved", len(lobby) + len(dev))
    figure("exit code 0 after", f"{took:.2f} s")
