"""``python -m tests.bench.flood``: an IRC server that does no more than fill a client's window.

It prints its port, then obeys its standard input, a command a line, and prints a line when that is
done: ``joined`` (wait until a client is in #bench), ``say TEXT``, ``flood COUNT RATE`` (lines a
second; 0 for as fast as the client takes them; prints the seconds it took), ``drop``.
"""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
import time

CHANNEL = "#bench"
NICKS = [f"user{number}" for number in range(40)]
WORDS = ("the", "of", "and", "to", "in", "is", "it", "you", "that", "somebody", "was", "for", "on")
TICK = 0.01  # seconds between sends at a rate


def line(number: int) -> bytes:
    """What somebody says: 5 to 24 words, the same for the same number; no capitals, no signs."""
    words = (WORDS[number * step % len(WORDS)] for step in range(3, 8 + number % 20))
    nick = NICKS[number % len(NICKS)]
    return f":{nick}!u@host.example PRIVMSG {CHANNEL} :{number} {' '.join(words)}\r\n".encode()


class Server:
    """One client at a time."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.joined = threading.Event()
        self.client: socket.socket | None = None
        self.said = 0
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            client, _ = self.listener.accept()
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.client = client
            with contextlib.suppress(OSError):  # it went away
                self.attend(client)
            self.joined.clear()
            client.close()

    def attend(self, client: socket.socket) -> None:
        nick, user, waiting = "", False, False
        with client.makefile("r", encoding="utf-8", errors="replace", newline="\n") as lines:
            for text in lines:
                verb, *params = text.rstrip("\r\n").split(" ")
                answer: list[str] = []
                match verb.upper(), params:
                    case "CAP", ["LS", *_]:
                        waiting = True
                        answer = ["CAP * LS :"]
                    case "CAP", ["REQ", *names]:
                        answer = [f"CAP * NAK {' '.join(names)}"]
                    case "CAP", ["END"]:
                        waiting = False
                    case "NICK", [name, *_]:
                        nick = nick or name.lstrip(":")
                    case "USER", _:
                        user = True
                    case "PING", _:
                        answer = [f"PONG bench {' '.join(params)}"]
                    case "JOIN", _:
                        names = f"@{nick} {' '.join(NICKS)}"
                        answer = [
                            f"353 {nick} = {CHANNEL} :{names}",
                            f"366 {nick} {CHANNEL} :End of /NAMES list.",
                        ]
                        client.sendall(f":{nick}!u@host.example JOIN {CHANNEL}\r\n".encode())
                    case "MODE", [_]:
                        answer = [f"324 {nick} {CHANNEL} +nt"]
                    case "WHO", _:
                        answer = [f"315 {nick} {CHANNEL} :End of /WHO list."]
                if nick and user and not waiting and verb.upper() in ("NICK", "USER", "CAP"):
                    answer += [
                        f"001 {nick} :Welcome {nick}",
                        f"002 {nick} :Your host is bench",
                        f"003 {nick} :This server was created today",
                        f"004 {nick} bench 1 iosw nt",
                        f"005 {nick} CHANTYPES=# PREFIX=(ov)@+ CASEMAPPING=ascii :are supported",
                        f"422 {nick} :MOTD File is missing",
                    ]
                    user = False
                client.sendall("".join(f":bench {each}\r\n" for each in answer).encode())
                if verb.upper() == "JOIN":
                    self.joined.set()

    def flood(self, count: int, rate: int) -> float:
        """Send so many lines; the seconds it took."""
        assert self.client
        started = time.monotonic()
        sent = 0
        while sent < count:
            due = int((time.monotonic() - started) * rate) + 1 if rate else sent + 500
            lines = [line(self.said + n) for n in range(min(due, count) - sent)]
            self.client.sendall(b"".join(lines))
            self.said += len(lines)
            sent += len(lines)
            if rate:
                time.sleep(TICK)
        return time.monotonic() - started


def main() -> None:
    server = Server()
    print(server.listener.getsockname()[1], flush=True)
    for command in sys.stdin:
        verb, *params = command.split()
        answer = verb
        if verb == "joined":
            server.joined.wait()
        elif verb == "say" and server.client:
            text = " ".join(params)
            server.client.sendall(f":user1!u@host.example PRIVMSG {CHANNEL} :{text}\r\n".encode())
        elif verb == "flood":
            answer = f"{server.flood(*map(int, params)):.3f}"
        elif verb == "drop" and server.client:
            server.client.shutdown(socket.SHUT_RDWR)
        print(answer, flush=True)


if __name__ == "__main__":
    main()
