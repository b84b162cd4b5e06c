"""The command line: ircish [chat] | serve | send | tail | history | passwd | plugins."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import difflib
import errno
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ircish.arguments import (
    HOST,
    PLUGIN_ACTIONS,
    PORT,
    Failure,
    Parser,
    Version,
    add_chat,
    add_history,
    add_nothing,
    add_plugins,
    add_send,
    add_serve,
    add_tail,
)
from ircish.text import printable

if TYPE_CHECKING:
    from ircish.client.link import Link
    from ircish.client.place import Place
    from ircish.config import Config

NAME = re.compile("@?[^\0- ,:@\ud800-\udfff][^\0- ,\ud800-\udfff]*")
"""What can be a target in a line."""

INTERRUPTED = 130
"""The exit code of a program that Ctrl-C ended."""


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says; the exit code: 2 where it cannot be done as asked for, 1
    where it failed on the way."""
    try:
        code = run(list(sys.argv[1:] if argv is None else argv))
        if sys.stdout:
            sys.stdout.flush()
        return code
    except Failure as failure:
        print(f"ircish: {printable(str(failure))}", file=sys.stderr)
        return failure.code
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        if error.errno not in (errno.EPIPE, errno.ENOSPC):
            raise
        # what is still buffered must not complain at the end
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        if error.errno == errno.EPIPE:
            return 0  # the reader had enough
        print("ircish: the disk is full; not all was written.", file=sys.stderr)
        return 1


def run(words: Sequence[str]) -> int:
    """Do what the words say; the exit code. Raises Failure."""
    try:
        args = parse(words)
    except SystemExit as end:  # --help, --version
        return int(end.code or 0)
    with contextlib.suppress(AttributeError):  # closed, or not a file: nothing to fear
        sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    code: int = args.run(args)
    return code


def chat(args: argparse.Namespace) -> int:
    """Chat until the person at the terminal leaves. Bare `ircish` brings a server along."""
    place = told_place(args)
    embedded = args.bare and not args.host and not place.tls
    from ircish.client.face import run as begin

    return begin(place, plain=args.plain or not has_screen(), embedded=embedded)


def told_place(args: argparse.Namespace) -> Place:
    """The server, and who to be there; the nick may be left open. Raises Failure."""
    from ircish.client.place import NoPlace, channels, check_nick, parse

    try:
        place = parse(args.host or "", args.port or "", tls=args.tls, insecure=args.tls_insecure)
        join = channels(args.join or "")
        nick = check_nick(args.nick or "")
    except NoPlace as wrong:
        raise Failure(str(wrong)) from None
    if set(args.password) & set("\0\r\n"):
        raise Failure("that password is not one line of text.")
    return dataclasses.replace(place, nick=nick, password=args.password, join=join)


def has_screen() -> bool:
    """Whether there is a terminal that can do more than lines."""
    return os.environ.get("TERM", "dumb") != "dumb" and all(
        stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)
    )


def serve(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM."""
    from ircish.config import Config, load, to_toml
    from ircish.serving import serve as begin

    config = configured(args)
    if args.print_config:
        print(to_toml(config), end="")
        return 0
    filled = load(args.config, {}) != Config()
    return begin(config, lambda: load(args.config, flags(args), filled=filled))


def configured(args: argparse.Namespace) -> Config:
    """The flags over the file over the defaults. Raises Failure."""
    from ircish.config import ConfigError, load

    try:
        config = load(args.config, flags(args))
    except ConfigError as error:
        raise Failure(str(error)) from None
    for directory in config.server.plugins:
        if not directory.is_dir():
            raise Failure(f"there is no directory {directory} to read plugins from (--plugins).")
    return config


def flags(args: argparse.Namespace) -> dict[str, object]:
    """The settings among the flags, None for those that were not given."""
    return {name: value for name, value in vars(args).items() if "." in name}


def passwd(args: argparse.Namespace) -> int:
    """Hash a password, asked for twice, or the line on standard input."""
    from getpass import getpass

    from ircish.config import hash_password

    terminal = sys.stdin.isatty()
    if terminal:
        text = getpass("Password: ")
        if text != getpass("Once more: "):
            raise Failure("the two differ; nothing was hashed.", 1)
    else:
        text = sys.stdin.readline().rstrip("\r\n")
    if not text:
        raise Failure("an empty password would let anyone in; nothing was hashed.", 1)
    hashed = hash_password(text)
    print(hashed)
    if terminal:
        print(f'\nFor ircish.toml:\n\n[operators]\nadmin = "{hashed}"', file=sys.stderr)
    return 0


def history(args: argparse.Namespace) -> int:
    """Print what was said in a channel, from the server's files."""
    from ircish.offline import print_history

    print_history(configured(args).server.data_dir, args)
    return 0


def send(args: argparse.Namespace) -> int:
    """Say something, and wait until it is said."""
    from ircish.client import oneshot

    target = valid_target(args.target, "whom to tell").removeprefix("@")
    if not args.text:
        raise Failure("say what to send, or - for lines from standard input.")
    text = os.fsencode(" ".join(args.text)).decode(errors="replace")
    if text == "-" and sys.stdin is None:
        raise Failure("standard input is closed.")
    with linked(args) as link:
        texts = oneshot.typed(link, sys.stdin.fileno()) if text == "-" else [text]
        oneshot.send(link, target, texts)
    return 0


def tail(args: argparse.Namespace) -> int:
    """Print what is said in a channel until Ctrl-C."""
    from ircish.client.oneshot import follow

    channel = valid_target(args.channel, "which channel")
    if channel[0] != "#":
        channel = f"#{channel}"
    with contextlib.suppress(KeyboardInterrupt), linked(args) as link:
        follow(link, channel, args.lines, as_json=args.json)
    return 0


def valid_target(name: str | None, what: str) -> str:
    """A name that can be in a line. Raises Failure."""
    if not name:
        raise Failure(f"say {what}, in quotes where it is a channel: '#lobby'.")
    if not NAME.fullmatch(name):
        raise Failure(f"{name!r} is not the name of a channel or a person.")
    return name


@contextlib.contextmanager
def linked(args: argparse.Namespace) -> Iterator[Link]:
    """A link to the server that is meant; it says goodbye at the end. Raises Failure."""
    from ircish.client import Session
    from ircish.client.link import Link, LinkError
    from ircish.client.place import own_nick

    try:
        session = Session(args.nick or own_nick(), password=args.password)
        try:
            link = Link(session, args.host, args.port)
        except ValueError:
            raise Failure("that nick or password is not one line of text.") from None
        try:
            yield link
        finally:
            link.leave()
    except LinkError as error:
        raise Failure(str(error), 1) from None


def plugins(args: argparse.Namespace) -> int:
    """List the plugins there are, check files, or begin a new one. Raises Failure."""
    action, names = args.action or "list", args.names
    if action not in PLUGIN_ACTIONS:
        near = difflib.get_close_matches(action, PLUGIN_ACTIONS, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(PLUGIN_ACTIONS)}."
        raise Failure(f"`ircish plugins` does not know {action}; {hint}")
    if action == "new":
        from ircish.newplugin import begin

        if len(names) != 1:
            raise Failure("give the new plugin one name: `ircish plugins new tea`.")
        return begin(names[0])
    config = configured(args)
    if action == "check":
        from ircish.checking import check

        if not names:
            raise Failure("say which files to check: `ircish plugins check tea.py`.")
        return check([Path(name) for name in names], config)
    from ircish.checking import show

    if names:
        raise Failure(f"`ircish plugins list` takes no names, as {names[0]}.")
    return show(config)


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The arguments, and ``run``, the function that does it. Raises Failure."""
    bare = not words or words[0].partition("=")[0] in FLAGS
    name = "chat" if bare else words[0]
    if name in COMMANDS:
        add, do, about = COMMANDS[name]
        prog = "ircish" if bare else f"ircish {name}"
        parser = Parser(prog=prog, description=f"{about[0].upper()}{about[1:]}.")
        parser.set_defaults(run=do, bare=bare)
        add(parser)
        args, unknown = parser.parse_known_intermixed_args(words if bare else words[1:])
        known = [flag for action in parser._actions for flag in action.option_strings]
    else:
        summary = "\n".join(f"  {each:9} {about}" for each, (_, _, about) in COMMANDS.items())
        parser = Parser(
            prog="ircish",
            usage="ircish [COMMAND ...]",
            description="A chat for people who live in a terminal.",
            epilog=f"commands:\n{summary}\n\n"
            f"`ircish` alone chats on {HOST}:{PORT}, and starts a server where there is none.\n"
            "`ircish COMMAND --help` tells more of one.",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.add_argument("--version", action=Version, nargs=0, help="print the version")
        args, unknown = parser.parse_known_args(words)
        known = [*COMMANDS, *FLAGS, "--help", "--version"]
    if unknown:
        near = difflib.get_close_matches(unknown[0].partition("=")[0], known, 1)
        hint = (
            f"did you mean {near[0]}?" if near else f"`{parser.prog} --help` shows what there is."
        )
        raise Failure(f"`{parser.prog}` does not know {unknown[0]}; {hint}")
    return args


FLAGS = ("--nick", "--join", "--password", "--tls", "--tls-insecure", "--plain")
"""Those of chat, which bare `ircish` takes too."""

COMMANDS = {
    "chat": (add_chat, chat, "the console client"),
    "serve": (add_serve, serve, "run a server, until Ctrl-C"),
    "send": (add_send, send, "say something from a script"),
    "tail": (add_tail, tail, "print what is said in a channel, until Ctrl-C"),
    "history": (add_history, history, "read the server's history, whether it runs or not"),
    "passwd": (add_nothing, passwd, "hash a password for ircish.toml"),
    "plugins": (add_plugins, plugins, "list the plugins, check one, begin a new one"),
}
