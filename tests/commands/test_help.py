"""HELP for people, COMMANDS for programs; that every command has help, and its examples hold."""

from __future__ import annotations

import re

import pytest

from ircish.command import Command, CommandTable, command
from ircish.pluginmanager import PluginManager
from ircish.sandbox import problems
from ircish.testing import Chat
from ircish.wire import parse

VERBS = (
    "NICK MSG ME QUIT HELP JOIN PART NAMES WHO WHOIS LIST TOPIC INVITE KICK OP DEOP AWAY "
    "HISTORY SEARCH MOTD TIME VERSION PING PASS OPER"
)
PLAIN_VERBS = VERBS.split(" ")


def every_command() -> tuple[Command, ...]:
    plugins = PluginManager()
    plugins.load_builtin()
    plugins.load_all()
    return plugins.table.commands


BUILT_IN = sorted({each.plugin for each in every_command() if each.tally is None})


@pytest.mark.parametrize("plugin", BUILT_IN)
def test_the_examples_of_every_command_are_true(plugin: str) -> None:
    assert problems(plugin) == []


@pytest.mark.parametrize("command", every_command(), ids=lambda command: command.verb)
def test_every_command_has_help(command: Command) -> None:
    assert re.fullmatch(r"[A-Z].*[.:)]", command.summary), command.summary
    assert command.hidden or command.examples


def test_every_verb_that_people_were_promised_is_there(chat: Chat) -> None:
    table = chat.server.commands
    assert set(PLAIN_VERBS) <= {command.verb for command in table.listed("plain")}


def test_help_shows_every_verb_in_one_line(chat: Chat) -> None:
    first, *lines, last = chat.connect().ask("HELP")
    assert first == "*** The commands:"
    assert last == "*** HELP <command> tells more of one."
    verbs = [line.removeprefix("***   ").split(" ")[0] for line in lines]
    assert verbs == sorted(verbs)
    assert set(PLAIN_VERBS) | {"ROLL", "PLUGIN"} <= set(verbs)
    assert all(len(line) <= 120 for line in lines), max(lines, key=len)


@pytest.mark.parametrize("typed", ["HELP kick", "help /KICK", "/help KICK"])
def test_help_of_one_verb_tells_usage_what_it_does_and_an_example(chat: Chat, typed: str) -> None:
    assert chat.nc("ann").ask(typed) == [
        "*** KICK [#channel] <nick> [<reason>] (channel operators)",
        "***   Put somebody out of a channel.",
        "***   For example: KICK ben too loud",
    ]


LISTED = [command for command in every_command() if not command.hidden]


@pytest.mark.parametrize("command", LISTED, ids=lambda command: command.verb)
def test_help_of_every_command_tells_usage_what_it_does_and_an_example(
    chat: Chat, command: Command
) -> None:
    (line, *_) = command.examples
    usage, *said, example = chat.connect().ask(f"HELP {command.verb}")
    assert usage.removeprefix("*** ").startswith(command.usage)
    assert [each.removeprefix("***   ") for each in said] == command.help.split("\n")
    assert example == f"***   For example: {line}"
    assert line.split(" ")[0] == command.verb


def test_help_tells_how_a_topic_is_removed(chat: Chat) -> None:
    ann = chat.nc("ann")
    assert any("TOPIC - removes it." in line for line in ann.ask("HELP TOPIC"))
    ann.ask("TOPIC tea at five")
    assert ann.ask("TOPIC -") == ["*** ann removed the topic of #lobby"]


def test_help_of_what_there_is_not_says_so(chat: Chat) -> None:
    ann = chat.nc("ann")
    assert ann.ask("HELP JION") == ["!!! There is no command JION. Did you mean JOIN?"]
    assert ann.ask("HELP tea") == ["!!! There is no command TEA. HELP lists the commands."]
    assert chat.irc("ben").ask("HELP tea") == [":chat.example 524 ben TEA :No help on that"]


def test_an_irc_client_reads_help_in_numerics(chat: Chat) -> None:
    lines = chat.irc("ben").ask("HELP TIME")
    assert lines[0] == ":chat.example 704 ben TIME :TIME"
    assert lines[-1].startswith(":chat.example 706 ben TIME :")
    assert all(line.startswith(":chat.example 705 ben TIME :") for line in lines[1:-1])


def test_the_catalogue_is_a_batch_of_verb_who_may_usage_and_summary(chat: Chat) -> None:
    start, *lines, end = chat.irc("ben", ["batch", "ircish/commands"]).messages("COMMANDS")
    reference = start.params[0].removeprefix("+")
    assert start.params[1:] == ("ircish/commands",)
    assert end.params == (f"-{reference}",)
    assert {line.tags["batch"] for line in lines} == {reference}
    rows = {line.params[0]: line.params[1:] for line in lines}
    assert rows["ROLL"] == ("anyone", "[<dice>]", "Roll dice for everyone to see.")
    assert [rows[verb][0] for verb in ("KICK", "TOPIC", "INVITE", "HISTORY", "LIST")] == [
        *("op", "member", "anyone", "anyone", "anyone")
    ]
    assert rows["KICK"][1] == "[#channel]\\s<nick>\\s[<reason>]"
    assert rows["MOTD"][1] == "*"
    assert "PRIVMSG" not in rows


def test_the_catalogue_is_told_anew_when_it_changes(chat: Chat) -> None:
    ben, old, ann = chat.irc("ben", ["batch", "ircish/commands"]), chat.irc("old"), chat.nc("ann")
    ben.messages("COMMANDS")
    others = [command for command in chat.server.commands.commands if command.verb != "ROLL"]
    chat.server.replace_commands(CommandTable(others))
    start, *lines, _ = ben.messages()
    assert start.params[1:] == ("ircish/commands",)
    verbs = {line.params[0] for line in lines}
    assert "KICK" in verbs
    assert "ROLL" not in verbs
    assert old.lines() == ann.lines() == []
    assert ann.ask("ROLL")[0].startswith("!!! There is no command ROLL.")


def test_without_batches_the_catalogue_is_its_lines_alone(chat: Chat) -> None:
    lines = chat.irc("ben").ask("COMMANDS")
    assert {message.verb for line in lines if (message := parse(line))} == {"COMMANDS"}


def test_a_line_of_the_catalogue_is_cut_where_it_would_be_too_long(chat: Chat) -> None:
    def talk(ctx: object) -> None: ...

    talk.__doc__ = "é" * 600
    chat.server.replace_commands(
        CommandTable([*chat.server.commands.commands, command("LONG")(talk)])
    )
    ben = chat.irc("ben", ["batch", "ircish/commands"])
    line = next(line for line in ben.ask("COMMANDS") if " COMMANDS LONG " in line)
    sent = line.partition(" ")[2].encode()  # tags do not count
    assert 508 <= len(sent) <= 510
    assert line.endswith("é")


def test_the_catalogue_is_not_for_people(chat: Chat) -> None:
    assert chat.nc("ann").ask("COMMANDS")[0].startswith("!!! There is no command COMMANDS.")
