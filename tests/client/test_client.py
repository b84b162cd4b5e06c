"""The client from the link's side and the keyboard's: coming in, coming back, what is typed."""

from __future__ import annotations

import pytest
from talking import EVERY_CAP, NOON, Talk, talk

from ircish.client.client import ARRIVING
from ircish.client.place import Place
from ircish.client.receiving import ServerCommand


def joins(lines: list[str]) -> list[str]:
    return [line[line.index("JOIN") :] for line in lines if "JOIN" in line]


def back(here: Talk, **how: str) -> list[str]:
    """Lose the connection and come back; what is sent then."""
    here.lose()
    here.connect()
    return here.come_in(**how)


# Coming in ----------------------------------------------------------------------------------------


def test_the_client_introduces_itself_and_says_where_it_connects() -> None:
    here = Talk(Place("chat.example", 5555, nick="ann", password="sesame"), real_name="Ann B.")
    assert here.client.nick == ""
    assert here.client.fold("BEN") == "ben"
    sent = here.connect()
    assert sent == ["CAP LS 302", "PASS sesame", "NICK ann", "USER ann 0 * :Ann B."]
    assert here.texts("") == ["Connecting to chat.example:5555…"]
    assert (here.client.state, here.client.inside, here.client.nick) == ("connected", False, "ann")
    here.come_in()
    assert (here.client.inside, here.client.arrived) == (True, True)
    assert "You are in as ann." in here.texts("")
    assert here.link.settled_times == 1


def test_before_a_session_our_nick_is_the_one_that_we_want() -> None:
    here = Talk()
    here.link.connect(here.place)
    assert here.client.nick == "ann"


def test_the_channels_that_were_asked_for_are_entered_and_the_last_is_shown() -> None:
    here = Talk(Place("chat.example", 5555, nick="ann", join=("#a", "#b")))
    here.connect()
    assert joins(here.come_in(isupport="ircish/DEFAULTCHANNEL=#lobby")) == ["JOIN #a,#b"]
    here.enter("#a")
    here.enter("#b")
    assert here.windows.current is here.window("#b")


def test_without_any_the_default_channel_is_entered() -> None:
    here = Talk()
    here.connect()
    assert joins(here.come_in(isupport="ircish/DEFAULTCHANNEL=#lobby")) == ["JOIN #lobby"]
    here.enter("#lobby")
    assert here.windows.current is here.window("#lobby")


def test_elsewhere_no_channel_is_entered() -> None:
    here = Talk()
    here.connect()
    assert joins(here.come_in()) == []


def test_a_server_that_never_ends_its_welcome_is_arrived_at_anyway() -> None:
    here = Talk(Place("chat.example", 5555, nick="ann", join=("#a",)))
    here.connect()
    here.hear(":chat.example 001 ann :Welcome")
    here.sent()
    here.wait(ARRIVING - 1)
    assert here.sent() == []
    here.wait(1)
    assert joins(here.sent()) == ["JOIN #a"]
    here.hear(":chat.example 376 ann :End")
    assert joins(here.sent()) == []


def test_a_welcome_of_a_connection_that_is_gone_does_nothing() -> None:
    here = talk()
    here.lose()
    here.connect()
    here.wait(ARRIVING)
    assert not here.client.arrived


# Coming back --------------------------------------------------------------------------------------


def test_a_lost_connection_is_told_where_it_is_felt() -> None:
    here = talk()
    here.hear(":cas!~c@h PRIVMSG ann :ann?", ":ben!~b@h PRIVMSG #dev :ann?")
    here.enter("#left")
    here.hear(":ann!~a@h PART #left")
    here.lose("The connection was reset.", after=7.0)
    for name in ("", "#dev", "cas"):
        assert (here.last(name).text, here.last(name).kind) == (
            "The connection was reset.",
            "error",
        )
    assert here.last("#left").text == "You have left #left"
    assert here.last("mentions").text == "ann?"
    assert (here.client.state, here.client.retry_at) == ("waiting", 7.0)
    assert not here.client.inside


def test_a_try_that_fails_is_told_in_the_servers_window_only() -> None:
    here = talk()
    here.lose()
    lines = len(here.texts("#dev"))
    here.link.connect(here.place)
    here.lose("Nothing listens.")
    assert here.last("").text == "Nothing listens."
    assert len(here.texts("#dev")) == lines


def test_what_the_server_said_last_is_told_with_the_loss() -> None:
    here = talk()
    here.hear("ERROR :Closing Link: Ping timeout")
    here.lose("chat.example:5555 closed the connection.")
    told = "chat.example:5555 closed the connection. It said: Closing Link: Ping timeout"
    assert here.last("#dev").text == told
    here.connect()
    here.lose("x.")
    assert here.last("").text == "x."


def test_coming_back_takes_the_same_nick_and_channels_and_no_other_window() -> None:
    here = talk()
    here.enter("#tea")
    here.hear(":ann!~a@h NICK anna")
    windows = [window.name for window in here.windows]
    here.lose()
    assert "NICK anna" in here.connect()
    assert joins(here.come_in(nick="anna")) == ["JOIN #dev,#tea"]
    here.enter("#dev", "ben")
    assert [window.name for window in here.windows] == windows
    assert here.windows.current is here.window("#dev")
    assert "You are in #dev." in here.texts("#dev")[-3:]
    assert "No MOTD" not in here.texts("#dev")


def test_a_nick_that_was_taken_is_wanted_again() -> None:
    here = Talk()
    here.connect()
    here.hear(":chat.example 433 * ann :In use")
    here.come_in(nick="ann_")
    assert here.client.nick == "ann_"
    here.lose()
    assert "NICK ann" in here.connect()


def test_keys_are_said_again() -> None:
    here = talk()
    here.client.type("/join #secret sesame")
    here.enter("#secret")
    assert joins(back(here)) == ["JOIN #secret,#dev sesame"]


def test_many_channels_take_several_lines() -> None:
    here = Talk()
    here.connect()
    here.come_in()
    names = [f"#{'x' * 40}{each}" for each in range(30)]
    for name in names:
        here.enter(name)
    lines = joins(back(here))
    assert len(lines) > 1
    assert all(len(line) < 480 for line in lines)
    assert ",".join(line.split(" ")[1] for line in lines) == ",".join(names)


def test_a_channel_that_was_left_is_not_entered_again_be_it_the_default_one() -> None:
    here = Talk()
    here.connect()
    here.come_in(isupport="ircish/DEFAULTCHANNEL=#lobby")
    here.enter("#lobby")
    here.client.type("/part")
    here.hear(":ann!~a@h PART #lobby")
    assert joins(back(here, isupport="ircish/DEFAULTCHANNEL=#lobby")) == []


def test_a_connection_that_is_lost_again_before_all_is_back_forgets_nothing() -> None:
    here = talk()
    here.enter("#tea")
    here.lose()
    here.connect()
    here.hear(":chat.example 001 ann :Welcome")
    here.lose()
    here.connect()
    here.come_in()
    here.enter("#dev")
    assert joins(back(here)) == ["JOIN #tea,#dev"]


def test_a_channel_that_lets_us_in_no_more_says_so_in_its_window() -> None:
    here = talk()
    here.lose()
    here.connect()
    label = here.come_in()[0].split(" ")[0]
    here.show("")
    here.hear(
        f"{label} :chat.example BATCH +b labeled-response",
        "@batch=b :chat.example 474 ann #dev :Cannot join channel (+b)",
        ":chat.example BATCH -b",
    )
    assert here.last("#dev").text == "You are banned from #dev."
    assert joins(back(here)) == []


def test_without_reconnect_it_is_not_tried_again() -> None:
    here = talk(reconnect=False)
    here.lose("Gone.", after=3.0)
    assert here.link.gave_up
    assert (here.client.state, here.client.retry_at) == ("off", None)
    assert here.last("#dev").text == "Gone. /reconnect connects again."


@pytest.mark.parametrize(
    "line", ["464 * :Password incorrect", "465 * :You are banned", "463 * :Not from here"]
)
def test_a_refusal_for_good_is_not_tried_again(line: str) -> None:
    here = Talk()
    here.connect()
    here.hear(f":chat.example {line}")
    assert here.link.gave_up
    assert here.last("").text == "It is not tried again by itself; /reconnect tries it."
    inside = talk()
    inside.hear(f":chat.example {line}")
    assert not inside.link.gave_up


def test_another_server_knows_nothing_of_the_channels_of_the_old() -> None:
    here = talk()
    here.client.type("hello")
    here.client.type("/connect other.example 5556")
    assert here.last("#dev").text.startswith("1 line was not sent")
    assert "You have left chat.example:5555." in here.texts("#dev")
    here.connect(here.link.places[-1])
    assert joins(here.come_in()) == []
    assert not here.client.type("hello")


def test_the_same_server_by_hand_knows_where_we_were() -> None:
    here = talk()
    here.client.type("/disconnect bye")
    assert "QUIT bye" in here.sent()
    assert (here.client.state, here.last("#dev").text) == ("off", "Disconnected.")
    here.client.type("/reconnect")
    here.connect(Place("chat.example", 5555, nick="annie"))
    assert here.client.nick == "annie"
    assert joins(here.come_in(nick="annie")) == ["JOIN #dev"]


# Leaving ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "setting", "said"),
    [("/quit", "", "QUIT"), ("/quit so long", "x", "QUIT :so long"), ("/quit", "bye", "QUIT bye")],
)
def test_leaving_says_goodbye(typed: str, setting: str, said: str) -> None:
    here = talk(quit_message=setting)
    here.client.type(typed)
    assert here.face.left
    here.client.goodbye()
    assert here.sent()[-1] == said


def test_there_is_no_goodbye_to_nobody() -> None:
    here = Talk()
    here.client.goodbye()
    here.connect()
    here.client.goodbye()
    assert here.sent() == []


# Typing -------------------------------------------------------------------------------------------


def test_what_is_typed_is_said_or_done() -> None:
    here = talk(send_burst=100)
    for text in ("hello", "//etc", "a\n\n//b", " /me waves", "  "):
        assert here.client.type(text)
    assert [line.split(" ", 1)[1] for line in here.sent()] == [
        "PRIVMSG #dev hello",
        "PRIVMSG #dev /etc",
        "PRIVMSG #dev a",
        "PRIVMSG #dev //b",
        "PRIVMSG #dev :\1ACTION waves\1",
    ]


def test_a_command_in_several_lines_is_not_said_aloud() -> None:
    here = talk()
    assert not here.client.type("hello\n /oper ann hunter2")
    assert not here.client.type("/msg ben secret\nmore of it")
    assert here.sent() == []
    assert here.last("#dev").text.startswith("A command is one line")
    assert here.client.type("/msg ben secret\n")


def test_a_verb_of_the_servers_is_sent_and_an_unknown_one_is_not() -> None:
    here = talk()
    assert here.client.session
    here.client.session.catalogue["ROLL"] = ServerCommand("ROLL", "anyone", "[<dice>]", "Roll.")
    assert here.client.type("/roll 2d6")
    assert here.sent()[0].endswith("ROLL 2d6")
    assert not here.client.type("/rol1")
    assert here.sent() == []
    assert "Nothing was sent" in here.last("#dev").text


def test_nobody_hears_what_is_typed_in_the_servers_window() -> None:
    here = talk()
    here.show("")
    assert not here.client.type("hello")
    assert here.last("").text == (
        "Nobody hears you in this window; #dev is window 2 (Alt-2), /join goes elsewhere."
    )
    alone = Talk()
    alone.connect()
    alone.come_in()
    assert not alone.client.type("hello")
    assert "/join #CHANNEL" in alone.last("").text


def test_what_cannot_be_a_line_is_refused() -> None:
    here = talk()
    with pytest.raises(Exception, match="cannot be sent as one line"):
        here.client.send("WHOIS", "two words", "x")
    assert not here.client.type("/quote  a\rb")
    assert here.last("#dev").text == "That is not one line of text."
    assert here.client.type("/quote WHO #dev")
    assert here.sent()[0].endswith("WHO #dev")


def test_speaking_scrolls_to_the_end() -> None:
    here = talk()
    here.window("#dev").anchor = 0
    here.client.type("hello")
    assert here.window("#dev").anchor is None


def test_a_setting_counts_at_once() -> None:
    here = talk()
    here.settings.put("lines", 100)
    here.settings.put("theme", "light")
    here.hear(*(f":ben!~b@h PRIVMSG #dev :{each}" for each in range(200)))
    assert len(here.entries("#dev")) <= 105


def test_the_clock_is_the_one_that_was_passed_in() -> None:
    here = talk()
    here.elapsed = 1.5
    assert here.client.now() == int((NOON + 1.5) * 1000)
    here.client.show("hello")
    assert here.last("#dev").time == here.client.now()


def test_capabilities_can_come_later() -> None:
    here = Talk()
    here.connect()
    here.come_in("")
    here.hear(f":chat.example CAP ann NEW :{EVERY_CAP}")
    assert any(line.startswith("CAP REQ") for line in here.sent())
