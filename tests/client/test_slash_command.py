"""@slash_command and Commands: from what is typed after the slash to the function, the alias or
the server's verb that it means."""

from __future__ import annotations

import logging
from typing import Any, Literal

import pytest
from person import Person

from ircish.client.command import (
    Commands,
    Mistake,
    SettingName,
    SlashCommand,
    WindowName,
    slash_command,
)
from ircish.client.receiving import ServerCommand
from ircish.command import Channel, Nick, Rest, Taken

Client = Any


@slash_command("tell", aliases=("te",))
def tell(client: Client, channel: Channel, nick: Nick, text: Rest = "hm") -> None:
    """Tell somebody
    something.

    Once more.
    """
    client.show(f"{channel}|{nick}|{text}")


@slash_command("pick")
def pick(client: Client, size: Literal["small", "large"], many: int = 1, each: float = 0.5) -> None:
    """Pick."""
    client.show(f"{size}|{many}|{each}")


@slash_command("named")
def named(client: Client, setting: SettingName, window: WindowName = "1") -> None:
    """Name."""
    client.show(f"{setting}|{window}")


@slash_command("burst")
def burst(client: Client, how: str = "") -> None:
    """Fail."""
    if how == "exit":
        raise SystemExit
    if how == "mistake":
        raise Mistake("No.", done=True)
    raise KeyError(how)


PICK = "Usage: /pick <small|large> [<many>] [<each>]"


@pytest.fixture
def ann() -> Person:
    """In #dev, with four commands of a plugin."""
    person = Person().come_in("#dev")
    person.client.commands.add("mine", [tell, pick, named, burst])
    return person


def test_the_function_is_the_usage_and_its_docstring_the_help() -> None:
    assert tell.usage == "/tell [#channel] <nick> [<text>]"
    assert tell.name == "tell"
    assert tell.names == ("tell", "te")
    assert tell.summary == "Tell somebody something."
    assert tell.help == "Tell somebody something.\nOnce more."


def no_help(client: Client) -> None: ...


async def waiting(client: Client) -> None:
    """Wait."""


def unsayable(client: Client, numbers: list[int]) -> None:
    """Count."""


def after_the_rest(client: Client, text: Rest, more: str) -> None:
    """Go on."""


def unshowable(client: Client) -> None:
    """\x1b[2J"""


@pytest.mark.parametrize(
    ("name", "function", "wrong"),
    [
        ("x", no_help, "/x has no help: its function needs a docstring"),
        ("x", waiting, "/x: write def, not async def; it must not wait"),
        ("x", unsayable, "numbers has a type that nobody can type"),
        ("x", after_the_rest, "nothing can come after text, the rest"),
        ("x", unshowable, "its help has what cannot be shown"),
        ("X", tell.function, "'X' cannot be a slash-command: small letters and digits"),
        ("/x", tell.function, "cannot be a slash-command"),
    ],
)
def test_a_function_that_cannot_be_a_command_fails_the_load(
    name: str, function: Any, wrong: str
) -> None:
    with pytest.raises(TypeError) as error:
        slash_command(name)(function)
    assert wrong in str(error.value)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("/tell ben", "#dev|ben|hm"),
        ("/TELL ben hi  there ", "#dev|ben|hi  there"),
        ("/te #tea ben #dev", "#tea|ben|#dev"),
        ("/tell", "<nick> is missing. Usage: /tell [#channel] <nick> [<text>]"),
        ("/pick small", "small|1|0.5"),
        ("/pick  large  3  2.5", "large|3|2.5"),
        (
            "/pick big",
            "size is one of small, large, not big. Usage: /pick <small|large> [<many>] [<each>]",
        ),
        ("/pick small x", "many is a whole number, not x. " + PICK),
        ("/pick small 1 1 1", "That is more than /pick takes: 1. " + PICK),
        ("/named theme 3", "theme|3"),
    ],
)
def test_arguments_are_what_was_typed(ann: Person, typed: str, shown: str) -> None:
    assert ann.reads(typed) == [shown]


def test_a_channel_is_needed_where_the_window_is_none(ann: Person) -> None:
    ann.client.windows.show(ann.client.windows.server)
    assert ann.reads("/tell ben") == [
        "This window is no channel's; say which one: /tell [#channel] <nick> [<text>]"
    ]
    assert ann.reads("/tell #tea ben") == ["#tea|ben|hm"]


def test_before_there_is_a_server_a_channel_is_known_by_its_sign() -> None:
    person = Person()
    person.client.commands.add("mine", [tell])
    assert person.reads("/tell #tea ben") == ["#tea|ben|hm"]


def test_a_mistake_leaves_what_was_typed_unless_it_is_done(ann: Person) -> None:
    assert ann.type("/pick small")
    assert not ann.type("/pick big")
    assert ann.type("/burst mistake")


@pytest.mark.parametrize("how", ["", "exit"])
def test_a_fault_is_one_sentence_and_a_traceback_in_the_log(
    ann: Person, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "ircish.client.plugins"):
        assert ann.reads(f"/burst {how}") == [
            "/burst failed; that is a fault of mine's, and is logged."
        ]
    assert caplog.records[0].exc_info


def test_a_name_that_another_has_is_refused_and_nothing_of_that_plugin_is_added() -> None:
    commands = Commands()
    before = commands.table
    other = slash_command("nobody", aliases=("join",))(tell.function)
    with pytest.raises(Taken, match="mine: the command /join is ircish's already"):
        commands.add("mine", [pick, other])
    assert commands.table is before
    commands.add("mine", [pick])
    assert "pick" in commands.table
    assert "pick" not in before
    assert commands.find("/PICK") is not None


def test_every_command_of_ours_has_a_short_summary_a_group_and_names_of_its_own() -> None:
    listed = Commands().listed()
    assert len(listed) > 40
    for command in listed:
        assert command.group
        assert len(command.summary) <= 60, command.verb
        assert command.summary.endswith("."), command.verb


PROMISED = """connect disconnect reconnect join j part leave query q msg m me notice nick names n
topic t whois wi away back mode kick k ban unban invite op deop voice devoice list ignore unignore
highlight hilight win w close wc clear lastlog search set unset alias unalias url help quit exit bye
quote raw resend ctcp ping history say"""


@pytest.mark.parametrize("name", PROMISED.split())
def test_the_fingers_of_an_irssi_user_find_it(name: str) -> None:
    assert isinstance(Commands().find(name), SlashCommand)


# Names that nothing has ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("/jion #x", "/join"),
        ("/jo #x", "/join"),
        ("/whosi ben", "/whois"),
        ("/rol", "/roll"),
        ("/hel", "/help"),
    ],
)
def test_the_nearest_is_named_and_nothing_is_sent(ann: Person, typed: str, near: str) -> None:
    name = typed.partition(" ")[0]
    shown: list[str] = []
    assert ann.sends("") == []
    shown = ann.reads(typed)
    assert shown == [f"There is no command {name}; did you mean {near}? Nothing was sent."]
    assert ann.link.sent() == []


def test_the_most_used_of_those_that_begin_so_is_the_nearest(ann: Person) -> None:
    ann.client.commands.used["kickban"] = 5
    assert ann.client.commands.nearest(ann.client, "ki") == "kickban"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("/zzzz", "There is no command /zzzz; /help lists what there is. Nothing was sent."),
        ("/", "After the slash comes a command; /help lists them, and //text says /text."),
        ("/ hello", "After the slash comes a command; /help lists them, and //text says /text."),
    ],
)
def test_what_is_near_nothing_is_not_said(ann: Person, typed: str, shown: str) -> None:
    assert ann.reads(typed) == [shown]
    assert ann.link.sent() == []


# Aliases ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alias", "typed", "sent"),
    [
        ("/whois $1 $1", "/x ben", ["WHOIS ben ben"]),
        ("whois", "/x ben", ["WHOIS ben"]),
        ("quote a $2- b", "/x one two  three", ["a two  three b"]),
        ("quote a $2 b", "/x one two three", ["a two b"]),
        ("quote $*", "/x one  two", ["one  two"]),
        ("quote $9 a", "/x one", ["a"]),
        ("quote $channel $nick $price", "/x", ["#dev ann $price"]),
        ("quote $1", "/x $2 b", ["$2"]),
        ("roll", "/x 2d6", ["ROLL 2d6"]),
        ("/x $1", "/x ben", []),
    ],
)
def test_an_alias_stands_for_its_text(ann: Person, alias: str, typed: str, sent: list[str]) -> None:
    ann.client.settings.alias("x", alias)
    assert ann.sends(typed) == sent


def test_an_alias_goes_before_the_command_of_its_name_which_it_may_use(ann: Person) -> None:
    ann.client.settings.alias("w", "/whois $1")
    ann.client.settings.alias("join", "/join $1 sesame")
    assert ann.sends("/w ben") == ["WHOIS ben"]
    assert ann.sends("/join #x") == ["JOIN #x sesame"]


def test_what_an_alias_comes_to_is_known_before_it_is_done(ann: Person) -> None:
    ann.client.settings.alias("id", "/say2 identify $1")
    ann.client.settings.alias("say2", "msg NickServ $*")
    commands = ann.client.commands
    assert commands.meaning(ann.client, "/id sesame") == "/msg NickServ identify sesame"
    assert commands.meaning(ann.client, "/join #x") == "/join #x"
    assert ann.link.sent() == []


def test_aliases_that_need_each_other_end(ann: Person) -> None:
    ann.client.settings.alias("x", "/y")
    ann.client.settings.alias("y", "/x")
    assert ann.reads("/x")[0].startswith("There is no command /x")


# Verbs of the server's ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("/roll", ["ROLL"]),
        ("/ROLL 2d6", ["ROLL 2d6"]),
        ("/roll 2d6  3d8", ["ROLL :2d6  3d8"]),
        ("/poll what  is it", ["POLL #dev :what  is it"]),
        ("/poll #tea what", ["POLL #tea what"]),
        ("/kline ben  too loud", ["KLINE ben :too loud"]),
        ("/light on", ["LIGHT on"]),
        ("/stop", ["STOP"]),
    ],
)
def test_a_verb_of_the_server_is_sent_as_its_usage_says(
    ann: Person, typed: str, sent: list[str]
) -> None:
    assert ann.sends(typed) == sent


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("/kline", "<nick> is missing. Usage: /kline <nick> [<reason>]"),
        ("/poll", "<question> is missing. Usage: /poll [#channel] <question>"),
        ("/stop now", "That is more than /stop takes: now. Usage: /stop"),
    ],
)
def test_what_its_usage_does_not_allow_is_not_sent(ann: Person, typed: str, shown: str) -> None:
    assert ann.reads(typed) == [shown]
    assert ann.link.sent() == []


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("/shout hi", ["SHOUT hi"]),
        ("/shout hi  all of you", ["SHOUT hi :all of you"]),
        ("/shout 3 hi all", ["SHOUT 3 :hi all"]),
    ],
)
def test_what_can_be_left_out_before_the_last_is_left_to_the_server(
    ann: Person, typed: str, sent: list[str]
) -> None:
    assert ann.client.session
    usage = "[<times>] <text>"
    ann.client.session.catalogue["SHOUT"] = ServerCommand("SHOUT", "anyone", usage, "Shout.")
    assert ann.sends(typed) == sent
    assert ann.reads("/shout") == [f"<text> is missing. Usage: /shout {usage}"]


def test_a_channel_in_a_usage_is_left_out_where_the_window_is_none(ann: Person) -> None:
    ann.client.windows.show(ann.client.windows.server)
    assert ann.sends("/poll what") == ["POLL what"]


def test_a_command_of_ours_stays_ours(ann: Person) -> None:
    assert ann.sends("/kick ben") == ["KICK #dev ben"]
    assert "search" in Commands().table


def test_a_server_that_tells_no_commands_has_those_of_irc() -> None:
    person = Person().come_in("#dev", catalogue=False)
    assert person.sends("/motd") == ["MOTD"]
    assert person.sends("/whowas ben 3") == ["WHOWAS ben 3"]


def test_without_a_server_there_are_no_verbs() -> None:
    assert Person().reads("/motd")[0].startswith("There is no command /motd")
