"""Talking: MSG and ME at nc, PRIVMSG, NOTICE and TAGMSG from IRC clients."""

from __future__ import annotations

import pytest

from ircish.testing import Chat
from ircish.wire import parse_tags

LONG = "x" * 480
"""Fits in a line that is typed, but not in the one that IRC clients would be sent."""


def test_the_conversation_of_the_manual_reads_word_for_word(chat: Chat) -> None:
    ben = chat.nc("ben")
    ann = chat.connect()
    assert ann.line() == (
        "*** chat.example runs ircish. NICK <name> to come in, HELP for help, QUIT to leave."
    )
    assert ann.ask("NICK ann") == [
        "*** Welcome, ann. You are in #lobby with ben. MSG <text> speaks, HELP tells more."
    ]
    assert ben.ask("MSG hi ann") == ["*** ann joined #lobby"]
    assert ann.lines() == ["<ben> hi ann"]
    assert ann.ask("MSG @ben psst") == []
    assert ben.ask("MSG @ann what?") == ["*ann* psst"]
    assert ann.lines() == ["*ben* what?"]
    assert ann.ask("MSG ben hello") == [
        "!!! ben is a person here. MSG @ben hello tells only ben; "
        "MSG :ben hello tells everyone in #lobby."
    ]
    assert ann.ask("hello") == [
        "!!! There is no command hello. To speak: MSG hello. HELP lists the commands."
    ]
    assert ann.ask("NICK ben") == ["!!! The nickname ben is taken. Try ben_ or another."]
    assert ben.lines() == []


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("MSG hello", "<ann> hello"),
        ("msg hello", "<ann> hello"),
        ("/msg hello", "<ann> hello"),
        ("  MSG  two  spaces", "<ann> two  spaces"),
        ("MSG :)", "<ann> :)"),
        ("MSG ben", "<ann> ben"),
        ("MSG :ben hi", "<ann> ben hi"),
        ("MSG :BEN hi", "<ann> BEN hi"),
        ("MSG :#1 in the charts", "<ann> #1 in the charts"),
        ("MSG :@home", "<ann> @home"),
        ("MSG :nobody hi", "<ann> :nobody hi"),
        ("MSG # and @", "<ann> # and @"),
        ("MSG nobody hi", "<ann> nobody hi"),
        ("MSG #lobby hello", "<ann> hello"),
        ("MSG @ben psst", "*ann* psst"),
        ("MSG @BEN psst", "*ann* psst"),
        ("PRIVMSG ben :psst", "*ann* psst"),
        ("PRIVMSG #lobby :hello all", "<ann> hello all"),
        ("ME waves", "* ann waves"),
        ("ME ben waves", "* ann ben waves"),
        ("ME @ben winks", "*ann* * ann winks"),
        ("MSG :@#dev is for operators", "<ann> @#dev is for operators"),
        ("MSG :+#lobby hi", "<ann> +#lobby hi"),
        ("MSG +1 for that", "<ann> +1 for that"),
        ("MSG käse 🧀", "<ann> käse 🧀"),
    ],
)
def test_what_ann_types_is_heard_as(chat: Chat, typed: str, heard: str) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    assert ann.ask(typed) == []
    assert ben.lines() == ["*** ann joined #lobby", heard]


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("MSG", "!!! <text> is missing. Usage: MSG <text>"),
        ("ME", "!!! <text> is missing. Usage: ME <text>"),
        ("MSG @ben", "!!! Say something: MSG <text>"),
        ("MSG #lobby", "!!! Say something: MSG <text>"),
        ("MSG @nobody hi", "!!! Nobody here is called nobody."),
        ("MSG #nowhere hi", "!!! There is no channel #nowhere."),
        ("MSG #dev hi", "!!! You are not in #dev. JOIN #dev first."),
        ("MSG @#dev hi", "!!! You are not in #dev. JOIN #dev first."),
        ("MSG @#dev", "!!! Say something: MSG <text>"),
        ("MSG @#nowhere hi", "!!! There is no channel #nowhere."),
        ("PRIVMSG #dev", "!!! <text> is missing. Usage: PRIVMSG <targets> <text>"),
        ("helo", "!!! There is no command helo. Did you mean HELP? HELP lists the commands."),
        (
            "s3cret",
            "!!! There is no command s3cret. To speak: MSG s3cret. HELP lists the commands.",
        ),
        (f"MSG {LONG}", "!!! That is 5 bytes too long for everyone to read; 475 fit. "),
    ],
)
def test_what_cannot_be_said_is_refused_and_nobody_hears_it(
    chat: Chat, typed: str, answer: str
) -> None:
    chat.irc("dave", join="#dev")
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ben.lines()
    (line,) = ann.ask(typed)
    assert line.startswith(answer)
    assert ben.lines() == []


@pytest.mark.parametrize(
    ("typed", "verb", "spoken"),
    [
        ("hello", "hello", "hello"),
        ("Hello There", "Hello", "Hello There"),
        (":hello there", ":hello", ":hello there"),
        ("@ben the password is x", "@ben", "@ben the password is x"),
        ("@ben quit", "@ben", "@ben quit"),
        ("@ben hlp me", "@ben", "@ben hlp me"),
        (":ben who", ":ben", ":ben who"),
        ("#dev  hi :there", "#dev", "#dev  hi :there"),
        ("x" * 61, "x" * 59 + "…", "x" * 59 + "…"),
        ("x " * 40, "x", "x " * 29 + "x…"),
    ],
)
def test_words_that_are_no_command_are_shown_as_they_would_be_spoken(
    chat: Chat, typed: str, verb: str, spoken: str
) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ben.lines()
    assert ann.ask(typed) == [
        f"!!! There is no command {verb}. To speak: MSG {spoken}. HELP lists the commands."
    ]
    assert ben.lines() == []


def test_more_targets_than_stated_are_refused_by_name(chat: Chat) -> None:
    irc, ann = chat.irc("irc", ["message-tags"], join="#lobby"), chat.nc("ann")
    assert ",NOTICE:4,PRIVMSG:4,TAGMSG:4," in " ".join(irc.welcome)
    names = ["ann", "irc", "no0", "no1", "ben", "dave"]
    assert irc.ask(f"PRIVMSG {','.join(names)} :hi")[-1] == (
        ":chat.example 407 irc ben,dave :Too many targets, at most 4 at once"
    )
    assert irc.ask(f"@+x=y TAGMSG {','.join(names)}")[-1].split(" ")[1] == "407"
    assert irc.ask(f"NOTICE {','.join(['ann', 'Ann'] * 9 + names[2:])} :psst") == []
    assert ann.lines() == ["*irc* hi", "-irc- psst"]
    assert ann.ask(f"PRIVMSG {','.join(names)} hi")[-1] == (
        "!!! At most 4 at once; nothing was said to ben,dave."
    )


def test_the_length_named_in_a_refusal_fits(chat: Chat) -> None:
    ben, ann = chat.irc("ben", join="#lobby"), chat.nc("ann")
    ben.lines()
    assert ann.ask(f"MSG {'x' * 475}") == []
    (line,) = ben.lines()
    assert len(line) == 510


def test_a_private_word_typed_in_another_case_does_not_become_public(chat: Chat) -> None:
    ben, ann = chat.nc("Ben"), chat.nc("ann")
    assert ann.ask("MSG bEN hello") == [
        "!!! Ben is a person here. MSG @Ben hello tells only Ben; "
        "MSG :Ben hello tells everyone in #lobby."
    ]
    assert ben.lines() == ["*** ann joined #lobby"]


def test_lines_from_another_channel_name_it(chat: Chat) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ben.ask("JOIN #dev")
    ann.ask("MSG hello")
    assert ben.lines() == ["[#lobby] <ann> hello"]
    ben.ask("JOIN #lobby")
    ann.ask("MSG again", "ME waves")
    assert ben.lines() == ["<ann> again", "* ann waves"]


def test_who_speaks_to_themselves_reads_it(chat: Chat) -> None:
    ann = chat.nc("ann")
    assert ann.ask("MSG @ann remember the milk") == ["*ann* remember the milk"]


def test_a_person_in_no_channel_is_told_so(chat: Chat) -> None:
    ann = chat.nc("ann")
    ann.ask("PART")
    assert ann.ask("MSG hello") == ["!!! You are in no channel. JOIN one first; LIST shows them."]


def test_who_is_away_is_said_to_who_speaks_to_them(chat: Chat) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ben.ask("AWAY lunch")
    assert ann.ask("MSG @ben hi") == ["*** ben is away: lunch"]
    cyd = chat.irc("cyd")
    assert cyd.ask("PRIVMSG ben :hi") == [":chat.example 301 cyd ben :lunch"]


@pytest.mark.parametrize(
    ("sent", "heard"),
    [
        ("\x1b[2Jgone\x07\x08!", "[2Jgone!"),
        ("\x9b31mred", "31mred"),
        ("\x02bold\x0f \x0304,05colour\x03", "bold colour"),
        ("safe\u202egpj.exe", "safegpj.exe"),
        ("zero\u200bwidth", "zerowidth"),
        ("👩\u200d💻 می\u200cخواهم", "👩\u200d💻 می\u200cخواهم"),
        ("\x01VERSION\x01", None),
        ("\x01ACTION \x1b]0;waves\x07\x01", "* ben ]0;waves"),
    ],
)
def test_a_person_at_a_terminal_reads_only_printable_text(
    chat: Chat, sent: str, heard: str | None
) -> None:
    ann = chat.nc("ann")
    ben = chat.irc("ben", join="#lobby")
    ben.ask(f"PRIVMSG #lobby :{sent}")
    says = [] if heard is None else [heard if heard.startswith("* ") else f"<ben> {heard}"]
    assert ann.lines() == ["*** ben joined #lobby", *says]


def test_a_line_separator_cannot_forge_a_line_at_nc(chat: Chat) -> None:
    ann = chat.nc("ann")
    ben = chat.irc("ben", join="#lobby")
    ben.ask("PRIVMSG #lobby :hi\u2028*** ann was put out of #lobby\x85")
    assert ann.lines()[-1] == "<ben> hi*** ann was put out of #lobby"


def test_an_irc_client_is_relayed_formatting_as_it_was_sent(chat: Chat) -> None:
    ann, ben = chat.irc("ann", join="#lobby"), chat.irc("ben", join="#lobby")
    ann.lines()
    ben.ask("PRIVMSG #lobby :\x02bold\x0f \x01")
    assert ann.lines() == [":ben!~ben@127.0.0.1 PRIVMSG #lobby :\x02bold\x0f \x01"]


def test_a_question_to_a_program_is_explained_to_a_person(chat: Chat) -> None:
    ann, ben = chat.nc("ann"), chat.irc("ben")
    ben.ask("PRIVMSG ann :\x01VERSION\x01")
    assert ann.lines() == ["*ben* (asks your program for VERSION)"]


def test_one_event_is_read_by_each_in_their_own_way(chat: Chat) -> None:
    ann = chat.nc("ann")
    old, new = chat.irc("old", join="#lobby"), chat.irc("new", ["server-time", "message-tags"])
    new.ask("JOIN #lobby")
    far = chat.nc("far")
    far.ask("JOIN #dev")
    for each in (ann, old, new, far):
        each.lines()
    ann.ask("MSG hi", "ME waves")
    assert old.lines() == [
        ":ann!ann@127.0.0.1 PRIVMSG #lobby :hi",
        ":ann!ann@127.0.0.1 PRIVMSG #lobby :\x01ACTION waves\x01",
    ]
    assert far.lines() == ["[#lobby] <ann> hi", "[#lobby] * ann waves"]
    hi, waves = new.messages()
    assert (hi.source, hi.verb, hi.params) == ("ann!ann@127.0.0.1", "PRIVMSG", ("#lobby", "hi"))
    assert set(hi.tags) == {"time", "msgid"}
    assert hi.tags["msgid"] != waves.tags["msgid"]
    assert hi.tags["time"] <= waves.tags["time"]


def test_an_echo_has_the_msgid_and_time_of_the_delivery(chat: Chat) -> None:
    caps = ["echo-message", "server-time", "message-tags"]
    ann, ben = chat.irc("ann", caps, join="#dev"), chat.irc("ben", caps, join="#dev")
    ann.lines()
    for target in ("#dev", "ann"):
        (echo,) = ben.messages(f"PRIVMSG {target} :hi")
        (delivery,) = ann.messages()
        assert echo.tags == delivery.tags
        assert echo.tags["msgid"]
        assert echo.params == delivery.params == (target, "hi")


def test_without_echo_message_one_does_not_read_ones_own_words(chat: Chat) -> None:
    ann = chat.irc("ann", join="#dev")
    assert ann.ask("PRIVMSG #dev :hi", "NOTICE #dev :hi") == []


def test_a_privmsg_reaches_each_of_its_targets_once(chat: Chat) -> None:
    ann = chat.nc("ann")
    ben = chat.irc("ben", join="#lobby")
    ann.lines()
    assert ben.ask("PRIVMSG #lobby,ann,ann,nobody :hi") == [
        ":chat.example 401 ben nobody :No such nick or channel"
    ]
    assert ann.lines() == ["<ben> hi", "*ben* hi"]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("PRIVMSG", ":chat.example 411 ben :No recipient given (PRIVMSG)"),
        ("PRIVMSG #dev", ":chat.example 412 ben :No text to send"),
        ("PRIVMSG #dev :", ":chat.example 412 ben :No text to send"),
        ("PRIVMSG #dev :hi", ":chat.example 404 ben #dev :Cannot send to channel"),
        ("PRIVMSG @#dev :hi", ":chat.example 404 ben #dev :Cannot send to channel"),
        ("PRIVMSG @#nowhere :hi", ":chat.example 403 ben #nowhere :No such channel"),
        ("PRIVMSG @ann :hi", ":chat.example 401 ben @ann :No such nick or channel"),
        ("PRIVMSG #nowhere :hi", ":chat.example 403 ben #nowhere :No such channel"),
        (f"PRIVMSG ann :{LONG}", ":chat.example 417 ben :Input line was too long to pass on, by "),
        ("MSG nobody :hi", ":chat.example 401 ben nobody :No such nick or channel"),
        ("TAGMSG #dev", ":chat.example 421 ben TAGMSG :Unknown command"),
    ],
)
def test_an_irc_client_is_refused_by_numeric(chat: Chat, line: str, answer: str) -> None:
    chat.nc("ann").ask("JOIN #dev")
    ben = chat.irc("ben")
    (read,) = ben.ask(line)
    assert read.startswith(answer)


def test_msg_is_understood_from_an_irc_client(chat: Chat) -> None:
    ann, ben = chat.nc("ann"), chat.irc("ben")
    assert ben.ask("MSG ann :hello you") == []
    assert ann.lines() == ["*ben* hello you"]


def test_a_notice_is_heard_and_never_answered_with_an_error(chat: Chat) -> None:
    ann, ben = chat.nc("ann"), chat.irc("ben", join="#lobby")
    ann.lines()
    assert ben.ask("NOTICE #lobby :beep", "NOTICE nobody :beep", "NOTICE #lobby", "NOTICE") == []
    assert ann.lines() == ["-ben- beep"]


def test_tags_are_passed_on_to_those_who_asked_for_them(chat: Chat) -> None:
    ann = chat.irc("ann", ["message-tags"], join="#dev")
    old = chat.irc("old", join="#dev")
    ben = chat.irc("ben", ["message-tags"], join="#dev")
    for each in (ann, old):
        each.lines()
    ben.ask("@+typing=active;secret=1 TAGMSG #dev", "@+reply=a\\sb PRIVMSG #dev :hi")
    typing, hi = ann.messages()
    assert (typing.verb, typing.params) == ("TAGMSG", ("#dev",))
    assert typing.tags["+typing"] == "active"
    assert "secret" not in typing.tags
    assert hi.tags["+reply"] == "a b"
    assert old.lines() == [":ben!~ben@127.0.0.1 PRIVMSG #dev :hi"]


def test_tags_of_a_client_that_did_not_ask_for_tags_are_not_passed_on(chat: Chat) -> None:
    ann = chat.irc("ann", ["message-tags"], join="#dev")
    ben = chat.irc("ben", join="#dev")
    ann.lines()
    ben.ask("@+typing=active PRIVMSG #dev :hi")
    (hi,) = ann.messages()
    assert set(hi.tags) == {"msgid"}


def test_a_tagmsg_is_not_shown_to_people(chat: Chat) -> None:
    ann = chat.nc("ann")
    ben = chat.irc("ben", ["message-tags"], join="#lobby")
    ben.ask("@+typing=active TAGMSG #lobby", "@+typing=active TAGMSG ann")
    assert ann.lines() == ["*** ben joined #lobby"]


def test_what_only_operators_hear_names_to_whom_it_was_said(chat: Chat) -> None:
    ann, ben, cyd = chat.nc("ann"), chat.nc("ben"), chat.nc("cyd")
    dave, eve = chat.irc("dave"), chat.irc("eve", ["echo-message"])
    for each in (ann, ben, cyd, dave, eve):
        each.ask("JOIN #dev")
    ann.ask("MODE #dev +ov ben dave")
    for each in (ann, ben, cyd, dave, eve):
        each.lines()
    assert ben.ask("MSG @#DEV psst", "ME @#dev winks") == []
    assert eve.ask("PRIVMSG +#dev :beep") == [":eve!~eve@127.0.0.1 PRIVMSG +#dev :beep"]
    assert ben.ask("MSG +#dev boop")[1:] == []  # behind what eve said
    told = ["[@#dev] <ben> psst", "[@#dev] * ben winks", "[+#dev] <eve> beep", "[+#dev] <ben> boop"]
    assert ann.lines() == told
    assert [line.rpartition(":")[2] for line in dave.lines()] == ["beep", "boop"]
    assert cyd.lines() == []
    assert not [line for line in ann.ask("HISTORY #dev") if "psst" in line]


@pytest.mark.parametrize(
    ("modes", "said", "refused"),
    [
        ("", "PRIVMSG #dev :hi", ""),
        ("+m", "PRIVMSG #dev :hi", "Cannot send to channel: it is moderated (+m)"),
        ("+m", "PRIVMSG @#dev :hi", "Cannot send to channel: it is moderated (+m)"),
        ("+m", "@+typing=active TAGMSG #dev", "Cannot send to channel: it is moderated (+m)"),
        ("+mv ben", "PRIVMSG #dev :hi", ""),
        ("+b ben!*@*", "PRIVMSG #dev :hi", "Cannot send to channel: you are banned (+b)"),
        ("+b m:ben!*@*", "PRIVMSG #dev :hi", "Cannot send to channel: you are banned (+b)"),
        ("+b m:ben!*@*", "PRIVMSG @#dev :hi", "Cannot send to channel: you are banned (+b)"),
        ("+be m:*!*@* ben!*@*", "PRIVMSG #dev :hi", ""),
        ("+C", "PRIVMSG #dev :\x01VERSION\x01", "Cannot send CTCP to channel (+C)"),
        ("+C", "PRIVMSG #dev :\x01ACTION waves\x01", ""),
        ("+C", "PRIVMSG @#dev :\x01VERSION\x01", "Cannot send CTCP to channel (+C)"),
    ],
)
def test_the_modes_of_a_channel_say_who_may_speak(
    chat: Chat, modes: str, said: str, refused: str
) -> None:
    ann = chat.irc("ann", join="#dev")
    ben = chat.irc("ben", ["message-tags"], join="#dev")
    if modes:
        ann.ask(f"MODE #dev {modes}")
    ann.lines(), ben.lines()
    assert ben.ask(said) == [f":chat.example 404 ben #dev :{refused}"] * bool(refused)
    assert len(ann.lines()) == (not refused)
    if "PRIVMSG" in said:
        assert ben.ask(said.replace("PRIVMSG", "NOTICE")) == []


def test_who_is_outside_may_speak_where_everybody_may(chat: Chat) -> None:
    ann, ben = chat.irc("ann", join="#dev"), chat.irc("ben")
    refused = ":chat.example 404 ben #dev :Cannot send to channel"
    assert ben.ask("PRIVMSG #dev :hi") == [refused]
    ann.ask("MODE #dev -n")
    assert ben.ask("PRIVMSG #dev :hi", "PRIVMSG @#dev :hi") == [refused]
    assert ann.lines() == [":ben!~ben@127.0.0.1 PRIVMSG #dev :hi"]


@pytest.mark.parametrize(
    "tags",
    ["+typing=active", "+draft/reply=m1;+draft/react=👍", "+draft/unreact=👍;+reply=m1", "+x"],
)
def test_client_tags_are_passed_on_as_they_were_sent(chat: Chat, tags: str) -> None:
    ann = chat.irc("ann", ["message-tags"], join="#dev")
    ben = chat.irc("ben", ["message-tags"], join="#dev")
    ann.lines()
    ben.ask(f"@{tags} TAGMSG #dev", f"@{tags} PRIVMSG #dev :hi", f"@{tags} NOTICE ann :psst")
    for message in ann.messages():
        assert message.tags.pop("msgid")
        assert message.tags == parse_tags(tags)


def test_who_is_typing_is_not_kept(chat: Chat) -> None:
    ann = chat.irc("ann", ["message-tags", "draft/chathistory", "draft/event-playback"])
    ben = chat.irc("ben", ["message-tags"], join="#dev")
    ann.ask("JOIN #dev")
    ben.ask(
        "@+typing=active TAGMSG #dev",
        "@+typing=done;+draft/channel-context=#tea TAGMSG #dev",
        "@+typing=done;+channel-context=#tea TAGMSG #dev",
        "TAGMSG #dev",
        "@+draft/react=:);+typing=done TAGMSG #dev",
    )
    assert len(ann.lines()) == 5
    told = [each for each in ann.messages("CHATHISTORY LATEST #dev * 50") if each.verb == "TAGMSG"]
    assert ["+draft/react" in each.tags for each in told] == [True]


@pytest.mark.parametrize(
    ("line", "told", "else_told"),
    [
        ("ROLL tea", "FAIL ROLL REFUSED :tea is no", "NOTICE ben :tea is no"),
        ("VOTE x", "FAIL VOTE INVALID_PARAMS :answer is a whole", "NOTICE ben :VOTE: answer is"),
        ("KICK", "461 ben KICK :Not", "461 ben KICK :Not"),
        ("BATCH -1", "FAIL BATCH MULTILINE_INVALID :That", "FAIL BATCH MULTILINE_INVALID :That"),
        ("HISTORY", "NOTICE ben :No history yet", "NOTICE ben :No history yet"),
    ],
)
def test_a_refusal_without_a_numeric_is_a_standard_reply_to_those_who_asked(
    chat: Chat, line: str, told: str, else_told: str
) -> None:
    ben = chat.irc("ben", join="#dev")
    (read,) = ben.ask(line)
    assert read.startswith(f":chat.example {else_told}")
    ben.ask("CAP REQ standard-replies")
    (read,) = ben.ask(line)
    assert read.startswith(f":chat.example {told}")


def test_a_line_that_is_not_utf_8_is_refused_and_not_passed_on(chat: Chat) -> None:
    ann, ben, nc = chat.irc("ann", join="#lobby"), chat.irc("ben", join="#lobby"), chat.nc("nc")
    for each in (ann, ben, nc):
        each.lines()
    ben.send_bytes(b"PRIVMSG #lobby :caf\xe9\r\n")
    assert ben.lines() == [":chat.example FAIL * INVALID_UTF8 :Lines must be UTF-8"]
    nc.send_bytes(b"MSG caf\xe9\n")
    assert nc.lines() == ["!!! That line is not UTF-8 text; it was not done."]
    assert ann.lines() == []
