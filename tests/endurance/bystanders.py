"""Those who are not meant: people who talk all the while and time each other.

As a program, in a process of its own so that the test's load does not slow its clock:
``bystanders.py HOST PORT CHANNEL PEOPLE RATE``. It says ``ready``, talks until its input ends, and
prints its figures as JSON.
"""

from __future__ import annotations

import json
import select
import socket
import subprocess
import sys
import time
from types import TracebackType
from typing import Any

AFTERWARDS = 10.0
"""Seconds in which what was said last may arrive."""


class Bystanders:
    """Ten people in a channel of their own who say 100 lines a second, while the context lasts.

    ``p99`` and ``worst`` are ms, afterwards. That every line came to all of them once and in
    order, and that nobody lost the connection, is checked at the end.
    """

    def __init__(
        self, address: tuple[str, int], channel: str = "#calm", people: int = 10, rate: int = 100
    ) -> None:
        self.figures: dict[str, Any] = {}
        words = [__file__, address[0], *map(str, (address[1], channel, people, rate))]
        self._process = subprocess.Popen(
            [sys.executable, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __enter__(self) -> Bystanders:
        assert self._process.stdout
        assert self._process.stdout.readline() == b"ready\n"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        try:
            out, _err = self._process.communicate(timeout=AFTERWARDS + 20)
        finally:
            self._process.kill()
            self._process.wait()
        if kind is None:
            self.figures = json.loads(out)
            assert self.figures["lost"] == [], self.figures
            assert self.figures["said"] > 0
            assert self.figures["wrong"] == self.figures["missing"] == 0, self.figures

    @property
    def p99(self) -> float:
        """ms that 99 of 100 lines took at most."""
        return float(self.figures["p99"])

    def __str__(self) -> str:
        return "{said} lines, p50 {p50:.1f}, p99 {p99:.1f}, worst {worst:.0f} ms".format(
            **self.figures
        )


class _Person:
    def __init__(self, number: int, address: tuple[str, int], channel: str, people: int) -> None:
        self.number = number
        self.said = 0
        self.heard = [0] * people
        self.partial = b""
        self.socket = socket.create_connection(address, 20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        nick = f"by{number}x"
        self.socket.sendall(
            f"NICK {nick}\r\nUSER {nick} 0 * :by\r\nJOIN {channel}\r\nPING in\r\n".encode()
        )
        received = b""
        while b"PONG chat.example" not in received:
            received += self.socket.recv(65536)


class _Talk:
    """All of them, and what they have heard of each other."""

    def __init__(self, address: tuple[str, int], channel: str, people: int) -> None:
        self.channel = channel
        self.persons = [_Person(number, address, channel, people) for number in range(people)]
        self.by_fd = {person.socket.fileno(): person for person in self.persons}
        self.said = self.wrong = 0
        self.lost: list[str] = []
        self.waits: list[float] = []

    def speak(self) -> None:
        """The next one says a line, with the time."""
        speaker = self.persons[self.said % len(self.persons)]
        stamp = f"{speaker.number} {speaker.said} {time.monotonic()}"
        try:
            speaker.socket.send(f"PRIVMSG {self.channel} :{stamp}\r\n".encode())
        except OSError as error:
            self.lost.append(f"{speaker.number}: {error}")
        speaker.said += 1
        self.said += 1

    def hear(self, person: _Person) -> bool:
        """Read what has come for one; False where the connection is lost."""
        try:
            data = person.socket.recv(1 << 18)
        except OSError:
            data = b""
        now = time.monotonic()
        *lines, person.partial = (person.partial + data).split(b"\r\n")
        for line in lines:
            words = line.split(b" ")
            if words[1] == b"PRIVMSG" and words[0].startswith(b":by") and len(words) == 6:
                speaker, count = int(words[3][1:]), int(words[4])
                self.wrong += count != person.heard[speaker]
                person.heard[speaker] += 1
                self.waits.append(now - float(words[5]))
        if not data:
            self.lost.append(f"{person.number}: closed")
        return bool(data)

    def missing(self) -> int:
        """How many lines somebody has still to hear."""
        return sum(
            other.said - person.heard[other.number]
            for person in self.persons
            for other in self.persons
            if other is not person
        )

    def figures(self) -> dict[str, Any]:
        waits = sorted(self.waits)
        figures = {
            name: waits[min(len(waits) - 1, int(len(waits) * share))] * 1000 if waits else 0.0
            for name, share in (("p50", 0.5), ("p99", 0.99), ("worst", 1.0))
        }
        counts = {"said": self.said, "wrong": self.wrong, "missing": self.missing()}
        return {**figures, **counts, "lost": self.lost}


def main() -> None:
    host, port, channel, people, rate = sys.argv[1:]
    talk = _Talk((host, int(port)), channel, int(people))
    poll = select.poll()
    for fd in (*talk.by_fd, 0):
        poll.register(fd, select.POLLIN)
    print("ready", flush=True)
    begun = time.monotonic()
    end = 0.0
    while not end or (talk.missing() and time.monotonic() < end):
        waits = 0.1
        if not end:
            waits = begun + talk.said / float(rate) - time.monotonic()
            if waits <= 0:
                talk.speak()
                waits = 0
        for fd, _ in poll.poll(waits * 1000):
            if fd == 0:
                end = time.monotonic() + AFTERWARDS
                poll.unregister(fd)
            elif not talk.hear(talk.by_fd[fd]):
                poll.unregister(fd)
    print(json.dumps(talk.figures()))


if __name__ == "__main__":
    main()
