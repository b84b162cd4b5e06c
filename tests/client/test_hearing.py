"""What is heard becomes lines: in which window, in which words."""

from __future__ import annotations

import pytest
from talking import EVERY_CAP, FEW_CAPS, Talk, old, talk

from ircish.client.log import MENTION, OWN, PRIVATE
from ircish.client.windows import Activity


def news(here: Talk, name: str, line: str) -> list[str]:
    """What a line of the server's adds to a window."""
    before = len(here.texts(name)) if here.windows.find(name) or not name else 0
    here.hear(line)
    return here.texts(name)[before:] if here.windows.find(name) or not name else []


@pytest.mark.parametrize(
    ("line", "where", "words"),
    [
        (":ben!~b@h KICK #dev cas :enough", "#dev", "cas was put out of #dev by ben (enough)"),
        (":ben!~b@h KICK #dev cas", "#dev", "cas was put out of #dev by ben"),
        (":ben!~b@h KICK #dev cas :ben", "#dev", "cas was put out of #dev by ben"),
        (
            ":ben!~b@h KICK #dev ann :enough",
            "#dev",
            "ben put you out of #dev (enough); /join #dev goes back in.",
        ),
        (":ann!~a@h PART #dev :bye", "#dev", "You have left #dev (bye)"),
        (":ann!~a@h PART #nowhere", "", "You have left #nowhere"),
        (":ben!~b@h TOPIC #dev :Tea", "#dev", "ben has set the topic of #dev: Tea"),
        (":ben!~b@h TOPIC #dev :", "#dev", "ben has removed the topic of #dev"),
        (":chat.example 332 ann #dev :Tea", "#dev", "Topic of #dev: Tea"),
        (":chat.example 331 ann #dev :No topic", "#dev", "#dev has no topic."),
        (":chat.example 333 ann #dev ben!~b@h nonsense", "#dev", "It was set by ben."),
        (":ben!~b@h MODE #DEV +o cas", "#dev", "ben sets +o cas on #DEV"),
        (":ann MODE ann +i", "", "ann sets +i on ann"),
        (":chat.example 324 ann #dev +nt", "#dev", "Modes of #dev: +nt"),
        (":chat.example 324 ann #dev +", "#dev", "#dev has no modes."),
        (":ben!~b@h INVITE ann #tea", "#dev", "ben invites you to #tea; /join #tea goes there."),
        (":ben!~b@h INVITE cas #dev", "#dev", "ben has invited cas to #dev"),
        (":ben!~b@h REDACT #dev 0-9", "#dev", "ben took back a message"),
        (":ben!~b@h REDACT #dev 0-9 :oops", "#dev", "ben took back a message (oops)"),
        (":ben!~b@h REDACT ann 0-9", "", "ben took back a message"),
        (":ben!~b@h NICK benny", "#dev", "ben is now known as benny"),
        (":ann!~a@h NICK anna", "#dev", "You are now known as anna"),
        (":ann!~a@h NICK anna", "", "You are now known as anna"),
        (":chat.example 306 ann :x", "#dev", "You are away; /back says that you are back."),
        (":chat.example 305 ann :x", "#dev", "You are back."),
        (":chat.example 366 ann #dev :End", "#dev", "#dev (2): ann ben"),
        ("WARN JOIN SLOW #dev :Not so fast", "#dev", "#dev Not so fast"),
        ("NOTE * HELLO :Hello", "#dev", "Hello"),
        ("ERROR :Closing Link", "", "The server says goodbye: Closing Link"),
        (":chat.example NOTICE * :Looking up", "", "Looking up"),
        ("NOTICE AUTH :Looking up", "", "Looking up"),
        (":chat.example PRIVMSG ann :hello", "", "hello"),
        (":chat.example 372 ann :- Hello", "#dev", "Hello"),
        (":chat.example 482 ann #dev :No", "#dev", "Only an operator of #dev may do that."),
    ],
)
def test_a_line_of_the_server_is_told_in_words(line: str, where: str, words: str) -> None:
    here = talk()
    here.client.type("/whois ben")
    assert words in news(here, where, line)


def test_when_a_topic_was_set_is_told() -> None:
    words = news(talk(), "#dev", ":chat.example 333 ann #dev ben!~b@h 1795348800")
    assert words[0].startswith("It was set by ben on 2026-11-2")


def test_what_says_nothing_to_a_person_is_not_shown() -> None:
    here = talk()
    before = [len(window.log) for window in here.windows]
    for line in ("PONG x :y", ":ben!~b@h TAGMSG #dev", ":ben!~b@h AWAY :x", "NOTE * X :"):
        here.hear(line)
    here.hear(":cas!~c@h QUIT :of a channel that we are not in", ":c!~c@h NICK d")
    here.hear(":chat.example 366 ann #nowhere :End")
    assert [len(window.log) for window in here.windows] == before


def test_coming_in_opens_a_window_and_shows_it_where_that_was_asked() -> None:
    here = Talk()
    here.connect()
    here.come_in()
    here.enter("#other")
    assert here.windows.current is here.windows.server
    here.client.type("/join #dev")
    here.enter("#dev")
    assert here.windows.current is here.window("#dev")
    here.client.type("/join #other")
    assert here.windows.current is here.window("#other")


def test_who_is_in_a_channel_is_told_on_coming_in() -> None:
    here = talk()
    here.enter("#few", "@Cas", "+ben")
    assert here.texts("#few")[-1] == "Also here: +ben, @Cas"
    here.enter("#many", *(f"n{each}" for each in range(9)))
    assert here.texts("#many")[-1] == "9 others are here."


def test_a_channel_that_sends_us_on_is_shown_as_the_one_that_was_asked_for() -> None:
    here = talk()
    here.client.type("/join #tea")
    here.hear(":chat.example 470 ann #tea ##tea :Forwarding to another channel")
    here.enter("##tea")
    assert here.windows.current is here.window("##tea")
    here.hear(":chat.example 470 ann #x ##x :Forwarding")
    here.enter("##x")
    assert here.windows.current is here.window("##tea")


def test_a_private_message_opens_a_window_and_rings() -> None:
    here = talk()
    here.hear(":cas!~c@h PRIVMSG ann :hello")
    window = here.window("cas")
    assert (window.kind, window.activity) == ("query", Activity.MENTION)
    assert here.windows.current is here.window("#dev")
    assert here.last("cas").flags == PRIVATE
    assert here.face.notified == [("cas", "hello")]
    here.show("cas")
    here.hear(":CAS!~c@h PRIVMSG ann :\x02again\x02")
    assert len(here.windows) == 3
    assert len(here.face.notified) == 1
    here.windows.look(False)
    here.hear(":cas!~c@h PRIVMSG ann :\x02again\x02")
    assert here.face.notified[1:] == [("cas", "again")]


def test_somebody_whom_a_server_names_without_a_host_is_a_person() -> None:
    here = talk()
    here.hear(":cas PRIVMSG ann :hello")
    assert here.last("cas").text == "hello"


def test_what_we_say_to_somebody_opens_the_window_without_showing_it() -> None:
    here = talk()
    here.client.type("/msg cas hello")
    assert here.last("cas").text == "hello"
    assert here.windows.current is here.window("#dev")
    assert here.window("cas").activity is Activity.NONE


def test_notices_of_people_are_where_we_talk_with_them_or_where_we_are() -> None:
    here = talk()
    here.hear(":cas!~c@h NOTICE ann :one")
    entry = here.last("#dev")
    assert (entry.kind, entry.nick, entry.where, entry.flags) == ("notice", "cas", "ann", 0)
    here.hear(":cas!~c@h PRIVMSG ann :two", ":cas!~c@h NOTICE ann :three")
    assert (here.last("cas").text, here.last("cas").where) == ("three", "")
    here.hear(":ben!~b@h NOTICE #dev :four")
    assert (here.last("#dev").text, here.last("#dev").where) == ("four", "")
    here.hear(":ben!~b@h PRIVMSG #dev :ann!")
    here.show("mentions")
    here.hear(":dan!~c@h NOTICE ann :five")
    assert here.last("").text == "five"


def test_words_for_some_of_a_channel_say_to_whom() -> None:
    here = talk()
    here.hear(":ben!~b@h PRIVMSG @#dev :psst")
    assert (here.last("#dev").text, here.last("#dev").where) == ("psst", "@#dev")


def test_words_that_were_not_to_us_alone_say_to_whom() -> None:
    here = talk()
    here.hear(":oper!~o@h PRIVMSG $*.example :beware")
    assert here.last("oper").where == "$*.example"
    here.hear(":ben!~b@h PRIVMSG #nowhere :x")
    assert (here.last("").text, here.last("").where) == ("x", "#nowhere")
    here.client.type("/whois ben")
    here.hear(":ann!~a@h NOTICE cas :from elsewhere")
    assert (here.last("#dev").text, here.last("#dev").where) == ("from elsewhere", "cas")
    here.hear(":ann!~a@h PRIVMSG ann :to myself")
    assert (here.last("ann").text, here.last("ann").where) == ("to myself", "")


def test_a_crowd_of_strangers_does_not_open_windows_without_end() -> None:
    here = talk()
    here.hear(*(f":n{each}!~c@h PRIVMSG ann :hello" for each in range(300)))
    assert len(here.windows) == 200
    assert (here.last("").nick, here.last("").text) == ("n299", "hello")


def test_a_window_follows_a_new_nick() -> None:
    here = talk()
    here.hear(":ben!~b@h PRIVMSG ann :hello", ":ben!~b@h NICK benny")
    assert here.last("benny").text == "ben is now known as benny"
    here.hear(":benny!~b@h NICK BENNY")
    assert here.window("benny").name == "BENNY"
    here.hear(":cas!~c@h PRIVMSG ann :hello", ":BENNY!~b@h NICK cas")
    assert [window.name for window in here.windows][-2:] == ["BENNY", "cas"]


def test_who_speaks_is_remembered_under_a_new_nick_and_not_without_end() -> None:
    here = talk()
    here.hear(":ben!~b@h PRIVMSG #dev :hello", ":ben!~b@h NICK benny")
    window = here.window("#dev")
    assert list(here.client.hears.spoke[window]) == ["benny"]
    here.hear(*(f":n{each}!~b@h PRIVMSG #dev :x" for each in range(1_001)))
    assert len(here.client.hears.spoke[window]) == 1_000
    assert "benny" not in here.client.hears.spoke[window]


def test_nothing_is_remembered_of_windows_that_are_closed() -> None:
    here = talk()
    here.hear(":ben!~b@h PRIVMSG #dev :hello", ":cas!~c@h JOIN #dev")
    here.client.type("/close")
    here.client.query("ben")
    assert here.client.hears.spoke == {}


def test_a_quit_is_told_in_the_channels_and_the_private_window() -> None:
    here = talk()
    here.enter("#tea", "ben")
    here.enter("#empty")
    here.hear(":ben!~b@h PRIVMSG ann :hello", ":ben!~b@h QUIT :bye")
    assert [here.last(name).text for name in ("#dev", "#tea")] == ["ben has quit (bye)"] * 2
    assert here.last("ben").text == "ben has quit (bye)"
    assert here.last("#empty").text == "Nobody else is here."


def test_who_we_talk_with_goes_away_and_comes_back() -> None:
    here = talk()
    here.hear(":ben!~b@h PRIVMSG ann :hello", ":ben!~b@h AWAY :lunch")
    assert here.last("ben").text == "ben is away: lunch"
    here.hear(":ben!~b@h AWAY")
    assert here.last("ben").text == "ben is back"


def test_that_somebody_is_away_is_told_once_and_when_it_is_asked() -> None:
    here = talk()
    here.client.type("/msg ben hello")
    here.sent()
    away = ":chat.example 301 ann ben :lunch"
    here.hear(away, away)
    assert here.texts("ben") == ["hello", "ben is away: lunch"]
    here.client.type("/whois ben")
    here.hear(f"{here.sent()[-1].split(' ')[0]} {away}")
    assert here.last("#dev").text == "ben is away: lunch"
    here.hear(":ben!~b@h AWAY :tea", ":chat.example 301 ann ben :tea", away)
    assert here.texts("ben")[1:] == ["ben is away: lunch", "ben is away: tea", "ben is away: lunch"]
    here.hear(":chat.example 301 ann cas :asleep")
    assert here.last("#dev").text == "cas is away: asleep"
    here.client.windows.close(here.window("ben"))
    here.client.query("cas")
    assert here.client.hears._aways == {}


def test_after_a_kick_the_window_stays_and_says_the_way_back() -> None:
    here = talk()
    here.hear(":ben!~b@h KICK #dev ann")
    assert here.windows.current is here.window("#dev")
    assert not here.client.type("hello")
    assert here.last("#dev").text == "You are not in #dev; /join #dev goes in."
    here.client.type("/join")
    here.enter("#dev")
    assert len(here.windows) == 2
    assert here.client.type("hello")


# Answers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("caps", [EVERY_CAP, FEW_CAPS])
def test_an_answer_is_shown_where_it_was_asked_for(caps: str) -> None:
    here = Talk()
    here.connect()
    here.come_in(caps)
    here.enter("#dev")
    here.enter("#tea")
    here.show("#dev")
    here.sent()
    here.client.type("/whois ben")
    (line,) = here.sent()
    label = line.split(" ")[0] + " " if line[0] == "@" else ""
    here.show("#tea")
    before = len(here.texts("#tea"))
    if label:
        here.client.type("/topic")
    here.hear(f"{label}:chat.example 311 ann ben ~b host * :Ben")
    assert here.last("#dev").text == "ben is ~b@host (Ben)"
    assert len(here.texts("#tea")) == before


@pytest.mark.parametrize("caps", [EVERY_CAP, FEW_CAPS])
def test_a_refusal_is_shown_where_the_command_was_typed(caps: str) -> None:
    here = Talk()
    here.connect()
    here.come_in(caps)
    here.enter("#dev")
    here.show("#dev")
    here.sent()
    here.client.type("/join #secret")
    (line,) = here.sent()
    label = line.split(" ")[0] + " " if line[0] == "@" else ""
    here.show("")
    here.hear(f"{label}:chat.example 475 ann #secret :Cannot join channel (+k)")
    assert here.last("#dev").text == "#secret has a key: /join #secret KEY"
    assert here.last("#dev").kind == "error"


def test_an_answer_to_a_window_that_was_closed_is_in_the_servers() -> None:
    here = talk()
    here.client.type("/whois ben")
    label = here.sent()[0].split(" ")[0]
    here.client.type("/close")
    here.hear(f"{label} :chat.example 311 ann ben ~b host * :Ben")
    assert here.last("").text == "ben is ~b@host (Ben)"


def test_what_the_server_says_of_itself_is_in_its_window() -> None:
    here = talk()
    here.hear(":chat.example 396 ann my.host :is now your displayed host")
    assert "my.host" in here.last("").text


def test_names_and_topics_of_channels_we_are_not_in_are_where_we_asked() -> None:
    here = talk()
    here.client.type("/topic #tea")
    here.hear(":chat.example 332 ann #tea :Earl Grey", ":chat.example 333 ann #tea ben 1")
    assert here.texts("#dev")[-2] == "Topic of #tea: Earl Grey"


def test_a_row_that_is_gathered_is_not_shown() -> None:
    here = talk()
    got: list[list[str]] = []

    def gather(verb: str) -> str:
        done = lambda told: got.append([each.params[0] for each in told])  # noqa: E731
        here.client.asking.gather(("322",), ("323",), done)
        here.client.send(verb)
        return here.sent()[-1].split(" ")[0]

    before = here.texts("#dev")
    label = gather("LIST")
    here.hear(
        f"{label} :chat.example BATCH +b labeled-response",
        "@batch=b :chat.example 322 ann #a 1 :A",
        "@batch=b :chat.example 322 ann #b 1 :B",
        "@batch=b :chat.example 323 ann :End",
        ":chat.example BATCH -b",
    )
    assert got == [["#a", "#b"]]
    refused = gather("LIST")
    here.hear(f"{refused} :chat.example 263 ann LIST :Try again")
    assert here.last("#dev").text == "LIST was not done: Try again"
    here.hear(":chat.example 322 ann #c 1 :C")
    assert here.last("#dev").text.split() == ["1", "#c", "C"]
    gather("LIST")
    newest = gather("LIST")
    here.hear("@label=other :chat.example 322 ann #x 1 :X", f"{newest} :chat.example 323 ann :End")
    assert got == [["#a", "#b"], []]
    assert len(here.texts("#dev")) == len(before) + 3


def test_of_an_answer_without_end_not_all_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ircish.client.asking.MOST_GATHERED", 2)
    here = talk()
    got: list[int] = []
    here.client.asking.gather(("322",), ("323",), lambda told: got.append(len(told)))
    here.client.send("LIST")
    here.hear(*[":chat.example 322 ann #a 1 :A"] * 5, ":chat.example 323 ann :End")
    assert got == [2]


def test_a_channel_that_is_left_at_once_is_told_of_without_who_was_there() -> None:
    here = talk()
    end = ":chat.example 366 ann #tea :End"
    here.hear(":ann!~a@h JOIN #tea", end, end, ":ann!~a@h PART #tea")
    assert here.texts("#tea") == ["You are in #tea.", "You have left #tea"]


def test_labels_that_are_never_answered_are_forgotten() -> None:
    here = talk(send_burst=1_000)
    here.client.type("/whois ben")
    first = here.sent()[0].split(" ")[0]
    for _ in range(1_000):
        here.client.send("PING", "x")
    here.show("")
    here.client.send("PING", "x")
    here.hear(f"{first} :chat.example 311 ann ben ~b host * :Ben")
    assert here.last("").text == "ben is ~b@host (Ben)"


def test_without_a_session_nothing_is_heard() -> None:
    here = Talk()
    here.client.received(b":ben!~b@h PRIVMSG ann :hello\r\n")
    assert len(here.windows) == 1
    assert here.client.outgoing() == b""


def test_the_marks_of_those_who_speak_are_shown() -> None:
    here = talk()
    here.hear(":chat.example MODE #dev +o ben", ":ben!~b@h PRIVMSG #dev :hello")
    assert here.last("#dev").mark == "@"


def test_a_nick_that_is_taken_is_said_with_the_next() -> None:
    here = Talk()
    here.connect()
    here.hear(":chat.example 433 * ann :Nickname is already in use")
    assert here.last("").text == "ann is taken; trying ann_."
    assert here.sent() == ["NICK ann_"]


def test_our_own_words_never_ring() -> None:
    here = old()
    here.client.type("ann ann ann")
    assert here.last("#dev").flags == OWN
    assert not here.last("#dev").flags & MENTION


def test_what_was_read_elsewhere_is_read_here() -> None:
    here = talk()
    here.client.windows.show(here.client.windows.server)
    assert any(
        line.endswith("MARKREAD #dev timestamp=2026-11-22T12:00:00.000Z") for line in here.sent()
    )
    at = "2026-11-22T12:00:0{}.000Z"
    for each in (1, 2):
        here.hear(f"@time={at.format(each)} :ben!b@h PRIVMSG #dev :line {each}")
    window = here.window("#dev")
    here.hear(f":chat.example MARKREAD #dev timestamp={at.format(1)}")
    assert window.unread is not None
    assert window.log[window.unread].text == "line 2"
    here.hear(f":chat.example MARKREAD #dev timestamp={at.format(5)}", ":x MARKREAD #none *")
    assert window.unread is None
    assert not window.activity
