"""The arguments of each subcommand, and what is said where they are wrong."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any, NoReturn

HOST, PORT = "127.0.0.1", 5555
"""Where `ircish serve` listens if it is told nothing."""


class Failure(Exception):
    """One sentence for the person at the terminal, and the exit code."""

    def __init__(self, sentence: str, code: int = 2) -> None:
        super().__init__(sentence)
        self.code = code


class Parser(argparse.ArgumentParser):
    """argparse, which says what is wrong in one sentence."""

    def __init__(self, **more: Any) -> None:
        super().__init__(allow_abbrev=False, **more)

    def error(self, message: str) -> NoReturn:
        raise Failure(f"{message}; `{self.prog} --help` shows what there is.")


class Version(argparse.Action):
    """``--version``"""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        from ircish import __version__

        print(f"ircish {__version__}")
        parser.exit()


def add_nothing(parser: Parser) -> None:
    """No arguments."""


def add_serve(parser: Parser) -> None:
    """Every setting that has a flag, and where the others are read."""
    from ircish.config import settings

    for name, each, default in settings():
        if each.flag:
            shown = each.shown or each.kind.write(default).strip('"[]') or "none"
            text = f"{each.doc} Default: {shown}.".replace("`", "").replace("%", "%%")
            action = "append" if isinstance(default, tuple) else "store"
            what = "DIR" if isinstance(default, tuple | Path) else each.flag[2:].upper()
            what = "NAME" if each.flag == "--without" else what
            parser.add_argument(each.flag, dest=name, action=action, metavar=what, help=text)
    add_config(parser)
    parser.add_argument(
        "--print-config", action="store_true", help="print the settings as an ircish.toml, and end"
    )


def add_config(parser: Parser) -> None:
    """``--config``"""
    text = "Read settings from FILE. Default: ircish.toml in the user's configuration directory."
    parser.add_argument("--config", type=Path, metavar="FILE", help=text)


def add_history(parser: Parser) -> None:
    """Which channel, when, what, and how it is printed."""
    parser.add_argument("channel", nargs="?", help="in quotes: '#lobby'")
    parser.add_argument("--since", metavar="WHEN", help="2026-11-22, '2026-11-22 10:31', 2h, 3d")
    parser.add_argument("--until", metavar="WHEN", help="likewise; a day is meant to its end")
    parser.add_argument("--search", metavar="WORDS", help="only lines with all WORDS; tea* works")
    parser.add_argument("--limit", type=count, metavar="N", help="only the newest N lines")
    parser.add_argument("--all", action="store_true", help="who came and left, too")
    parser.add_argument("--json", action="store_true", help="a JSON object a line, with all fields")
    parser.add_argument(
        "--data-dir", dest="server.data_dir", metavar="DIR", help="the server's data directory"
    )
    add_config(parser)


def add_send(parser: Parser) -> None:
    """To whom, and what."""
    parser.add_argument("target", nargs="?", help="'#lobby' in quotes, @ben or ben")
    parser.add_argument("text", nargs="*", help="what to say; - reads lines from standard input")
    add_server(parser)


def add_tail(parser: Parser) -> None:
    """Which channel, and how it is printed."""
    parser.add_argument("channel", nargs="?", help="in quotes: '#lobby'")
    parser.add_argument(
        "--lines", type=count, default=10, metavar="N", help="past lines first. Default: 10."
    )
    parser.add_argument("--json", action="store_true", help="a JSON object a line")
    add_server(parser)


def add_chat(parser: Parser) -> None:
    """Which server, who one is there, and where one enters."""
    parser.add_argument("host", nargs="?", help=f"a name or an address. Default: {HOST}.")
    parser.add_argument(
        "port", nargs="?", help=f"+6697 is a port with TLS. Default: {PORT}, with TLS 6697."
    )
    parser.add_argument("--nick", help="Default: that of your settings, then your login name.")
    parser.add_argument(
        "--join",
        metavar="CHANNELS",
        help="enter these: '#a,#b'. Default: the channel of the server, if it has one.",
    )
    add_password(parser)
    parser.add_argument("--tls", action="store_true", help="encrypted, certificate verified")
    parser.add_argument(
        "--tls-insecure", action="store_true", help="encrypted, to whoever it is: not verified"
    )
    parser.add_argument(
        "--plain", action="store_true", help="line by line, as for a screen reader or a pipe"
    )


def add_server(parser: Parser) -> None:
    """Which server, and who one is there."""
    parser.add_argument("--host", default=HOST, help=f"Default: {HOST}.")
    parser.add_argument("--port", type=port, default=PORT, help=f"Default: {PORT}.")
    parser.add_argument("--nick", help="Default: your login name; a taken one is varied.")
    add_password(parser)


def add_password(parser: Parser) -> None:
    """``--password``"""
    parser.add_argument(
        "--password",
        default=os.environ.get("IRCISH_PASSWORD", ""),
        help="the server's. Default: $IRCISH_PASSWORD.",
    )


def count(word: str) -> int:
    """A number of lines."""
    if not (word.isascii() and word.isdigit()):
        raise argparse.ArgumentTypeError(f"{word!r} is not a number of lines")
    return int(word[:9])


def port(word: str) -> int:
    """A TCP port to connect to."""
    if not (word.isascii() and word.isdigit() and 0 < int(word[:9]) < 65_536):
        raise argparse.ArgumentTypeError(f"{word!r} is not a port; it is a number up to 65535")
    return int(word)


PLUGIN_ACTIONS = ("list", "check", "new")


def add_plugins(parser: Parser) -> None:
    """What to do, with what, and where else plugins are."""
    parser.add_argument(
        "action",
        nargs="?",
        help="list: those there are, which is the default; check FILE...: whether they would be "
        "loaded, and do what their examples say; new NAME: write NAME.py and its test here",
    )
    parser.add_argument("names", nargs="*", help="the files, or the name")
    text = "A directory with more plugins, as for `ircish serve`."
    parser.add_argument(
        "--plugins", dest="server.plugins", action="append", metavar="DIR", help=text
    )
    text = "A plugin not to load, as for `ircish serve`."
    parser.add_argument(
        "--without", dest="server.without", action="append", metavar="NAME", help=text
    )
    add_config(parser)
