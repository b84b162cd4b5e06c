"""What Tab makes of a word, and the hint for the command that is typed."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from person import Person

from ircish.client.command import slash_command
from ircish.client.completing import MOST, candidates, hint
from ircish.client.receiving import ServerCommand
from ircish.client.settings import Settings
from ircish.command import Channel, Nick, Rest


@pytest.fixture
def ann() -> Person:
    """In #tea and, where she looks, in #dev; Cas spoke there before dora."""
    person = Person().come_in("#tea", "#dev")
    person.hear(
        ":ann!~ann@host JOIN #door",
        ":chat.example 353 ann = #door :ann doris",
        ":chat.example 366 ann #door :End",
        "@time=2026-11-22T12:00:00.000Z :Cas!c@h PRIVMSG #dev :hm",
        "@time=2026-11-22T12:00:05.000Z :dora!d@h PRIVMSG #dev :ah",
    )
    person.client.windows.show(person.window("#dev"))
    return person


def offered(person: Person, text: str, cursor: int | None = None) -> list[str]:
    cursor = len(text) if cursor is None else cursor
    return [each.text for each in candidates(text, cursor, person.client).candidates]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("d", ["dora: "]),
        ("D", ["dora: "]),
        ("", ["dora: ", "Cas: ", "ben: ", "ann: "]),
        ("hi ", ["dora ", "Cas ", "ben ", "ann "]),
        ("hi ca", ["Cas "]),
        ("hi x", []),
        ("one\nd", ["dora: "]),
        ("/one\n/d", []),
        ("//d", []),
        ("#", ["#dev ", "#door ", "#tea "]),
        ("go to #T", ["#tea "]),
    ],
)
def test_nicks_and_channels_in_what_is_said(ann: Person, text: str, found: list[str]) -> None:
    assert offered(ann, text) == found


def test_the_word_before_the_cursor_counts(ann: Person) -> None:
    text = "hi ca there"
    found = candidates(text, 5, ann.client)
    assert (found.start, [each.text for each in found.candidates]) == (3, ["Cas "])


def test_who_is_away_is_told_and_signs_before_a_nick_need_not_be_typed(ann: Person) -> None:
    ann.hear(":[eve]!e@h JOIN #dev", ":ben!b@h AWAY :lunch")
    assert offered(ann, "ev") == ["[eve]: "]
    assert candidates("be", 2, ann.client).candidates[0].about == "away"


def test_the_suffix_is_a_setting(ann: Person) -> None:
    ann.client.settings.put("completion_suffix", ", ")
    assert offered(ann, "d") == ["dora, "]


def test_in_a_private_window_its_nick_is_offered(ann: Person) -> None:
    ann.type("/query eve")
    assert offered(ann, "e") == ["eve: "]
    assert offered(ann, "d") == []


def test_before_there_is_a_server_nothing_fails() -> None:
    person = Person()
    assert offered(person, "d") == []
    assert offered(person, "#d") == []
    assert offered(person, "/msg d") == []
    assert "/join " in offered(person, "/jo")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/jo", ["/join "]),
        ("/lea", ["/leave "]),
        ("/ki", ["/kick ", "/kickban "]),
        ("/KLI", ["/kline "]),
        ("/sto", ["/stop"]),
        ("/clo", ["/close"]),
        ("/zz", []),
        ("/wi", ["/wi ", "/wii ", "/win "]),
    ],
)
def test_commands_of_ours_of_the_user_and_of_the_server(
    ann: Person, text: str, found: list[str]
) -> None:
    ann.client.settings.alias("wii", "/whois $1 $1")
    assert offered(ann, text) == found


def test_the_menu_is_ranked_by_use(ann: Person) -> None:
    assert offered(ann, "/")[:2] == ["/alias ", "/away "]
    ann.type("/win")
    ann.type("/w 3")
    ann.type("/roll")
    assert offered(ann, "/")[:3] == ["/win ", "/roll ", "/alias "]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # whom: here first, then elsewhere
        ("/msg d", ["dora ", "doris "]),
        ("/whois ", ["dora ", "Cas ", "ben ", "ann ", "doris "]),
        ("/msg #d", ["#dev ", "#door "]),
        ("/msg ben d", ["dora "]),
        ("/me looks at d", ["dora "]),
        ("/op be", ["ben "]),
        ("/op ben do", ["dora ", "doris "]),
        ("/ban be", ["ben "]),
        # where
        ("/join #t", ["#tea "]),
        ("/join te", ["#tea "]),
        ("/part ", ["dora ", "Cas ", "ben ", "ann ", "#dev ", "#door ", "#tea "]),
        ("/kick #t", ["#tea "]),
        ("/kick do", ["dora ", "doris ", "#door "]),
        ("/kick #tea do", ["dora ", "doris "]),
        ("/kick ben do", ["dora "]),
        ("/names ", ["#dev ", "#door ", "#tea "]),
        # what
        ("/set the", ["theme "]),
        ("/set theme ", ["dark ", "light "]),
        ("/set theme l", ["light "]),
        ("/set fold ", ["on ", "off "]),
        ("/set lines ", ["100000 "]),
        ("/set xyz ", []),
        ("/unset the", ["theme "]),
        ("/unalias ", ["wii "]),
        ("/unignore b", ["ben "]),
        ("/unhighlight ", ["tea "]),
        ("/win d", ["#dev ", "#door "]),
        ("/win ne", ["next "]),
        ("/win #t", ["#tea "]),
        ("/help jo", ["join "]),
        ("/help /jo", ["join "]),
        ("/help ke", ["keys "]),
        ("/help ro", ["roll "]),
        ("/nick d", []),
        ("/close d", []),
        ("/wii d", []),
        ("/zz d", []),
        # of a plugin, of the server
        ("/size ", ["small ", "large "]),
        ("/size s", ["small "]),
        ("/light o", ["on ", "off "]),
        ("/light on x", []),
        ("/kline d", ["dora ", "doris "]),
        ("/kline ben d", ["dora "]),
        ("/gift d", ["dora ", "doris "]),
        ("/gift ben cas d", ["dora ", "doris "]),
        ("/shine ", ["hall ", "attic ", "on ", "off "]),
        ("/shine o", ["on ", "off "]),
        ("/shine attic ", ["on ", "off "]),
        ("/size2 o", ["on ", "off "]),
        ("/size2 on d", ["dora ", "doris "]),
        ("/size2 on dora ca", ["Cas "]),
        ("/poll #t", ["#tea "]),
        ("/roll d", []),
        ("/stop d", []),
    ],
)
def test_arguments_by_their_kind(ann: Person, text: str, found: list[str]) -> None:
    settings = ann.client.settings
    settings.alias("wii", "/whois $1 $1")
    settings.add("ignore", "ben")
    settings.add("highlight", "tea")

    def size(client: Any, size: Literal["small", "large"]) -> None:
        """Choose."""

    def size2(client: Any, on: bool, *nicks: Nick) -> None:
        """Choose more."""

    ann.client.commands.add("mine", [slash_command("size")(size), slash_command("size2")(size2)])
    assert ann.client.session
    ann.client.session.catalogue |= {
        "GIFT": ServerCommand("GIFT", "anyone", "<who> [<old-nick>...]", "Give."),
        "SHINE": ServerCommand("SHINE", "anyone", "[<hall|attic>] [<on|off>]", "Shine."),
    }
    assert offered(ann, text) == found


def test_outside_a_channel_a_channel_comes_first(ann: Person) -> None:
    ann.type("/win 1")
    assert offered(ann, "/kick ")[:1] == ["#dev "]


def test_channels_that_list_told_come_last(ann: Person) -> None:
    ann.client.listed = ("#alpha", "#TEA")
    assert offered(ann, "/join #") == ["#dev ", "#door ", "#tea ", "#alpha "]


def test_those_whom_you_talk_to_are_offered_elsewhere_too(ann: Person) -> None:
    ann.type("/msg eve hi")
    assert offered(ann, "/msg e") == ["eve "]
    assert offered(ann, "e") == []


def test_plugins_offer_words_of_their_own(ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def complete(word: str, session: object) -> list[str]:
        asked.append(word)
        return [":tea:"]

    monkeypatch.setattr(ann.client.plugins, "complete", complete)
    assert offered(ann, "some :t") == [":tea: "]
    assert offered(ann, "/me likes :t") == [":tea: "]
    assert ":tea: " not in offered(ann, "some ")
    assert ":tea: " not in offered(ann, "/m")
    assert asked == [":t", ":t"]


def test_no_more_is_offered_than_one_can_look_at(ann: Person) -> None:
    ann.enter("#huge", " ".join(f"x{n}" for n in range(1000)))
    assert len(offered(ann, "x")) == MOST


# The hint -----------------------------------------------------------------------------------------

KICK = "Put somebody out of a channel."
WIN = "Go to a window, list or move them."


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ("", "", "", "")),
        ("hello", ("", "", "", "")),
        ("/", ("", "", "", "")),
        ("//kick", ("", "", "", "")),
        ("/kick\nben", ("", "", "", "")),
        ("/ki", ("", "", "", "")),
        ("/kick", ("/kick [#channel] <nick> [<reason>]", "", "", KICK)),
        ("/kick ", ("/kick ", "[#channel]", " <nick> [<reason>]", KICK)),
        ("/kick #d", ("/kick ", "[#channel]", " <nick> [<reason>]", KICK)),
        ("/kick b", ("/kick [#channel] ", "<nick>", " [<reason>]", KICK)),
        ("/kick #dev ", ("/kick [#channel] ", "<nick>", " [<reason>]", KICK)),
        ("/kick ben ", ("/kick [#channel] <nick> ", "[<reason>]", "", KICK)),
        ("/kick ben too loud ", ("/kick [#channel] <nick> ", "[<reason>]", "", KICK)),
        ("/K ben", ("/k [#channel] ", "<nick>", " [<reason>]", KICK)),
        ("/roll 2", ("/roll ", "[<dice>]", "", "Roll dice for everyone to see.")),
        ("/stop ", ("/stop", "", "", "Stop it.")),
        ("/light on ", ("/light <on|off> ", "[<room>]", "", "Switch a light.")),
        (
            "/win 1 2 3 ",
            ("/win [<where>] [<number>]", "", "", WIN),
        ),
        ("/wii ben", ("/wii", "", "", "your own, for /whois $1 $1")),
        ("/zzzz", ("", "", "", "nothing is called /zzzz; /help lists what there is.")),
        ("/ki ben", ("", "", "", "nothing is called /ki; did you mean /kick?")),
        ("/jion", ("", "", "", "nothing is called /jion; did you mean /join?")),
    ],
)
def test_the_hint_tells_which_argument_is_typed(
    ann: Person, text: str, shown: tuple[str, str, str, str]
) -> None:
    ann.client.settings.alias("wii", "/whois $1 $1")
    assert hint(text, ann.client) == shown


def test_a_hint_needs_no_server() -> None:
    assert hint("/roll", Person(Settings()).client).about.startswith("nothing is called /roll")


def test_a_command_may_take_only_a_channel(ann: Person) -> None:
    def enter(client: Any, channel: Channel, text: Rest = "") -> None:
        """Enter."""

    ann.client.commands.add("mine", [slash_command("enter")(enter)])
    assert hint("/enter hm", ann.client).current == "[<text>]"
