"""What each line means to a session: tables of lines, what they tell and what is answered.
Each case whole and byte by byte."""

from __future__ import annotations

import pytest
from sessions import (
    ANN,
    BEN,
    EVERY_CAP,
    NOON,
    NOON_MS,
    SERVER,
    Case,
    begun,
    check,
    feed,
    inside,
    knowing,
    sent,
    told,
)

from ircish.client import Session
from ircish.client.events import (
    Answered,
    AwayChanged,
    CatalogueTold,
    Closed,
    Entered,
    Failed,
    Invited,
    JoinedChannel,
    LeftChannel,
    LeftChat,
    Marked,
    ModeSet,
    ModesTold,
    NamesListed,
    NickTaken,
    Noted,
    OwnAway,
    Past,
    Pong,
    Renamed,
    Told,
    TopicBy,
    TopicSet,
    TopicTold,
    Welcomed,
)
from ircish.client.receiving import (
    ServerCommand,
    milliseconds,
)
from ircish.client.session import ALL_CAPS
from ircish.events import Source
from ircish.text import cleaned

# Coming in --------------------------------------------------------------------------------------

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
    "what was never asked for is not taken": (
        [":s CAP * ACK :batch sasl", ":s CAP * ACK"],
        [],
        ["CAP END", "CAP END"],
    ),
    "a note and a warning": (
        [":s NOTE * HELLO :there", ":s WARN NICK LONG ann :cut", "WARN"],
        [
            Noted("NOTE", "HELLO", "there"),
            Noted("WARN", "LONG", "cut", ("ann",)),
            Noted("WARN", "", ""),
        ],
        [],
    ),
    "asked for and given ends it": ([":s CAP * ACK :batch"], [], ["CAP END"]),
    "asked for and not given ends it": ([":s CAP * NAK :batch"], [], ["CAP END"]),
    "an unknown subcommand and none say nothing": ([":s CAP * XYZ :batch", ":s CAP"], [], []),
    "a server without capabilities is no failure": ([":s 421 * CAP :Unknown command"], [], []),
    "welcome": ([":s 001 ann_ :Welcome to ircish"], [Welcomed("ann_")], []),
    "a welcome to nobody is none": ([":s 001"], [], []),
    "a nick that is taken is varied": (
        [":s 433 * ann :Nickname is already in use", ":s 433 * ann_ :in use", ":s 436 * ann2 :x"],
        [NickTaken("ann", "ann_"), NickTaken("ann_", "ann2"), NickTaken("ann2", "ann3")],
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
    events = feed(session, taken, *[bad] * 9)
    assert [type(event) for event in events] == [NickTaken] * 10
    assert sent(session)[-1] == "NICK aaaaaaa2"


def test_when_every_variation_is_taken_that_is_a_failure() -> None:
    session = begun()
    *tried, failed = feed(session, *[":s 433 * ann :in use"] * 18)
    assert [each.next for each in tried if isinstance(each, NickTaken)][-1] == "ann9"
    assert failed == Failed("433", "in use", ("ann",))


def test_many_capabilities_are_asked_for_in_several_lines_and_ended_when_all_are_answered() -> None:
    many = [f"example.com/{'x' * 40}-{number}" for number in range(20)]
    session = begun(caps=many)
    feed(session, f":s CAP * LS :{' '.join(many)}")
    lines = sent(session)
    assert len(lines) > 1
    assert all(len(line) <= 510 for line in lines)
    assert {name for line in lines for name in line.partition(" :")[2].split()} == set(many)
    for line in lines:
        assert sent(session) == []
        feed(session, f":s CAP * ACK :{line.partition(' :')[2]}")
    assert sent(session) == ["CAP END"]
    assert session.caps == set(many)


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
    "a message of several lines": (
        [
            f"@time={NOON};msgid=x1 :ben!b@example BATCH +1 draft/multiline #dev",
            "@batch=1 :ben!b@example PRIVMSG #dev :one",
            "@batch=1 :ben!b@example PRIVMSG #dev :",
            ":ben!b@example PRIVMSG #dev :hello",
            "@batch=1 :ben!b@example PRIVMSG #dev :tw",
            "@batch=1;draft/multiline-concat :ben!b@example PRIVMSG #dev :o",
            ":chat.example BATCH -1",
        ],
        [
            told(),
            told(text="one", time=NOON_MS, msgid="x1"),
            told(text="two", time=NOON_MS, msgid="x1", line=2),
        ],
        [],
    ),
    "a message of several lines that is past": (
        [
            ":chat.example BATCH +h chathistory #dev",
            f"@batch=h;time={NOON};msgid=x1 :ben!b@example BATCH +1 draft/multiline #dev",
            "@batch=1 :ben!b@example NOTICE #dev :}",
            "@batch=1 :ben!b@example NOTICE #dev :}",
            ":chat.example BATCH -1",
            ":chat.example BATCH -h",
        ],
        [
            Past(
                "#dev",
                tuple(
                    told(text="}", kind="notice", time=NOON_MS, msgid="x1", line=number, past=True)
                    for number in range(2)
                ),
            )
        ],
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
            LeftChat(BEN, "bye", ("#dev",)),
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
        [
            Renamed(BEN, "bob", own=False, channels=("#dev",)),
            Renamed(ANN, "annie", own=True, channels=("#dev",)),
        ],
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
    "who is in another channel": (
        [":s 353 ann = #tea :cleo @dan", ":s 366 ann #tea :End", ":s 366", ":s 353 ann"],
        [
            Told("353", ("=", "#tea", "cleo @dan")),
            Told("366", ("#tea", "End")),
            Told("366", ()),
            Told("353", ()),
        ],
        [],
    ),
    "any other reply, and any other verb": (
        [":s 251 ann :There are 3", ":ben!b@example WALLOPS :tea time"],
        [Told("251", ("There are 3",)), Told("WALLOPS", ("tea time",), source=BEN)],
        [],
    ),
    "what nobody needs to be told": (
        ["@+typing=active :ben!b@example TAGMSG #dev", ":ben!b@example SETNAME :Ben B"],
        [],
        [],
    ),
    "we go in and know who is there": (
        [
            ":ann!~ann@host JOIN #tea",
            ":s 332 ann #tea :tea at five",
            ":s 333 ann #tea ben!b@example 1795348800",
            ":s 353 ann = #tea :ann @ben",
            ":s 366 ann #tea :End",
            ":s 366 ann #tea :End",
        ],
        [
            JoinedChannel("#tea", ANN, own=True),
            TopicTold("#tea", "tea at five"),
            TopicBy("#tea", "ben!b@example", NOON_MS),
            Entered("#tea"),
            NamesListed("#tea"),
        ],
        [],
    ),
    "no topic, and a time that is none": (
        [":s 331 ann #dev :No topic is set", ":s 333 ann #dev ben ²", ":s 332"],
        [TopicTold("#dev", ""), TopicBy("#dev", "ben", None), TopicTold("", "")],
        [],
    ),
    "modes change and are told": (
        [
            ":ben!b@example MODE #dev +ov-k ben cleo *",
            ":ann!~ann@host MODE ann :+i",
            ":s 324 ann #dev +nt",
            ":s 324 ann #dev",
            ":s 221 ann +w",
        ],
        [
            ModeSet("#dev", BEN, "+ov-k ben cleo *"),
            ModeSet("ann", ANN, "+i"),
            ModesTold("#dev", "+nt"),
            ModesTold("#dev", ""),
            Told("221", ("+w",)),
        ],
        [],
    ),
    "an invitation": (
        [":ben!b@example INVITE ann #tea"],
        [Invited("#tea", BEN, "ann")],
        [],
    ),
    "people go away and come back": (
        [
            ":ben!b@example AWAY :tea",
            ":ben!b@example AWAY",
            ":s 306 ann :You are away",
            ":s 305 ann :You are back",
        ],
        [AwayChanged(BEN, "tea"), AwayChanged(BEN, ""), OwnAway(True), OwnAway(False)],
        [],
    ),
    "how far we have read elsewhere": (
        [f":s MARKREAD #dev timestamp={NOON}", ":s MARKREAD ben *", ":s MARKREAD"],
        [Marked("#dev", NOON_MS), Marked("ben", None)],
        [],
    ),
    "each event has the time of its line": (
        [f"@time={NOON} :ben!b@example JOIN #dev", f"@time={NOON} :s 305 ann"],
        [
            JoinedChannel("#dev", BEN, own=False, time=NOON_MS),
            OwnAway(False, time=NOON_MS),
        ],
        [],
    ),
    "words to those with a mark": (
        [":ben!b@example PRIVMSG @#dev :hello"],
        [told(target="@#dev")],
        [],
    ),
    "the end": (["ERROR :Bye"], [Closed("Bye")], []),
    "an end without a word": (["ERROR"], [Closed("The server ended the connection")], []),
    "what is no line is passed over": ([":only", "@a=b", " "], [], []),
    "nothing that can be shown is lost": (
        [
            f":ben!b@example PRIVMSG #dev :{'x' * 8000}",
            ":ben!b@example PRIVMSG #dev :he\rl\0lo",
            ":ben!b@example PRIVMSG #dev :" + "x" * 9000,
            ":ben!b@example PRIVMSG #dev :hello",
        ],
        [
            told(text="x" * 8000),
            told(),
            Noted("WARN", "LINE_TOO_LONG", "A line of the server was too long"),
            told(),
        ],
        [],
    ),
}


@pytest.mark.parametrize("case", HEARD.values(), ids=HEARD)
def test_what_is_heard(case: Case) -> None:
    check(inside, case)


def test_our_place_may_change() -> None:
    session = knowing()
    feed(session, ":ann!~ann@host CHGHOST a cloak", ":ben!b@example CHGHOST b cloak")
    assert session.prefix == "ann!a@cloak"
    feed(session, ":ann CHGHOST a")
    assert session.prefix == "ann!a@cloak"


def test_who_comes_in_may_have_an_account_and_a_name() -> None:
    session = knowing()
    assert feed(session, ":dan!d@h JOIN #dev dan_ :Dan D", "@account=eve :eve!e@h JOIN #dev") == [
        JoinedChannel("#dev", Source("dan", "d", "h"), False, "dan_", "Dan D"),
        JoinedChannel("#dev", Source("eve", "e", "h", "eve"), False, "eve", ""),
    ]


def test_words_are_cleaned_before_they_are_understood_and_tags_are_not() -> None:
    session = inside(EVERY_CAP, caps=ALL_CAPS, clean=cleaned)
    head = "@msgid=a\u200bb;account=e\x1bve :b\x1ben!b@h\u202e PRIVMSG #dev"
    line = f"{head} :\x01ACTION \x02a\tb\x1b[2J\x01"
    source = Source("ben", "b", "h", "eve")
    text = "\x01ACTION \x02a b[2J\x01"
    assert feed(session, line) == [told(source=source, text=text, msgid="a\u200bb")]
    assert feed(session, ":s \x1b[2J :x") == [Told("[2J", ("x",), source=Source("s"))]


def test_what_is_not_utf8_is_shown_as_far_as_it_can_be() -> None:
    session = inside()
    assert session.receive(b":ben!b@example PRIVMSG #dev :gr\xfc\xdfe \xff\xfb\x01\r\n") == [
        told(text="gr\ufffd\ufffde \ufffd\ufffd\x01")
    ]


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        (NOON, NOON_MS),
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:01.5", 1500),
        ("", None),
        ("noon", None),
        ("99999-01-01T00:00:00Z", None),
    ],
)
def test_a_servers_time(text: str, ms: int | None) -> None:
    assert milliseconds(text) == ms


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
            Entered("#tea"),
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
        [Past("#dev", (told("8", past=True),), "8"), Answered("8")],
        [],
    ),
    "labelled history without another batch around it": (
        ["@label=9 :s BATCH +h chathistory #dev", ":s BATCH -h"],
        [Past("#dev", (), "9"), Answered("9")],
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
        [LeftChat(BEN, "split", ("#dev",)), told()],
        [],
    ),
    "what else happened then changes nothing now": (
        [
            ":s BATCH +h chathistory #dev",
            "@batch=h :ann!~ann@host PART #dev",
            "@batch=h :ben!b@example TOPIC #dev :old",
            "@batch=h :ben!b@example NICK bob",
            "@batch=h :s BATCH +m draft/multiline #dev",
            "@batch=m :ben!b@example PRIVMSG #dev :hello",
            "@batch=h :s BATCH -m",
            ":s BATCH -h",
        ],
        [Past("#dev", (told(past=True),))],
        [],
    ),
    "history of a private talk": (
        [
            ":s BATCH +h chathistory ben",
            "@batch=h :ben!b@example PRIVMSG ann :hello",
            ":s BATCH -h",
        ],
        [Past("ben", (told(target="ann", past=True),))],
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


# The catalogue ----------------------------------------------------------------------------------

ROLL = ServerCommand("ROLL", "anyone", "[dice]", "Roll dice for everyone to see.")
KILL = ServerCommand("KILL", "oper", "<nick> <reason>", "Throw somebody out.")
LUSERS = ServerCommand("LUSERS", "anyone", "", "How many are here.")


def test_the_catalogue_is_asked_for_as_soon_as_we_are_in() -> None:
    session = begun(caps=["batch", "ircish/commands"])
    feed(session, ":s CAP * LS :batch ircish/commands", ":s CAP * ACK :batch ircish/commands")
    assert sent(session) == ["CAP REQ :batch ircish/commands", "CAP END"]
    feed(session, ":s 001 ann :Welcome")
    assert sent(session) == ["COMMANDS"]


def test_the_catalogue_is_asked_for_when_the_server_can_tell_it_at_last() -> None:
    session = begun(caps=["batch", "ircish/commands"])
    feed(session, ":s 001 ann :Welcome", ":s CAP ann NEW :batch ircish/commands")
    feed(session, ":s CAP ann ACK :batch ircish/commands")
    assert sent(session) == ["CAP REQ :batch ircish/commands", "COMMANDS"]


def test_a_catalogue_takes_the_place_of_the_one_before() -> None:
    first: Case = (
        [
            ":s BATCH +c1 ircish/commands",
            "@batch=c1 :s COMMANDS ROLL anyone [dice] :Roll dice for everyone to see.",
            "@batch=c1 :s COMMANDS kill oper <nick>\\s<reason> :Throw somebody out.",
            "@batch=c1 :s COMMANDS",
            ":s BATCH -c1",
        ],
        [CatalogueTold()],
        [],
    )
    session = check(knowing, first)
    assert session.catalogue == {"ROLL": ROLL, "KILL": KILL}
    lines = [
        ":s BATCH +c2 ircish/commands",
        "@batch=c2 :s COMMANDS LUSERS anyone * :How many are here.",
    ]
    assert feed(session, *lines) == []
    assert session.catalogue == {"ROLL": ROLL, "KILL": KILL}
    assert feed(session, ":s BATCH -c2") == [CatalogueTold()]
    assert session.catalogue == {"LUSERS": LUSERS}


def test_a_command_that_is_told_alone_is_one_more() -> None:
    session = inside()
    line = ":s COMMANDS LUSERS anyone * :How many are here."
    assert feed(session, line) == [CatalogueTold()]
    assert session.catalogue == {"LUSERS": LUSERS}


def test_a_nick_that_is_answered_under_the_new_name_is_ours() -> None:
    session = inside()
    label = session.rename("annie")
    events = feed(session, f"@label={label} :annie!~ann@host NICK annie")
    assert Renamed(Source("ann", "~ann", "host"), "annie", True, ("#dev",)) in events
    assert session.nick == "annie"
    assert "annie" in session.channels["#dev"].members
