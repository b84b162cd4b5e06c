"""Help: the commands, one of them, the keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ircish import phrases
from ircish.client.command import (
    BUILT_IN,
    CommandName,
    Mistake,
    SlashCommand,
    slash_command,
    verbs,
)

if TYPE_CHECKING:
    from ircish.client.client import Client
    from ircish.client.receiving import ServerCommand

WIDEST = 34
"""Columns of usage before a summary; a longer one pushes its own to the right."""


@slash_command("help", aliases=("h",))
def help_(client: Client, name: CommandName = "") -> None:
    """See all commands, one of them, or the keys.

    /help join, /help keys
    """
    name = name.removeprefix("/").lower()
    if not name:
        _all(client)
    elif name == "keys":
        _keys(client)
    elif command := client.commands.find(name):
        _one(client, command)
    elif alias := client.settings.aliases.get(name):
        client.show(f"/{name} is your own, for {alias}")
    elif verb := verbs(client).get(name.upper()):
        if client.inside and "HELP" in verbs(client):  # which tells more than the catalogue
            client.send("HELP", verb.verb)
        else:
            client.show(f"{usage(verb)}{phrases.WHO_MAY.get(verb.allow, '')}")
            client.show(verb.summary)
    else:
        near = client.commands.nearest(client, name)
        hint = f"did you mean /help {near}?" if near else "/help lists what there is."
        raise Mistake(f"There is no command /{name}; {hint}")


def usage(verb: ServerCommand) -> str:
    """``/roll [<dice>]``"""
    return f"/{verb.verb.lower()} {verb.usage}".rstrip(" ")


def _all(client: Client) -> None:
    groups: dict[str, list[tuple[str, str]]] = {}
    for command in client.commands.listed():
        built_in = command.plugin == BUILT_IN
        group = command.group if built_in else f"From the plugin {command.plugin}"
        groups.setdefault(group, []).append((command.usage, command.summary))
    own = client.commands.table
    if others := [each for verb, each in sorted(verbs(client).items()) if verb.lower() not in own]:
        groups["From the server"] = [
            (usage(each), f"{each.summary}{phrases.WHO_MAY.get(each.allow, '')}") for each in others
        ]
    if aliases := client.settings.aliases:
        groups["Your own"] = [(f"/{name}", text) for name, text in sorted(aliases.items())]
    width = min(WIDEST, max(len(usage) for rows in groups.values() for usage, _ in rows))
    for group, rows in groups.items():
        client.show(group)
        for usage_, summary in rows:
            client.show(f"  {usage_:{width}}  {summary}")
    client.show("/help NAME tells more of one, /help keys shows the keys.")


def _one(client: Client, command: SlashCommand) -> None:
    client.show(command.usage)
    for line in command.help.split("\n"):
        client.show(line)
    if command.aliases:
        client.show(f"Also {', '.join(f'/{alias}' for alias in command.aliases)}")
    if command.plugin != BUILT_IN:
        client.show(f"From the plugin {command.plugin}")


def _keys(client: Client) -> None:
    from ircish.client.keys import KEYS

    rows = [key for key in KEYS if key.does]
    width = min(WIDEST, max(len(key.keys) for key in rows))
    for key in rows:
        client.show(f"  {key.keys:{width}}  {key.does}")


def commands_table(commands: Iterable[SlashCommand]) -> str:
    """Every command as a Markdown table, with a row for each group's name."""
    rows, group = ["| Command | Does | Also |", "|---|---|---|"], ""
    for command in commands:
        if command.group != group:
            group = command.group
            rows.append(f"| **{group}** | | |")
        usage_ = command.usage.replace("|", "\\|")
        also = ", ".join(f"`/{alias}`" for alias in command.aliases)
        rows.append(f"| `{usage_}` | {command.summary} | {also} |")
    return "\n".join(rows) + "\n"


def client_commands() -> list[SlashCommand]:
    return [help_]
