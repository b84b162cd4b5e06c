"""A server that says what a test tells it to, to one client at a time. It filters nothing."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Any

PATIENCE = 20.0
"""Seconds after which what a test waits for counts as not coming."""

WELCOME = (
    ":fake.example CAP * LS :",
    ":fake.example 001 ann :Welcome to fake.example, ann",
    ":fake.example 005 ann CASEMAPPING=ascii CHANTYPES=# PREFIX=(ov)@+ NETWORK=Fake :are supported",
    ":fake.example 422 ann :No message of the day",
)
DEV = (
    ":ann!~ann@host JOIN #dev",
    ":fake.example 353 ann = #dev :ann ben +cas",
    ":fake.example 366 ann #dev :End",
)


class FakeServer:
    """Listens on a free port of this machine. ``with FakeServer() as server:``"""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(PATIENCE)
        self.port: int = self._listening.getsockname()[1]
        self._client: socket.socket | None = None
        self._threads: list[threading.Thread] = []
        self._read = b""

    def __enter__(self) -> FakeServer:
        return self

    def __exit__(self, *_: Any) -> None:
        self._listening.close()
        self.drop()
        for thread in self._threads:
            thread.join(PATIENCE)

    def accept(self) -> None:
        """Wait for a client."""
        self.drop()
        self._client, _ = self._listening.accept()
        self._client.settimeout(PATIENCE)
        self._read = b""

    def drop(self) -> None:
        """End the connection."""
        if self._client:
            with contextlib.suppress(OSError):
                self._client.shutdown(socket.SHUT_RDWR)
            self._client.close()
            self._client = None

    def refuse(self) -> None:
        """Listen no longer."""
        self._listening.close()
        self.drop()

    def say(self, *lines: str) -> None:
        """Send lines, each with its end."""
        self.say_bytes("".join(f"{line}\r\n" for line in lines).encode())

    def say_bytes(self, data: bytes) -> None:
        """Send as much as fits, and the rest while the client takes it."""
        assert self._client
        client = self._client
        for thread in self._threads:
            thread.join(PATIENCE)

        def send() -> None:
            with contextlib.suppress(OSError):
                client.sendall(data)

        if len(data) < 16_384:
            send()
        else:
            self._threads.append(threading.Thread(target=send, daemon=True))
            self._threads[-1].start()

    def expect(self, start: str) -> str:
        """Read up to a line that begins so (after its tags); that line."""
        assert self._client
        while True:
            while b"\n" not in self._read:
                data = self._client.recv(65536)
                if not data:
                    raise AssertionError(f"the client left before it said {start}")
                self._read += data
            line, _, self._read = self._read.partition(b"\n")
            text = line.decode().rstrip("\r")
            if text[:1] == "@":
                text = text.partition(" ")[2]
            if text.startswith(start):
                return text

    def welcome(self, *lines: str) -> None:
        """Let the next client come in, and into #dev."""
        self.accept()
        self.expect("USER")
        self.say(*WELCOME, *DEV, *lines)
