"""The rules of talk: who may say what to whom, and take it back, and how far they have read."""

from __future__ import annotations

import pytest
from cast import (
    ANN,
    BEN,
    CAT,
    DAN,
    TIME,
    do,
    founder,
    heard,
    modes,
    new_chat,
    oper,
    refuses,
    registered,
    snapshot,
)

from ircish import replies
from ircish.chat.chat import Chat
from ircish.chat.state import Bounds
from ircish.chat.talk import MARKERS
from ircish.errors import Refused
from ircish.events import (
    SERVER,
    Event,
    Joined,
    Kicked,
    Parted,
    Quit,
    Read,
    Redacted,
    Renamed,
    Said,
    Wallops,
)

LONG = "x" * 600


@pytest.mark.parametrize(
    ("event", "channels", "users"),
    [
        (Said(BEN, "#dev", "hi"), ["#Dev"], []),
        (Said(SERVER, "#dev", "hi"), ["#Dev"], []),
        (Said(BEN, "#dev", "", "tagmsg", {"+typing": "active"}), ["#Dev"], []),
        (Said(BEN, "CAT", "hi"), [], ["cat"]),
        (Said(BEN, "ben", "hi"), [], ["ben"]),
        (Said(SERVER, "ben", "hi"), [], ["ben"]),
        (Redacted(BEN, "#DEV", "m1", own=True), ["#Dev"], []),
        (Redacted(BEN, "CAT", "m1", own=True), [], ["cat"]),
        (Read(BEN, "#dev", TIME), [], []),
        (Wallops(SERVER, "hi"), [], []),
    ],
)
def test_exactly_these_hear_of_what_is_said(
    chat: Chat, event: Event, channels: list[str], users: list[str]
) -> None:
    outcome = chat.apply(event, TIME)
    assert heard(outcome) == (channels, users)
    assert (outcome.told, outcome.left) == ((), None)


@pytest.mark.parametrize(
    ("event", "took_effect"),
    [
        (Said(ANN, "#DEV", "hi"), Said(ANN, "#Dev", "hi")),
        (Said(ANN, "@#DEV", "hi"), Said(ANN, "@#Dev", "hi")),
        (Said(ANN, "@+~#DEV", "hi"), Said(ANN, "+#Dev", "hi")),
        (Said(ANN, "BEN", "hi"), Said(ANN, "ben", "hi")),
        (Redacted(ANN, "#DEV", "m1", "x"), Redacted(ANN, "#Dev", "m1", "x")),
        (Redacted(ANN, "BEN", "m1", own=True), Redacted(ANN, "ben", "m1", own=True)),
    ],
)
def test_names_are_told_as_they_are_written(chat: Chat, event: Event, took_effect: Event) -> None:
    assert chat.apply(event, TIME).event == took_effect


@pytest.mark.parametrize(
    ("event", "reply"),
    [
        (Said(ANN, "#tea", "hi"), replies.CANNOT_SEND),
        (Said(ANN, "@#tea", "hi"), replies.CANNOT_SEND),
        (Said(ANN, "#nowhere", "hi"), replies.NO_SUCH_CHANNEL),
        (Said(ANN, "@#nowhere", "hi"), replies.NO_SUCH_CHANNEL),
        (Said(ANN, "dan", "hi"), replies.NO_SUCH_NICK),
        (Said(ANN, "", "hi"), replies.NO_SUCH_NICK),
        (Said(ANN, "@", "hi"), replies.NO_SUCH_NICK),
        (Said(ANN, "@ann", "hi"), replies.NO_SUCH_NICK),
        (Said(ANN, "@!#dev", "hi"), replies.NO_SUCH_NICK),
        (Said(ANN, "%#dev", "hi"), replies.NO_SUCH_NICK),
        (Said(ANN, "#dev", LONG), replies.RELAY_TOO_LONG),
        (Said(ANN, "@#dev", LONG), replies.RELAY_TOO_LONG),
        (Said(ANN, "ben", LONG), replies.RELAY_TOO_LONG),
        (Said(ANN, "#dev", "a\rb"), replies.CONTROL_INSIDE),
        (Said(ANN, "ben", "a\0b"), replies.CONTROL_INSIDE),
        (Said(ANN, "ben", "a\n\0b"), replies.CONTROL_INSIDE),
        (Said(ANN, "#dev", "a\n" * 24), replies.TOO_MANY_LINES),
        (Redacted(ANN, "#tea", "m1", own=True), replies.NOT_IN_CHANNEL),
        (Redacted(ANN, "#nowhere", "m1", own=True), replies.NO_SUCH_CHANNEL),
        (Redacted(ANN, "dan", "m1", own=True), replies.NO_SUCH_NICK),
        (Redacted(ANN, "ben", "m1"), replies.MAY_NOT_REDACT),
        (Redacted(BEN, "#dev", "m1"), replies.MAY_NOT_REDACT),
        (Redacted(BEN, "#dev", "m1", "a\nb", own=True), replies.CONTROL_INSIDE),
        (Read(ANN, "#" * 51, TIME), replies.NO_SUCH_NICK),
        (Wallops(ANN, "hi"), replies.NOT_SERVER_OPERATOR),
        (Wallops(SERVER, LONG), replies.RELAY_TOO_LONG),
        (Wallops(SERVER, "a\nb"), replies.CONTROL_INSIDE),
    ],
)
def test_what_may_not_be_said_changes_nothing(
    chat: Chat, event: Event, reply: replies.Reply
) -> None:
    refuses(chat, event, reply)


@pytest.mark.parametrize(
    "event",
    [
        Said(ANN, "#dev", "\ud800"),
        Said(ANN, "ben", "\ud800"),
        Said(ANN, "#dev", "a\n\ud800"),
        Said(ANN, "#dev", "x", "action"),  # type: ignore[arg-type]
        Said(ANN, "#dev", "x", "message", {"a b": "c"}),
        Said(ANN, "ben", "x", "message", {"a b": "c"}),
        Said(ANN, "#dev", "", "tagmsg", {"a": "\ud800"}),
        Said(ANN, "#dev", "", "tagmsg", {"a": "\0"}),
        Redacted(ANN, "#dev", "m1", "\ud800"),
        Wallops(SERVER, "\ud800"),
    ],
)
def test_what_could_not_be_written_is_a_fault_of_its_maker_and_changes_nothing(
    chat: Chat, event: Event
) -> None:
    before = snapshot(chat)
    with pytest.raises((ValueError, Refused)):
        chat.apply(event, TIME)
    assert snapshot(chat) == before


# What fits --------------------------------------------------------------------------------------


@pytest.mark.parametrize("letter", ["x", "é", "日", "👋"])
def test_words_fit_as_long_as_irc_readers_can_be_sent_them_as_one_line(
    chat: Chat, letter: str
) -> None:
    head = len(":ann!~ann@host.example PRIVMSG #Dev :\r\n")
    size = len(letter.encode())
    fits = (512 - head) // size
    do(chat, Said(ANN, "#dev", letter * fits))
    refused = refuses(chat, Said(ANN, "#dev", letter * (fits + 1)), replies.RELAY_TOO_LONG)
    over = head + size * (fits + 1) - 512
    assert (refused.fields["fits"], refused.fields["over"]) == (512 - head, over)


@pytest.mark.parametrize("target", ["BEN", "@#DEV"])
def test_the_length_that_fits_depends_on_who_is_spoken_to(chat: Chat, target: str) -> None:
    head = len(f":ann!~ann@host.example PRIVMSG {target} :\r\n")
    do(chat, Said(ANN, target, "x" * (512 - head)))
    refuses(chat, Said(ANN, target, "x" * (513 - head)), replies.RELAY_TOO_LONG)


def test_a_message_of_several_lines_may_be_longer_than_one_up_to_its_own_bounds(
    chat: Chat,
) -> None:
    lines = "\n".join(["é" * 84] * 24)  # 24 of 168 bytes, and 23 line feeds
    do(chat, Said(ANN, "#dev", lines + "x" * 41))
    refuses(chat, Said(ANN, "#dev", lines + "x" * 42), replies.TOO_MANY_BYTES)
    do(chat, Said(ANN, "ben", LONG, breaks=(300,)))
    refuses(chat, Said(ANN, "ben", "\n".join("x" * 25)), replies.TOO_MANY_LINES)
    refuses(chat, Said(ANN, "ben", "x" * 4097, breaks=(300,)), replies.TOO_MANY_BYTES)
    refuses(chat, Said(ANN, "ben", "\n\n"), replies.BAD_BATCH)


def test_speaking_ends_being_idle(chat: Chat) -> None:
    do(chat, Said(ANN, "#dev", "hi"), time=TIME + 5)
    assert chat.user("ann").spoke == TIME + 5


def test_tags_go_with_words(chat: Chat) -> None:
    event = Said(ANN, "#Dev", "", "tagmsg", {"+typing": "active"})
    assert do(chat, event).event == event


# To a channel -----------------------------------------------------------------------------------


def test_without_n_strangers_may_speak_in_a_channel(chat: Chat) -> None:
    do(chat, modes(CAT, "#tea", "-n"))
    assert heard(do(chat, Said(ANN, "#tea", "hi"))) == (["#tea"], [])
    refuses(chat, Said(ANN, "@#tea", "hi"), replies.CANNOT_SEND)
    do(chat, modes(CAT, "#tea", "+m"))
    refuses(chat, Said(ANN, "#tea", "hi"), replies.MODERATED)


@pytest.mark.parametrize("event", [Parted(BEN, "#dev"), Kicked(ANN, "#dev", "ben")])
def test_who_is_no_longer_in_does_not_speak_there(chat: Chat, event: Event) -> None:
    do(chat, event)
    refuses(chat, Said(BEN, "#dev", "hi"), replies.CANNOT_SEND)


@pytest.mark.parametrize("target", ["#dev", "+#dev", "@#dev"])
@pytest.mark.parametrize("kind", ["message", "notice", "tagmsg"])
def test_where_it_is_moderated_only_those_with_a_status_speak(
    chat: Chat, kind: str, target: str
) -> None:
    said = Said(BEN, target, "hi", kind)  # type: ignore[arg-type]
    do(chat, modes(ANN, "#dev", "+m"))
    refuses(chat, said, replies.MODERATED)
    do(chat, Said(ANN, target, "hi"), modes(ANN, "#dev", "+v ben"), said)
    do(chat, modes(ANN, "#dev", "-v ben"))
    founder(chat, "ben")
    do(chat, said)


def test_an_operator_of_the_server_speaks_like_anybody(chat: Chat) -> None:
    oper(chat, BEN)
    do(chat, modes(ANN, "#dev", "+m"))
    refuses(chat, Said(BEN, "#dev", "hi"), replies.MODERATED)


@pytest.mark.parametrize("target", ["#dev", "@#dev"])
@pytest.mark.parametrize(
    "text",
    [
        "\x01VERSION\x01",
        "\x01ACTION\x01",
        "\x01action waves\x01",
        "hi\n\x01VERSION\x01",
        "hi \x01VERSION\x01",
        "\x01ACTION waves\x01\n\x01VERSION\x01",
        "\x01ACTION \x01VERSION\x01",
    ],
)
def test_where_there_is_no_ctcp_nobody_sends_any_however_hidden(
    chat: Chat, text: str, target: str
) -> None:
    for breaks in ((), (1,)):
        do(chat, Said(ANN, target, text, breaks=breaks))
    do(chat, modes(ANN, "#dev", "+C"))
    for breaks in ((), (1,), (3,)):
        refuses(chat, Said(ANN, target, text, breaks=breaks), replies.NO_CTCP)
    do(chat, Said(ANN, "ben", text), Said(SERVER, target, text))


@pytest.mark.parametrize("text", ["\x01ACTION waves\x01", "\x01ACTION waves", "hi"])
def test_where_there_is_no_ctcp_actions_are_still_done(chat: Chat, text: str) -> None:
    do(chat, modes(ANN, "#dev", "+C"), Said(ANN, "#dev", text))


def test_what_only_passes_does_not_make_a_channel_worth_keeping(chat: Chat) -> None:
    typing = Said(CAT, "#tea", "", "tagmsg", {"+typing": "active"})
    assert do(chat, typing).changed is None
    do(chat, Parted(CAT, "#tea"), Joined(CAT, "#tea"))
    reacting = Said(CAT, "#tea", "", "tagmsg", {"+typing": "done", "+draft/react": "tea"})
    assert do(chat, reacting).changed is chat.channel("#tea")


# To those of a status ---------------------------------------------------------------------------


@pytest.fixture
def ranks() -> Chat:
    """In #dev: ann, a founder alone; ben, an operator; cat with a voice; dan with nothing."""
    chat = new_chat()
    do(chat, registered(DAN, "dan"), Joined(CAT, "#dev"), Joined(DAN, "#dev"))
    do(chat, modes(SERVER, "#dev", "+q ann, -o ann, +o ben, +v cat"))
    return chat


@pytest.mark.parametrize(
    ("user", "target", "hearers"),
    [
        (DAN, "~#dev", ["ann"]),
        (DAN, "@#dev", ["ann", "ben"]),
        (DAN, "+#dev", ["ann", "ben", "cat"]),
        (ANN, "~#dev", []),
        (BEN, "@#dev", ["ann"]),
        (CAT, "+#dev", ["ann", "ben"]),
        (SERVER, "+#dev", ["ann", "ben", "cat"]),
    ],
)
def test_words_to_a_status_are_heard_by_those_of_it_and_above_but_not_by_who_speaks(
    ranks: Chat, user: int, target: str, hearers: list[str]
) -> None:
    outcome = do(ranks, Said(user, target, "hi"))
    assert heard(outcome) == ([], hearers)
    assert outcome.changed is None


def test_words_to_a_status_do_not_make_a_channel_worth_keeping(chat: Chat) -> None:
    do(chat, Said(CAT, "@#tea", "hi"), Parted(CAT, "#tea"))
    refuses(chat, Said(CAT, "@#tea", "hi"), replies.NO_SUCH_CHANNEL)


def test_who_has_lost_a_status_no_longer_hears_its_words(ranks: Chat) -> None:
    do(ranks, modes(ANN, "#dev", "-o ben"), Parted(CAT, "#dev"), Joined(CAT, "#dev"))
    assert heard(do(ranks, Said(DAN, "+#dev", "hi"))) == ([], ["ann"])


# WALLOPS, redaction, read markers ---------------------------------------------------------------


def test_wallops_are_heard_by_everyone_with_w_but_who_speaks(chat: Chat) -> None:
    oper(chat, ANN)
    do(chat, modes(ANN, "ann", "+w"), modes(CAT, "cat", "+w"))
    outcome = do(chat, Wallops(ANN, "hi"))
    assert (heard(outcome), outcome.source.nick) == (([], ["cat"]), "ann")
    assert heard(do(chat, Wallops(SERVER, "hi"))) == ([], ["ann", "cat"])
    do(chat, modes(CAT, "cat", "-w"), Quit(ANN, ""))
    assert heard(do(chat, Wallops(SERVER, "hi"))) == ([], [])


@pytest.mark.parametrize("status", "oq")
def test_operators_take_back_what_others_said_in_their_channel(chat: Chat, status: str) -> None:
    refuses(chat, Redacted(BEN, "#dev", "m1"), replies.MAY_NOT_REDACT)
    do(chat, modes(ANN, "#dev", "+v ben"))
    refuses(chat, Redacted(BEN, "#dev", "m1"), replies.MAY_NOT_REDACT)
    do(chat, modes(SERVER, "#dev", f"+{status} ben"))
    assert heard(do(chat, Redacted(BEN, "#dev", "m1", "spam"))) == (["#Dev"], [])
    do(chat, Joined(BEN, "#tea"))
    refuses(chat, Redacted(BEN, "#tea", "m1"), replies.MAY_NOT_REDACT)


def test_operators_of_the_server_take_back_what_is_said_where_they_are(chat: Chat) -> None:
    oper(chat, CAT)
    refuses(chat, Redacted(CAT, "#dev", "m1"), replies.NOT_IN_CHANNEL)
    do(chat, Joined(CAT, "#dev"), Redacted(CAT, "#dev", "m1"))
    refuses(chat, Redacted(CAT, "ann", "m1"), replies.MAY_NOT_REDACT)


def test_one_has_never_read_less_far_than_before_nor_into_the_future(chat: Chat) -> None:
    def reads(target: str, time: int) -> int:
        event = do(chat, Read(ANN, target, time)).event
        assert isinstance(event, Read)
        return event.time

    assert reads("#Dev", TIME - 50) == TIME - 50
    assert reads("#dev", TIME - 60) == TIME - 50
    assert reads("#DEV", TIME + 99) == TIME
    assert reads("Ben", TIME - 70) == TIME - 70
    assert reads("cat", -1) == 0
    assert chat.user("ann").read == {"#dev": TIME, "ben": TIME - 70, "cat": 0}
    assert chat.user("ben").read == {}


def test_of_too_many_read_markers_the_one_longest_unchanged_is_forgotten(chat: Chat) -> None:
    for n in range(MARKERS):
        do(chat, Read(ANN, f"#{n}", n))
    do(chat, Read(ANN, "#0", TIME), Read(ANN, "#new", TIME))
    read = chat.user("ann").read
    assert (len(read), "#0" in read, "#1" in read) == (MARKERS, True, False)


def test_a_channel_of_a_name_that_would_be_too_long_now_is_read_as_others_are(chat: Chat) -> None:
    chat.bounds = Bounds(channel_length=3, nick_length=3)
    do(chat, Read(ANN, "#dev", 5))
    refuses(chat, Read(ANN, "#tee!", 5), replies.NO_SUCH_NICK)


def test_read_markers_stay_with_who_takes_another_nick(chat: Chat) -> None:
    do(chat, Read(ANN, "ben", 5), Renamed(ANN, "anna"))
    assert chat.user("anna").read == {"ben": 5}
