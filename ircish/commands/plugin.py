"""PLUGIN: see, load, exchange and take out plugins while the server runs."""

from __future__ import annotations

from typing import Literal

from ircish.command import Command, command
from ircish.context import Context
from ircish.hookspecs import hookimpl
from ircish.plugin import Plugin
from ircish.pluginmanager import BUILT_IN, NotLoaded

Action = Literal["list", "load", "unload", "reload", "stats"]


@command("PLUGIN", aliases=["PLUGINS"], allow="oper", examples={"PLUGIN list": ""})
def plugin(ctx: Context, action: Action = "list", name: str = "") -> None:
    """See, load or exchange plugins: PLUGIN reload roll.

    A reload takes the file as it is now, runs its examples, and puts it in the place of the one
    before in one step; where that cannot be, the one before stays, and you are told why. Loading
    one also brings back what was switched off because it failed.

    PLUGIN stats tells how often each command and hook was called, how often it failed, and how
    long it took; PLUGIN stats roll tells it of one plugin.
    """
    plugins = ctx.server.plugins
    if action == "list":
        if name:
            raise ctx.refuse(f"PLUGIN list takes no name; did you mean PLUGIN load {name}?")
        _list(ctx)
    elif action == "stats":
        _stats(ctx, name)
    elif not name:
        raise ctx.refuse(f"Say which one: PLUGIN {action} <name>. PLUGIN list shows them.")
    elif action == "unload":
        if name not in plugins.plugins:
            raise ctx.refuse(f"There is no plugin {name} to unload. PLUGIN list shows them.")
        try:
            plugins.unload(name)
        except NotLoaded as problem:
            raise ctx.refuse(f"{problem}.") from None
        ctx.log.info("%s unloaded %s", ctx.nick, name)
        ctx.reply(f"Plugin {name} is unloaded; what it has stored stays.")
    else:
        _load(ctx, action, name)


def _load(ctx: Context, action: str, name: str) -> None:
    plugins = ctx.server.plugins
    before = plugins.plugins.get(name)
    if action == "reload" and before is None:
        raise ctx.refuse(f"There is no plugin {name} to reload; PLUGIN load {name} loads it.")
    if before and before.origin == BUILT_IN:
        raise ctx.refuse(f"{name} is built in and stays as it is.")
    source = plugins.find(name)
    if source is None:
        raise ctx.refuse(f"There is no file {name}.py where plugins are, and no package has it.")
    try:
        now = plugins.load(source)
    except NotLoaded as problem:
        kept = " The one before goes on." if before else ""
        raise ctx.refuse(f"Plugin {name} is not loaded: {problem}{kept}") from None
    ctx.log.info("%s loaded %s", ctx.nick, name)
    verbs = " ".join(each.verb for each in now.commands) or "no commands"
    if now.needs:
        verbs = f"not configured, it needs {now.needs}"
    ctx.reply(f"Plugin {name} is {'loaded anew' if before else 'loaded'}: {verbs}.")


def _list(ctx: Context) -> None:
    for each in ctx.server.plugins.plugins.values():
        if each.origin != BUILT_IN:
            verbs = " ".join(command.verb for command in each.commands)
            hooks = " ".join(hook for hook in each.hooks if hook != "server_commands")
            off = " ".join(what for what, tally in each.tallies.items() if tally.off)
            off, needs = off and f"off: {off}", each.needs and f"not configured: needs {each.needs}"
            parts = [each.name, verbs, hooks, off, needs, f"({each.origin})"]
            ctx.reply("  ".join(part for part in parts if part))
    for name, why in ctx.server.plugins.failed.items():
        ctx.reply(f"{name}  not loaded: {why}")


def _stats(ctx: Context, name: str) -> None:
    plugins = ctx.server.plugins.plugins
    if name and name not in plugins:
        raise ctx.refuse(f"There is no plugin {name}. PLUGIN list shows them.")
    chosen = [plugins[name]] if name else plugins.values()
    lines = [line for each in chosen for line in stats(each)]
    for line in lines or ["Nothing was called since it was loaded."]:
        ctx.reply(line)


def stats(plugin: Plugin) -> list[str]:
    """A line for each command and hook that was called."""
    return [
        f"{plugin.name}  {what}  {tally.calls} calls  {tally.faults} faults  "
        f"median {tally.median * 1000:.1f} ms  worst {tally.worst * 1000:.1f} ms"
        + ("  switched off" if tally.off else "")
        for what, tally in plugin.tallies.items()
        if tally.calls
    ]


@hookimpl
def server_commands() -> list[Command]:
    return [plugin]
