"""Sessions to test with: begun or inside, and lines to feed them, whole and byte by byte."""

from __future__ import annotations

from collections.abc import Callable

from ircish.client import Session
from ircish.client.events import ClientEvent, Message
from ircish.client.session import ALL_CAPS
from ircish.events import Source

FEW_CAPS = (
    "batch cap-notify draft/chathistory draft/multiline echo-message labeled-response "
    "message-tags server-time"
)
EVERY_CAP = " ".join(sorted(ALL_CAPS))
ANN = Source("ann", "~ann", "host")
BEN = Source("ben", "b", "example")
SERVER = Source("chat.example")
NOON = "2026-11-22T12:00:00.000Z"
NOON_MS = 1_795_348_800_000

Case = tuple[list[str], list[ClientEvent], list[str]]


def begun(**more: object) -> Session:
    """A session that has sent its first lines."""
    session = Session("ann", **more)  # type: ignore[arg-type]
    session.start()
    session.outgoing()
    return session


def inside(offered: str = FEW_CAPS, *tokens: str, **more: object) -> Session:
    """A session that has come in and is in #dev, with ben; ``tokens`` are the server's 005."""
    session = begun(**more)
    feed(
        session,
        f":chat.example CAP * LS :{offered}",
        f":chat.example CAP ann ACK :{offered}",
        ":chat.example 001 ann :Welcome to chat.example, ann!~ann@host",
        ":chat.example 005 ann "
        + " ".join(tokens or ("CASEMAPPING=ascii", "NICKLEN=30", "SAFELIST"))
        + " :are supported",
        ":ann!~ann@host JOIN #dev",
        ":chat.example 353 ann = #dev :@ann ben",
        ":chat.example 366 ann #dev :End",
    )
    session.outgoing()
    return session


def knowing(*tokens: str) -> Session:
    """A session inside that understands all."""
    return inside(EVERY_CAP, *tokens, caps=ALL_CAPS)


def feed(session: Session, *lines: str) -> list[ClientEvent]:
    return session.receive("".join(f"{line}\r\n" for line in lines).encode())


def sent(session: Session) -> list[str]:
    return session.outgoing().decode().split("\r\n")[:-1]


def check(make: Callable[[], Session], case: Case) -> Session:
    """The session that heard it whole, after the same was heard byte by byte."""
    lines, events, out = case
    data = "".join(f"{line}\r\n" for line in lines).encode()
    whole = make()
    assert whole.receive(data) == events
    assert sent(whole) == out
    by_byte = make()
    assert [each for byte in data for each in by_byte.receive(bytes([byte]))] == events
    assert sent(by_byte) == out
    assert by_byte.caps == whole.caps
    assert by_byte.channels == whole.channels
    assert by_byte.catalogue == whole.catalogue
    return whole


def told(label: str = "", **more: object) -> Message:
    fields: dict[str, object] = {"target": "#dev", "source": BEN, "text": "hello", **more}
    return Message(**fields, label=label)  # type: ignore[arg-type]
