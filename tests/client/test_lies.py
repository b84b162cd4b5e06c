"""Servers that err and lie: whatever comes, a session goes on, and its memory has bounds."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sessions import BEN, begun, feed, inside, knowing, sent, told

from ircish.client.events import Answered, LeftChannel, ModeSet, Past
from ircish.client.receiving import HANDLERS, MAX_BATCHES, MAX_COMMANDS, MAX_PAST
from ircish.text import cleaned

LIES = {
    "names of a channel we are not in": ":s 353 ann = #tea :@cleo",
    "an end of names alone": ":s 366 ann #tea :End",
    "we are put out of a channel we are not in": ":ben!b@example KICK #tea ann :loud",
    "a mode without its parameters": ":ben!b@example MODE #dev +oovb-kl",
    "a mode for nobody": ":ben!b@example MODE #dev +o dan",
    "a mode of nothing": ":ben!b@example MODE #dev +",
    "a nick of somebody unknown": ":dan!d@example NICK dan2",
    "a capability that was never asked for": ":s CAP ann ACK :sasl tls",
    "a place we never joined": ":dan!d@example JOIN #tea",
    "empty words": ":ben!b@example JOIN :",
    "an empty nick": ":ben!b@example NICK :",
    "nobody put out of nowhere": ":ben!b@example KICK :",
    "a topic of nowhere": ":ben!b@example TOPIC :",
}


@pytest.mark.parametrize("line", LIES.values(), ids=LIES)
def test_a_lie_changes_nothing(line: str) -> None:
    session, same = knowing(), knowing()
    feed(session, line)
    assert session.channels == same.channels
    assert (session.nick, session.caps) == (same.nick, same.caps)
    assert sent(session) == []


def test_words_that_are_missing_are_empty() -> None:
    session = inside()
    assert feed(session, ":ben!b@example MODE", ":ben!b@example MODE #dev") == [
        ModeSet("", BEN, ""),
        ModeSet("#dev", BEN, ""),
    ]
    assert feed(session, ":ben!b@example KICK #tea ann") == [
        LeftChannel("#tea", "ann", "", own=True, by="ben")
    ]


def test_of_batches_that_never_end_only_some_are_kept() -> None:
    session = inside()
    feed(session, *(f":s BATCH +{number} chathistory #dev" for number in range(1000)))
    assert len(session.batches) == MAX_BATCHES
    assert feed(session, ":s BATCH -0", ":s BATCH -999") == [Past("#dev", ())]


def test_history_without_end_is_told_in_pieces() -> None:
    session = inside()
    feed(session, "@label=1 :s BATCH +h chathistory #dev")
    line = "@batch=h :ben!b@example PRIVMSG #dev :hello"
    (first,) = feed(session, *[line] * (MAX_PAST + 1))
    assert first == Past("#dev", (told("1", past=True),) * MAX_PAST, "1")
    assert feed(session, ":s BATCH -h") == [
        Past("#dev", (told("1", past=True),), "1"),
        Answered("1"),
    ]


def test_a_catalogue_has_an_end() -> None:
    session = knowing()
    feed(session, *(f":s COMMANDS C{number} anyone * :x" for number in range(MAX_COMMANDS + 9)))
    assert len(session.catalogue) == MAX_COMMANDS


def test_thousands_of_people_come_and_go() -> None:
    session = inside()
    names = [f"n{number}" for number in range(5000)]
    words = [" ".join(names[first : first + 50]) for first in range(0, 5000, 50)]
    feed(session, *(f":s 353 ann = #dev :{each}" for each in words))
    assert len(session.channels["#dev"].members) == 5002
    feed(session, *(f":{name}!u@h QUIT" for name in names))
    assert set(session.channels["#dev"].members) == {"ann", "ben"}


# Garbage ----------------------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=60) | st.sampled_from(list("\r\n :@+-=;")).map(str.encode)))
def test_no_bytes_make_a_session_fail_and_it_does_not_matter_how_they_are_cut(
    pieces: list[bytes],
) -> None:
    data = b"".join(pieces)
    in_pieces, whole = inside(), inside()
    events = [each for piece in pieces if piece for each in in_pieces.receive(piece)]
    assert events == (whole.receive(data) if data else [])


PARAMS = """
ann ANN ben * + - +a -a +b LS ACK NAK NEW DEL #dev #tea @#dev = chathistory ircish/commands
+o -o +b +ovklb-ov -PREFIX PREFIX=garbage PREFIX=(o PREFIX=(ov)@ PREFIX= PREFIX=(qo)~@ CHANMODES
CHANMODES=, CHANMODES=b CASEMAPPING=ascii CASEMAPPING CHANTYPES= CHANTYPES=+ STATUSMSG=@+ STATUSMSG
@ben!b@h +ann!~ann@host 99999999999999999999 timestamp=0001 timestamp=9999-12-31T23:59:59Z
echo-message \u00b2 \u0301 : @
"""
WORDS = st.sampled_from(["", *PARAMS.split()]) | st.text(max_size=4)
LINES = st.tuples(
    st.sampled_from(
        ["", "@batch=a ", "@label=1 ", "@time=0001-01-01T00:00:00+23:59 ", "@account "]
    ),
    st.sampled_from(["", ":", ":ann!a@b ", ":ben!b@example ", ":s ", ":! ", ":@ "]),
    st.sampled_from([*HANDLERS, "404", "421", "432", "433", "4\u00b22", "XYZ", "\x1b[2J"]),
    st.lists(WORDS, max_size=6),
    WORDS,
)


@settings(max_examples=400, deadline=None)
@given(st.booleans(), st.lists(LINES, max_size=20))
@example(True, [("", "", "JOIN", [], "#dev")])
def test_no_lines_make_a_session_fail(
    registered: bool, lines: list[tuple[str, str, str, list[str], str]]
) -> None:
    session = knowing() if registered else begun(clean=cleaned)
    for tags, source, verb, words, last in lines:
        feed(session, f"{tags}{source}{verb} {' '.join(words)} :{last}")
    session.outgoing()
    for channel in session.channels.values():
        assert isinstance(channel.modes, str)
        assert all(channel.members)
        assert all(member.nick for member in channel.members.values())
    session.audience("@#dev")
    session.mark("#dev", "ben")
    session.fits("#dev")
