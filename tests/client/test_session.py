"""The client's session: how it begins, what it knows of the server, what it sends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sessions import ANN, EVERY_CAP, NOON, NOON_MS, begun, feed, inside, knowing, sent, told

from ircish.client import Session
from ircish.client.fitting import ctcp, split
from ircish.text import cleaned
from ircish.wire import MAX_LINE

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


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("\x01ACTION waves a lot\x01", ("ACTION", "waves a lot")),
        ("\x01version\x01", ("VERSION", "")),
        ("\x01PING 1 2", ("PING", "1 2")),
        ("ACTION waves", None),
        ("\x01", None),
        ("\x01\x01", None),
        ("\x01 x\x01", None),
        ("", None),
    ],
)
def test_a_text_may_be_a_command(text: str, command: tuple[str, str] | None) -> None:
    assert ctcp(text) == command


# Names ------------------------------------------------------------------------------------------


def test_a_channel_is_known_by_its_first_character() -> None:
    session = inside()
    names = ("#a", "&a", "+a", "a", "")
    assert [name for name in names if session.is_channel(name)] == ["#a", "&a"]
    session = inside("batch", "CHANTYPES=+")
    assert [name for name in names if session.is_channel(name)] == ["+a"]
    session = inside("batch", "CHANTYPES=")
    assert not session.is_channel("#a")


@pytest.mark.parametrize(
    ("target", "audience"),
    [
        ("@#dev", ("@", "#dev")),
        ("@+#dev", ("@+", "#dev")),
        ("#dev", ("", "#dev")),
        ("ben", ("", "ben")),
        ("@ben", ("", "@ben")),
        ("@", ("", "@")),
        ("", ("", "")),
    ],
)
def test_words_may_be_for_some_of_a_channel_only(target: str, audience: tuple[str, str]) -> None:
    assert inside("batch", "STATUSMSG=@+").audience(target) == audience
    assert inside().audience(target) == ("", target)


@pytest.mark.parametrize(
    ("casemapping", "folded"),
    [
        ("ascii", "äÄ{}|^[]\\~"),
        ("rfc1459", "äÄ{}|^{}|^"),
        ("rfc1459-strict", "äÄ{}|^{}|~"),
        ("rfc8265", "ää{}|^[]\\~"),
        ("rfc7613", "ää{}|^[]\\~"),
        ("garbage", "äÄ{}|^[]\\~"),
    ],
)
def test_names_are_the_same_where_the_server_says_so(casemapping: str, folded: str) -> None:
    assert inside("batch", f"CASEMAPPING={casemapping}").fold("äÄ{}|^[]\\~") == folded


# Our own words ----------------------------------------------------------------------------------


def test_where_nothing_echoes_our_words_are_told_at_once() -> None:
    session = inside("batch server-time", clean=cleaned)
    session.say("#dev", "hel\x1blo")
    session.act("ben", "waves")
    session.notice("#dev", "hello")
    own = [
        told(source=ANN, own=True),
        told(source=ANN, own=True, target="ben", text="\x01ACTION waves\x01"),
        told(source=ANN, own=True, kind="notice"),
    ]
    assert session.told() == own
    assert session.told() == []
    assert not session.echoes
    session.say("#dev", "hello")
    assert feed(session, ":ben!b@example PRIVMSG #dev :hello") == [own[0], told()]


def test_where_the_server_echoes_our_words_are_told_when_they_come_back() -> None:
    session = inside()
    label = session.say("#dev", "hello")
    assert session.echoes
    assert session.told() == []
    events = feed(session, f"@label={label} :ann!~ann@host PRIVMSG #dev :hello")
    assert events[0] == told(label, source=ANN, own=True)


def test_all_that_can_be_sent() -> None:
    session = knowing()
    session.act("#dev", "waves")
    session.notice("ben", "psst")
    session.part("#dev")
    session.part("#dev", "tea time")
    session.rename("annie")
    session.set_away("tea time")
    session.set_away()
    session.mark_read("#dev", NOON_MS)
    session.send("WHOIS", "ben")
    assert [line.partition(" ")[2] if line[0] == "@" else line for line in sent(session)] == [
        "PRIVMSG #dev :\x01ACTION waves\x01",
        "NOTICE ben psst",
        "PART #dev",
        "PART #dev :tea time",
        "NICK annie",
        "AWAY :tea time",
        "AWAY",
        f"MARKREAD #dev timestamp={NOON}",
        "WHOIS ben",
    ]
    assert session.nick == "ann"


def test_what_was_read_is_told_only_where_the_server_keeps_it() -> None:
    session = inside()
    session.mark_read("#dev", NOON_MS)
    assert sent(session) == []


def test_history_is_asked_for_from_where_one_likes() -> None:
    session = knowing()
    assert session.has_history
    session.history("#dev", 5, after=f"timestamp={NOON}")
    session.history("ben", 5, around="msgid=7")
    session.history("ben", 5, since="msgid=7")
    assert sent(session) == [
        f"@label=1 CHATHISTORY AFTER #dev timestamp={NOON} 5",
        "@label=2 CHATHISTORY AROUND ben msgid=7 5",
        "@label=3 CHATHISTORY LATEST ben msgid=7 5",
    ]


def test_history_that_would_not_come_in_one_piece_is_none() -> None:
    assert not inside(EVERY_CAP.replace("batch ", "")).has_history


def test_a_line_is_sent_as_it_is_written() -> None:
    session = inside()
    assert session.send_line("  WHOIS  ben :x ") == "1"
    assert session.send_line("@+a=b TAGMSG #dev") == ""
    assert sent(session) == ["@label=1 WHOIS  ben :x", "@+a=b TAGMSG #dev"]
    for text in ("", "  ", "a\nb", "a\rb", "a\0b"):
        with pytest.raises(ValueError, match="line"):
            session.send_line(text)
    assert session.outgoing() == b""
    session = inside("batch")
    assert session.send_line("WHOIS ben") == ""
    assert sent(session) == ["WHOIS ben"]


def test_while_coming_in_another_nick_may_be_chosen_and_is_varied_anew() -> None:
    session = begun()
    feed(session, ":s 433 * ann :in use", ":s 432 * ann_ :Erroneous")
    session.rename("bob")
    feed(session, ":s 433 * bob :in use")
    assert sent(session) == ["NICK ann_", "NICK ann2", "NICK bob", "NICK bob_"]
    assert session.nick == "bob_"


def test_what_we_do_fits_as_well() -> None:
    session = inside()
    text = "x" * session.fits("#dev", "ACTION")
    assert len(f":ann!~ann@host PRIVMSG #dev :\x01ACTION {text}\x01\r\n") == MAX_LINE
    assert session.fits("#dev", "NOTICE") == session.fits("#dev") + 1
