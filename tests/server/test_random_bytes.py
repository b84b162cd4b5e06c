"""Whatever bytes come, in whatever state of a connection: they end nothing but that connection."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ircish.dialects.irc import CAPABILITIES
from ircish.pluginmanager import PluginManager
from ircish.testing import Chat, Client, Closed, IrcClient, Person

NICKS = (f"n{number}" for number in itertools.count())
"""A new one for each connection, as the last one's may still be taken."""


def verbs() -> list[bytes]:
    """Those of every command, and of none."""
    plugins = PluginManager()
    plugins.load_builtin()
    listed = [*plugins.table.listed("irc"), *plugins.table.listed("plain")]
    known = {command.verb for command in listed} | {"CAP", "USER", "PASS", "PONG", "CHATHISTORY"}
    return [verb.encode() for verb in sorted(known)] + [b"/me", b"nonsense", b"001", b"GET"]


WORDS = [
    *(b"#lobby", b"#new", b"&x", b"#", b"@ann", b"ann", b"ben", b"n1", b"*", b"0", b"-1", b"99999"),
    *(b"LS", b"REQ", b"END", b"302", b"+ov-k+l", b"+b", b"-nt", b"LATEST", b"BETWEEN", b"msgid="),
    *(
        b"timestamp=2026-01-01T00:00:00.000Z",
        b"timestamp=x",
        b"lobby,#new,,#",
        b"word*",
        b'"',
        b"NOT",
    ),
    *(b":", b":ann", b"::", b":a b", b"@label=a", b"@a=\\", b"@+x=1;=;;b", b"@", b":x!y@z", b"@ :"),
    *(b"\x01ACTION waves\x01", b"\x01VERSION\x01", b"\x0304,05", b"\x1b[2J", "é日👩‍🚀".encode()),
    *(b"\xe2\x80\xae", b"\xed\xa0\x80", b"\xff\xfd\x18", b"\xff\xfa\x18", b"\xff", b"\x16\x03\x01"),
    *(cap.encode() for cap in CAPABILITIES),
]
SEPARATORS = [b"\r\n", b"\n", b" ", b"  ", b" :", b"\r", b"\0", b"\t", b";", b","]
REQUESTS = [
    *(b"CHATHISTORY LATEST #lobby *", b"CHATHISTORY BETWEEN #lobby", b"CHATHISTORY TARGETS"),
    *(b"CAP REQ", b"MODE #lobby", b"MODE #new", b"JOIN", b"TAGMSG #lobby", b"PRIVMSG #lobby :"),
    *(b"MSG", b"TOPIC #new :", b"SEARCH #lobby", b"HISTORY #lobby"),
]
"""Beginnings that more can follow."""

LONG = [500, 509, 510, 511, 512, 4094, 4096, 8190, 9000]
"""Around the limits of a line and of tags, and beyond both."""


def runs() -> st.SearchStrategy[bytes]:
    one = st.sampled_from([b"a", b" ", b"@", b":", b"\n", b"\xff", b"#,", "é".encode(), b";a=b"])
    return st.builds(lambda what, size: what * (size // len(what)), one, st.sampled_from(LONG))


def commands() -> st.SearchStrategy[bytes]:
    """Lines that are more or less commands; most begin after the end of what came before."""
    word = st.one_of(st.sampled_from(WORDS), st.binary(max_size=6))
    start = st.sampled_from([b"\n", b"\r\n", b"\n@label=a ", b"\n@+x=\\s ", b"\n:ann ", b""])
    target = st.sampled_from([b"", b" #lobby", b" #new", b" ann"])
    words = st.lists(word, max_size=4).map(lambda words: b"".join(b" " + word for word in words))
    verb = st.sampled_from(verbs())
    whole = st.sampled_from(REQUESTS)
    return st.tuples(start, st.one_of(st.tuples(verb, target).map(b"".join), whole), words).map(
        lambda parts: b"".join(parts) + b"\r\n"
    )


noise = st.lists(
    st.one_of(
        *(commands() for _ in range(6)),
        st.binary(max_size=40),
        st.sampled_from(WORDS),
        st.sampled_from(SEPARATORS),
        runs(),
    ),
    min_size=3,
    max_size=16,
).map(b"".join)


class Stage:
    """A chat in which two others are, and what its server logs as an error."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.others = [chat.nc("ann"), chat.irc("ben", CAPABILITIES, join="#lobby")]
        self.errors: list[str] = []

    def new_errors(self) -> list[str]:
        """What was logged since the last call."""
        errors, self.errors = self.errors, []
        return errors

    def undecided(self) -> Client:
        return Client(self.chat.address)

    def holding_its_nick(self) -> Client:
        client = Client(self.chat.address)
        client.send(f"NICK {next(NICKS)}")
        return client

    def negotiating(self) -> Client:
        client = Client(self.chat.address)
        client.send("CAP LS 302", f"NICK {next(NICKS)}", "USER a 0 * :A")
        return client

    def person(self) -> Client:
        return Person(self.chat.address, next(NICKS))

    def irc_client(self) -> Client:
        return IrcClient(self.chat.address, next(NICKS), CAPABILITIES, join="#lobby")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One for the module: hypothesis runs all its examples in one test."""
    directory = tmp_path_factory.mktemp("random")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(directory / "config"))
        chat = Chat(directory / "data", {"server.motd": "Hello"})
        handler = logging.Handler(logging.ERROR)
        try:
            stage = Stage(chat)
            handler.emit = lambda record: stage.errors.append(  # type: ignore[method-assign]
                logging.Formatter().format(record)
            )
            logging.getLogger("ircish").addHandler(handler)
            yield stage
        finally:
            logging.getLogger("ircish").removeHandler(handler)
            chat.close()


@pytest.mark.parametrize(
    "state",
    [
        Stage.undecided,
        Stage.holding_its_nick,
        Stage.negotiating,
        Stage.person,
        Stage.irc_client,
    ],
    ids=lambda state: state.__name__,
)
def test_random_bytes_are_answered_or_end_their_own_connection(
    state: Callable[[Stage], Client], stage: Stage
) -> None:
    @settings(max_examples=60, deadline=None, database=None)
    @given(noise)
    def survives(data: bytes) -> None:
        client = state(stage)
        try:
            with suppress(Closed, ConnectionError):
                client.send_bytes(data + b"\r\n")
                client.lines()  # answered in UTF-8, or closed, in bounded time
        finally:
            client.close()
        for other in stage.others:
            other.lines()  # still there, and could read whatever came of it
        assert stage.new_errors() == []

    survives()


def test_an_end_within_random_bytes_ends_the_connection(stage: Stage) -> None:
    @settings(max_examples=60, deadline=None, database=None)
    @given(noise)
    def ends(data: bytes) -> None:
        client = stage.undecided()
        try:
            with suppress(ConnectionError):
                client.send_bytes(data)
                client.half_close()
            client.rest()
        finally:
            client.close()
        assert stage.new_errors() == []

    ends()
