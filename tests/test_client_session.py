"""The client's session: lines in, events and lines out; each case whole and byte by byte."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ircish.client import Session
from ircish.client.events import (
    Answered,
    ClientEvent,
    Closed,
    Failed,
    JoinedChannel,
    LeftChannel,
    LeftChat,
    Message,
    Past,
    Pong,
    Renamed,
    Told,
    TopicSet,
    Welcomed,
)
from ircish.client.fitting import split
from ircish.events import Source
from ircish.wire import MAX_LINE

ALL_CAPS = (
    "batch cap-notify draft/chathistory echo-message labeled-response message-tags server-time"
)
ANN = Source("ann", "~ann", "host")
BEN = Source("ben", "b", "example")
SERVER = Source("chat.example")
NOON = "2026-11-22T12:00:00.000Z"
NOON_MS = 1_795_348_800_000

Case = tuple[list[str], list[ClientEvent], list[str]]


def begun(**more: str) -> Session:
    """A session that has sent its first lines."""
    session = Session("ann", **more)  # type: ignore[arg-type]
    session.start()
    session.outgoing()
    return session


def inside(caps: str = ALL_CAPS) -> Session:
    """A session that has come in and is in #dev."""
    session = begun()
    feed(
        session,
        f":chat.example CAP * LS :{caps}",
        f":chat.example CAP ann ACK :{caps}",
        ":chat.example 001 ann :Welcome to chat.example, ann!~ann@host",
        ":chat.example 005 ann CASEMAPPING=ascii NICKLEN=30 SAFELIST :are supported",
        ":ann!~ann@host JOIN #dev",
    )
    session.outgoing()
    return session


def feed(session: Session, *lines: str) -> list[ClientEvent]:
    return session.receive("".join(f"{line}\r\n" for line in lines).encode())


def sent(session: Session) -> list[str]:
    return session.outgoing().decode().split("\r\n")[:-1]


def check(make: Callable[[], Session], case: Case) -> None:
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


def told(label: str = "", **more: object) -> Message:
    fields: dict[str, object] = {"target": "#dev", "source": BEN, "text": "hello", **more}
    return Message(**fields, label=label)  # type: ignore[arg-type]


# Coming in --------------------------------------------------------------------------------------


def test_a_session_begins_with_capabilities_password_nick_and_user() -> None:
    session = Session("ann", username="a", realname="Ann Example", password="open sesame")
    session.start()
    assert sent(session) == [
        "CAP LS 302",
        "PASS :open sesame",
        "NICK ann",
        "USER a 0 * :Ann Example",
    ]
    assert session.outgoing() == b""


COMING_IN: dict[str, Case] = {
    "what the server offers of what we know is asked for": (
        [":s CAP * LS :batch sasl=PLAIN server-time"],
        [],
        ["CAP REQ :batch server-time"],
    ),
    "a list of capabilities may go on in another line": (
        [":s CAP * LS * :batch", ":s CAP * LS :echo-message"],
        [],
        ["CAP REQ :batch echo-message"],
    ),
    "nothing to ask for ends it": ([":s CAP * LS :sasl"], [], ["CAP END"]),
    "an empty list ends it": ([":s CAP * LS :"], [], ["CAP END"]),
    "asked for and given ends it": ([":s CAP * ACK :batch"], [], ["CAP END"]),
    "asked for and not given ends it": ([":s CAP * NAK :batch"], [], ["CAP END"]),
    "an unknown subcommand and none say nothing": ([":s CAP * XYZ :batch", ":s CAP"], [], []),
    "a server without capabilities is no failure": ([":s 421 * CAP :Unknown command"], [], []),
    "welcome": ([":s 001 ann_ :Welcome to ircish"], [Welcomed("ann_")], []),
    "a welcome to nobody is none": ([":s 001"], [], []),
    "a nick that is taken is varied": (
        [":s 433 * ann :Nickname is already in use", ":s 433 * ann_ :in use", ":s 436 * ann2 :x"],
        [],
        ["NICK ann_", "NICK ann2", "NICK ann3"],
    ),
    "a nick that cannot be one fails": (
        [":s 432 * ann :Erroneous nickname"],
        [Failed("432", "Erroneous nickname", ("ann",))],
        [],
    ),
    "a wrong password fails, and the end is told once": (
        [":s 464 * :Password incorrect", "ERROR :Closing link", "ERROR :again", "PING x"],
        [Failed("464", "Password incorrect"), Closed("Closing link")],
        [],
    ),
}


@pytest.mark.parametrize("case", COMING_IN.values(), ids=COMING_IN)
def test_coming_in(case: Case) -> None:
    check(begun, case)


def test_a_varied_nick_that_is_too_long_becomes_a_short_one() -> None:
    session = Session("a" * 30)
    session.start()
    session.outgoing()
    taken, bad = ":s 433 * x :in use", ":s 432 * x :Erroneous"
    assert feed(session, taken, *[bad] * 9) == []
    assert sent(session)[-1] == "NICK aaaaaaa2"


def test_when_every_variation_is_taken_that_is_a_failure() -> None:
    session = begun()
    events = feed(session, *[":s 433 * ann :in use"] * 18)
    assert events == [Failed("433", "in use", ("ann",))]


def test_the_nick_that_the_server_gives_counts() -> None:
    session = begun()
    feed(session, ":s 001 Ann|2 :Welcome to the chat, Ann|2!a@h")
    assert (session.nick, session.prefix, session.registered) == ("Ann|2", "Ann|2!a@h", True)


def test_what_the_server_says_of_itself_is_known_and_may_be_taken_back() -> None:
    session = inside()
    feed(session, ":s 005 ann -SAFELIST ircish/DEFAULTCHANNEL=#tea :are supported")
    expected = {"CASEMAPPING": "ascii", "NICKLEN": "30", "ircish/DEFAULTCHANNEL": "#tea"}
    assert session.isupport == expected
    assert session.default_channel == "#tea"


def test_capabilities_come_and_go_while_we_are_in() -> None:
    session = inside("batch server-time")
    assert feed(session, ":s CAP ann NEW :echo-message", ":s CAP ann DEL :batch") == []
    assert sent(session) == ["CAP REQ echo-message"]
    feed(session, ":s CAP ann ACK :echo-message -server-time")
    assert session.caps == {"echo-message"}
    assert "batch" not in session.offered
    assert sent(session) == []


@pytest.mark.parametrize(
    ("casemapping", "folded"),
    [("ascii", "a[]\\~"), ("rfc1459", "a{}|^"), ("rfc1459-strict", "a{}|~"), ("", "a{}|^")],
)
def test_names_are_compared_as_the_server_does(casemapping: str, folded: str) -> None:
    session = begun()
    if casemapping:
        feed(session, f":s 005 ann CASEMAPPING={casemapping} :are supported")
    assert session.fold("A[]\\~") == folded


# What is heard ----------------------------------------------------------------------------------

HEARD: dict[str, Case] = {
    "a message": ([":ben!b@example PRIVMSG #dev :hello"], [told()], []),
    "a message with its time and id": (
        [f"@time={NOON};msgid=x1 :ben!b@example PRIVMSG #dev hello"],
        [told(time=NOON_MS, msgid="x1")],
        [],
    ),
    "a time that is none": (
        ["@time=yesterday :ben!b@example PRIVMSG #dev hello"],
        [told(time=None)],
        [],
    ),
    "a notice": (
        [":chat.example NOTICE ann :hello"],
        [told(source=SERVER, target="ann", kind="notice")],
        [],
    ),
    "an echo is our own": (
        [":ANN!~ann@host PRIVMSG #dev :hello"],
        [told(source=Source("ANN", "~ann", "host"), own=True)],
        [],
    ),
    "a message without text is none": ([":ben!b@example PRIVMSG #dev"], [], []),
    "a PING": (["PING :a b", "PING x"], [], ["PONG :a b", "PONG x"]),
    "a PONG": ([":s PONG s :7", "PONG"], [Pong("7"), Pong("")], []),
    "somebody comes and goes": (
        [
            ":ben!b@example JOIN #dev",
            ":ben!b@example PART #dev :tea",
            ":ben!b@example JOIN #dev",
            ":ben!b@example KICK #dev cleo :loud",
            ":ben!b@example QUIT :bye",
            ":ben!b@example QUIT",
        ],
        [
            JoinedChannel("#dev", BEN, own=False),
            LeftChannel("#dev", "ben", "tea", own=False),
            JoinedChannel("#dev", BEN, own=False),
            LeftChannel("#dev", "cleo", "loud", own=False, by="ben"),
            LeftChat(BEN, "bye"),
            LeftChat(BEN, ""),
        ],
        [],
    ),
    "we come and go": (
        [
            ":ann!~ann@host JOIN #Tea",
            ":ann!~ann@host PART #tea",
            ":ben!b@example KICK #dev ann :loud",
        ],
        [
            JoinedChannel("#Tea", ANN, own=True),
            LeftChannel("#tea", "ann", "", own=True),
            LeftChannel("#dev", "ann", "loud", own=True, by="ben"),
        ],
        [],
    ),
    "others and we are renamed": (
        [":ben!b@example NICK bob", ":ann!~ann@host NICK annie", ":annie!~ann@host NICK"],
        [Renamed(BEN, "bob", own=False), Renamed(ANN, "annie", own=True)],
        [],
    ),
    "a topic": (
        [":ben!b@example TOPIC #dev :tea at five", ":ben!b@example TOPIC #dev :"],
        [TopicSet("#dev", BEN, "tea at five"), TopicSet("#dev", BEN, "")],
        [],
    ),
    "a nick that is taken is a failure once we are in": (
        [":s 433 ann ben :Nickname is already in use"],
        [Failed("433", "Nickname is already in use", ("ben",))],
        [],
    ),
    "a refusal": (
        [":s 404 ann #dev :Cannot send to channel", ":s 481"],
        [Failed("404", "Cannot send to channel", ("#dev",)), Failed("481", "")],
        [],
    ),
    "no message of the day is no failure": (
        [":s 422 ann :There is none"],
        [Told("422", ("There is none",))],
        [],
    ),
    "a standard reply": (
        ["FAIL CHATHISTORY INVALID_TARGET LATEST #x :No history", "FAIL * :Bad", "FAIL"],
        [
            Failed("INVALID_TARGET", "No history", ("LATEST", "#x")),
            Failed("Bad", ""),
            Failed("", ""),
        ],
        [],
    ),
    "any other reply": (
        [":s 353 ann = #dev :ann @ben", ":s 366 ann #dev :End"],
        [Told("353", ("=", "#dev", "ann @ben")), Told("366", ("#dev", "End"))],
        [],
    ),
    "the end": (["ERROR :Bye"], [Closed("Bye")], []),
    "an end without a word": (["ERROR"], [Closed("The server ended the connection")], []),
    "what is no line is passed over": (
        [":only", "x" * 600, ":ben!b@example PRIVMSG #dev :hello", "a\rb"],
        [told()],
        [],
    ),
}


@pytest.mark.parametrize("case", HEARD.values(), ids=HEARD)
def test_what_is_heard(case: Case) -> None:
    check(inside, case)


def test_the_channels_we_are_in_are_known() -> None:
    session = inside()
    feed(session, ":ann!~ann@host JOIN #Tea")
    assert session.channels == {"#dev": "#dev", "#tea": "#Tea"}
    feed(session, ":ben!b@example KICK #DEV ann", ":ann!~ann@host PART #TEA")
    assert session.channels == {}


def test_our_prefix_follows_our_nick() -> None:
    session = inside()
    feed(session, ":ann!~ann@host NICK annie")
    assert (session.nick, session.prefix) == ("annie", "annie!~ann@host")
    feed(session, ":annie!~ann@cloak JOIN #tea")
    assert session.prefix == "annie!~ann@cloak"


def test_the_end_of_the_bytes_is_told_after_the_last_line_and_once() -> None:
    session = inside()
    assert session.receive(b":ben!b@example PRIVMSG #dev hello") == []
    assert session.receive(b"") == [told(), Closed("The connection was lost")]
    assert session.closed
    assert session.receive(b"") == []


def test_after_the_servers_goodbye_the_end_is_not_told_again() -> None:
    session = inside()
    assert feed(session, "ERROR :Bye") == [Closed("Bye")]
    assert session.receive(b"") == []


# Batches and labels -----------------------------------------------------------------------------

BATCHED: dict[str, Case] = {
    "a labelled reply of one line": (
        ["@label=7 :ann!~ann@host PRIVMSG #dev :hello"],
        [told("7", source=ANN, own=True), Answered("7")],
        [],
    ),
    "a labelled command with nothing to say": (["@label=7 :s ACK"], [Answered("7")], []),
    "a labelled refusal": (
        ["@label=7 :s 404 ann #x :Cannot send"],
        [Failed("404", "Cannot send", ("#x",), "7"), Answered("7")],
        [],
    ),
    "a labelled reply of several lines": (
        [
            "@label=7 :s BATCH +a labeled-response",
            "@batch=a :ann!~ann@host JOIN #tea",
            ":ben!b@example PRIVMSG #dev :hello",
            "@batch=a :s 366 ann #tea :End",
            ":s BATCH -a",
        ],
        [
            JoinedChannel("#tea", ANN, own=True),
            told(),
            Told("366", ("#tea", "End"), "7"),
            Answered("7"),
        ],
        [],
    ),
    "history comes in one piece": (
        [
            ":s BATCH +h chathistory #dev",
            f"@batch=h;time={NOON};msgid=1 :ben!b@example PRIVMSG #dev :hello",
            ":ben!b@example PRIVMSG #dev :live",
            "@batch=h;msgid=2 :ann!~ann@host NOTICE #dev :hello",
            ":s BATCH -h",
        ],
        [
            told(text="live"),
            Past(
                "#dev",
                (
                    told(time=NOON_MS, msgid="1", past=True),
                    told(source=ANN, kind="notice", msgid="2", past=True, own=True),
                ),
            ),
        ],
        [],
    ),
    "history in a labelled reply": (
        [
            "@label=8 :s BATCH +o labeled-response",
            "@batch=o :s BATCH +h chathistory #dev",
            "@batch=h :ben!b@example PRIVMSG #dev :hello",
            "@batch=o :s BATCH -h",
            ":s BATCH -o",
        ],
        [Past("#dev", (told("8", past=True),)), Answered("8")],
        [],
    ),
    "labelled history without another batch around it": (
        ["@label=9 :s BATCH +h chathistory #dev", ":s BATCH -h"],
        [Past("#dev", ()), Answered("9")],
        [],
    ),
    "a batch of another kind is read through": (
        [
            ":s BATCH +n netsplit a b",
            "@batch=n :ben!b@example QUIT :split",
            ":s BATCH -n",
            ":s BATCH -unknown",
            ":s BATCH",
            "@batch=gone :ben!b@example PRIVMSG #dev hello",
        ],
        [LeftChat(BEN, "split"), told()],
        [],
    ),
    "a batch inside itself ends": (
        ["@batch=a :s BATCH +a x", "@batch=a :ben!b@example PRIVMSG #dev hello", ":s BATCH -a"],
        [told()],
        [],
    ),
}


@pytest.mark.parametrize("case", BATCHED.values(), ids=BATCHED)
def test_batches_and_labels(case: Case) -> None:
    check(inside, case)


# What we say ------------------------------------------------------------------------------------


def test_commands_carry_labels_where_the_server_answers_with_them() -> None:
    session = inside()
    labels = [session.join("#tea"), session.join("#key", "sesame"), session.say("#dev", ":) hi")]
    labels += [session.history("#dev", 5), session.history("#dev", 5, before="msgid=7")]
    session.ping("p1")
    session.quit("so long")
    session.quit()
    assert labels == ["1", "2", "3", "4", "5"]
    assert sent(session) == [
        "@label=1 JOIN #tea",
        "@label=2 JOIN #key sesame",
        "@label=3 PRIVMSG #dev ::) hi",
        "@label=4 CHATHISTORY LATEST #dev * 5",
        "@label=5 CHATHISTORY BEFORE #dev msgid=7 5",
        "PING p1",
        "QUIT :so long",
        "QUIT",
    ]


def test_commands_have_no_label_where_the_server_has_none() -> None:
    session = inside("server-time")
    assert session.say("#dev", "hello") == ""
    assert sent(session) == ["PRIVMSG #dev hello"]
    with pytest.raises(ValueError, match="no history"):
        session.history("#dev", 5)


@pytest.mark.parametrize("text", ["a\r\nQUIT", "a\nb", "a\0b"])
def test_nobody_gets_a_second_line_into_a_command(text: str) -> None:
    session = inside()
    with pytest.raises(ValueError, match="not one line"):
        session.say("#dev", text)
    assert session.outgoing() == b""


def test_a_text_that_fits_makes_a_line_of_512_bytes_for_others() -> None:
    session = inside()
    text = "x" * session.fits("#dev")
    assert len(f":ann!~ann@host PRIVMSG #dev :{text}\r\n") == MAX_LINE
    assert begun().fits("#dev") < session.fits("#dev")


@given(st.text(st.characters(codec="utf-8")), st.integers(-1, 40))
def test_a_split_text_loses_nothing_and_each_part_fits(text: str, most: int) -> None:
    parts = list(split(text, most))
    assert "".join(parts) == text
    assert all(len(part.encode()) <= max(most, 4) for part in parts)


def test_a_text_is_split_between_words_where_that_is_possible() -> None:
    assert list(split("the quick brown fox", 11)) == ["the quick ", "brown fox"]
    assert list(split("ünüberschaubar", 5)) == ["ünü", "bersc", "hauba", "r"]


@given(st.lists(st.binary(max_size=60) | st.sampled_from(list("\r\n :@+-=;")).map(str.encode)))
def test_no_bytes_make_a_session_fail_and_it_does_not_matter_how_they_are_cut(
    pieces: list[bytes],
) -> None:
    data = b"".join(pieces)
    in_pieces, whole = inside(), inside()
    events = [each for piece in pieces if piece for each in in_pieces.receive(piece)]
    assert events == (whole.receive(data) if data else [])


VERBS = "001 005 421 433 404 ACK BATCH CAP ERROR FAIL JOIN KICK NICK NOTICE PART PING PONG"
WORDS = ("ann", "*", "+a", "-a", "LS", "ACK", "#dev", "chathistory", "")
LINES = st.tuples(
    st.sampled_from(["", "@batch=a ", "@label=1 "]),
    st.sampled_from([*VERBS.split(), "PRIVMSG", "QUIT", "TOPIC", "XYZ"]),
    st.lists(st.sampled_from(WORDS)),
)


@given(st.lists(LINES))
def test_no_line_makes_a_session_fail_however_few_its_parameters(
    lines: list[tuple[str, str, list[str]]],
) -> None:
    session = inside()
    feed(session, *(f"{tags}:ann!a@b {verb} {' '.join(words)}" for tags, verb, words in lines))
    session.outgoing()
