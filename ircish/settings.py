"""The settings of `ircish serve`: what each is, takes and defaults to, not how they are read."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import platformdirs

from ircish.text import UNSAFE, printable

MOST = 1_000_000_000
"""The largest number for a setting that has no narrower limit."""

SIZE_UNITS = {"GiB": 2**30, "MiB": 2**20, "KiB": 2**10, "B": 1, "": 1}
"""Bytes."""

SIZE = re.compile(r"([0-9]{1,15}) ?(GiB|MiB|KiB|B|)")
# A dot tells a server's name from a nick (Modern IRC, "Source").
SERVER_NAME = re.compile(r"(?=.{1,63}\Z)[A-Za-z0-9][A-Za-z0-9-]*(\.[A-Za-z0-9][A-Za-z0-9-]*)+")
ARGON2 = re.compile(
    r"\$argon2(id|i|d)\$v=[0-9]+\$m=[0-9]+,t=[0-9]+,p=[0-9]+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+"
)


def toml_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else toml_value(key)


def toml_value(value: Any) -> str:
    """`value` in TOML's notation, on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | Path):
        # JSON's escapes are TOML's too; only DEL and what a terminal may obey are left to escape.
        quoted = json.dumps(str(value), ensure_ascii=False)
        return UNSAFE.sub(lambda match: f"\\U{ord(match[0]):08x}", quoted)
    if isinstance(value, Mapping):
        pairs = (f"{toml_key(key)} = {toml_value(each)}" for key, each in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    return str(value)


@dataclass(frozen=True, slots=True)
class Kind:
    """What values a setting takes. `parse(value, base)` gives the checked value or raises
    ValueError; relative paths start from `base`. `expects` ends the sentence "it must be ..."."""

    expects: str
    parse: Callable[[Any, Path], Any]
    numeric: bool = False
    write: Callable[[Any], str] = toml_value


def one_of(types: type | tuple[type, ...], expects: str, is_right: Callable[[Any], object]) -> Kind:
    def parse(value: Any, base: Path) -> Any:
        if isinstance(value, bool) or not isinstance(value, types) or not is_right(value):
            raise ValueError(value)
        return value

    return Kind(expects, parse, numeric=types is not str)


def whole(low: int = 0, high: int = MOST) -> Kind:
    return one_of(int, f"a whole number from {low} to {high}", lambda value: low <= value <= high)


def number(low: float, high: float) -> Kind:
    expects = f"a number from {low} to {high}"
    return one_of((int, float), expects, lambda value: low <= value <= high)


def choice(*words: str) -> Kind:
    return one_of(str, " or ".join(f'"{word}"' for word in words), words.__contains__)


def listed(expects: str, one: Kind, most: int = MOST) -> Kind:
    def parse(value: Any, base: Path) -> Any:
        if not isinstance(value, list | tuple) or len(value) > most:
            raise ValueError(value)
        return tuple(one.parse(each, base) for each in value)

    return Kind(expects, parse)


def parse_path(value: Any, base: Path) -> Path:
    name = str(value) if isinstance(value, Path) else value
    # A name that is not UTF-8 arrives with surrogates, which TOML could not give back.
    if not isinstance(name, str) or not name or re.search("[\0\ud800-\udfff]", name):
        raise ValueError(value)
    try:
        return base / Path(name).expanduser()
    except RuntimeError as error:  # "~ann", where no ann has an account
        raise ValueError(value) from error


def parse_size(size: str) -> int:
    """The number of bytes in "1 MiB", "64 KiB", "2 GiB" or "500". Raises ValueError."""
    match = SIZE.fullmatch(size)
    if not match:
        raise ValueError(f'{size!r} is not a size; try "1 MiB", "64 KiB" or a number of bytes')
    return int(match[1]) * SIZE_UNITS[match[2]]


def parse_bytes(value: Any, base: Path) -> Any:
    return whole(1, 2**40).parse(parse_size(value) if isinstance(value, str) else value, base)


def write_size(size: int) -> str:
    unit = next(unit for unit, factor in SIZE_UNITS.items() if size % factor == 0)
    return str(size) if unit == "B" else f'"{size // SIZE_UNITS[unit]} {unit}"'


def parse_bool(value: Any, base: Path) -> Any:
    if not isinstance(value, bool):
        raise ValueError(value)
    return value


def is_line(value: str) -> bool:
    return len(value) <= 300 and printable(value) == value


def is_word(value: str) -> bool:
    return is_line(value) and value.split() == [value]


def is_channel(value: str) -> bool:
    return is_word(value) and value[0] == "#" != value and "," not in value


def is_password(value: str) -> bool:
    return is_line(value) and (not value.startswith("$argon2") or bool(ARGON2.fullmatch(value)))


def is_motd(value: str) -> bool:
    # 400 bytes: with the numeric before it, a line stays below IRC's 512.
    return not re.search("[\0\r\ud800-\udfff]", value) and all(
        len(line.encode()) <= 400 for line in value.split("\n")
    )


SECONDS = number(0.01, 86_400)
LINE = one_of(str, "one line of at most 300 characters, without control characters", is_line)
WORD = one_of(str, "a name without spaces", is_word)
HOST = one_of(str, 'an address or a host name, such as "127.0.0.1" or "::"', is_word)
SERVER = one_of(
    str,
    'a name with a dot, such as "chat.example.org", of letters, digits and hyphens, at most 63',
    SERVER_NAME.fullmatch,
)
NETWORK = one_of(
    str,
    'a name of at most 50 letters, digits, dots and hyphens, such as "ircish"',
    re.compile("[A-Za-z0-9.-]{1,50}").fullmatch,
)
PASSWORD = one_of(str, "one line of text, or a whole hash from `ircish passwd`", is_password)
CHANNEL = one_of(str, 'a channel, such as "#lobby"', is_channel)
MOTD = one_of(str, "text in lines of at most 400 bytes, without NUL or carriage return", is_motd)
LEVEL = choice("debug", "info", "warning", "error")
BYTES = Kind('a size from 1 byte to 1 TiB: "1 MiB", "64 KiB", 5000', parse_bytes, write=write_size)
YES_OR_NO = Kind("true or false", parse_bool)
PATH = Kind('a directory, such as "~/chat"', parse_path)
PATHS = listed('a list of directories, such as ["~/ircish-plugins"]', PATH)
ADMIN = listed('up to three lines, such as ["Example Ltd.", "Berlin", "irc@example.org"]', LINE, 3)
WORDS = listed('a list of names, such as ["roll"]', WORD)


@dataclass(frozen=True, slots=True)
class Setting:
    """What a field's metadata["setting"] holds: all there is to know of one setting."""

    kind: Kind
    doc: str
    unit: str = ""
    flag: str = ""  # "--port"; "" where the command line has none
    secret: bool = False  # an error must not repeat the value
    at_start: bool = False  # the server must be started anew for a change to take effect
    shown: str = ""  # the default in words, where it differs between machines


def setting(default: Any, kind: Kind, doc: str, **more: Any) -> Any:
    """A field of a section; `default` may be a function that gives it."""
    metadata = {"setting": Setting(kind, doc, **more)}
    if callable(default):
        return field(default_factory=default, metadata=metadata)
    return field(default=default, metadata=metadata)


def own_name() -> str:
    """This machine's name if an IRC server can be called that, else localhost.ircish."""
    name = socket.gethostname()
    return name if SERVER_NAME.fullmatch(name) else "localhost.ircish"


def own_data_dir() -> Path:
    return platformdirs.user_data_path("ircish", appauthor=False)


# The table of settings.
# fmt: off
@dataclass(frozen=True, slots=True)
class Server:
    host: str = setting("127.0.0.1", HOST, "The address to listen on; `0.0.0.0` is every IPv4 "
        "address of this machine, `::` every IPv6 one.", flag="--host", at_start=True)
    port: int = setting(5555, whole(0, 65_535), "The TCP port; 0 takes a free one.",
        flag="--port", at_start=True)
    name: str = setting(own_name, SERVER, "The server's name in the chat.", flag="--name",
        shown="the machine's name if it has a dot, else `localhost.ircish`", at_start=True)
    network: str = setting("ircish", NETWORK, "What IRC clients call the place.")
    description: str = setting("ircish chat", LINE, "What the server says of itself, in one line.",
        flag="--description")
    admin: tuple[str, ...] = setting((), ADMIN, "Who runs it, for ADMIN: where it is, whose it is, "
        "how to reach them, in up to three lines.")
    password: str = setting("", PASSWORD, "What everyone must give with PASS to come in, plain or "
        "as a hash from `ircish passwd`; empty asks for none.", flag="--password", secret=True)
    motd: str = setting("", MOTD, "The message of the day, in one line or several.")
    default_channel: str = setting("#lobby", CHANNEL, "Where people at a raw TCP tool come in.")
    data_dir: Path = setting(own_data_dir, PATH, "Where the history is, and what plugins "  # noqa: RUF009
        "store.",
        flag="--data-dir", shown="`ircish` in the user's data directory", at_start=True)
    plugins: tuple[Path, ...] = setting((), PATHS, "Directories with plugins, beside those that "
        "ship with ircish.", flag="--plugins", at_start=True)
    one_core: bool = setting(True, YES_OR_NO, "Keep the threads of the chat on one processor core: "
        "Python computes in one thread at a time, and handing that on between cores costs more "
        "than it gains.", at_start=True)
    without: tuple[str, ...] = setting((), WORDS, "Names of plugins not to load.",
        flag="--without", at_start=True)
    log_level: str = setting("info", LEVEL, "The least to log: `debug`, `info`, `warning` or "
        "`error`.", flag="--log-level")


@dataclass(frozen=True, slots=True)
class Limits:
    flood_burst: int = setting(10, whole(1), "What a connection may send at once before it is "
        "slowed.", unit="lines")
    flood_rate: float = setting(4, number(0, 1_000_000), "How fast it may send from then on; 0 "
        "never slows.", unit="lines a second")
    sendq: int = setting(2**20, BYTES, "What may wait for a reader before it is dropped, as "
        '`"64 KiB"`, `"1 MiB"` or a number of bytes.')
    connections: int = setting(0, whole(), "Connections at one time; 0 is as many as the "
        "descriptor limit allows.")
    connections_per_address: int = setting(16, whole(1), "Connections at one time from one "
        "address; those from this machine do not count.")
    nick_length: int = setting(30, whole(1, 100), "The longest nickname.", unit="characters")
    channel_length: int = setting(50, whole(2, 100), "The longest name of a channel, with its #.",
        unit="characters")
    channels_per_user: int = setting(50, whole(1), "Channels a person may be in at one time.")
    registration_seconds: float = setting(60, SECONDS, "The time to come in, from connecting to "
        "having a nickname.", unit="seconds")
    ping_seconds: float = setting(120, SECONDS, "An IRC client silent for so long gets a PING, and "
        "is gone after as long again.", unit="seconds")
    command_seconds: float = setting(10, SECONDS, "How long a plugin's command may take before "
        "its caller goes on without it.", unit="seconds")
    topic_length: int = setting(390, whole(1, 400), "The longest topic.", unit="characters")
    away_length: int = setting(200, whole(1, 400), "The longest away message.",
        unit="characters")
    kick_length: int = setting(200, whole(1, 400), "The longest reason of a kick.",
        unit="characters")
    multiline_lines: int = setting(24, whole(0, 1_000), "Lines that may be sent as one message "
        "(IRCv3 multiline); 0 switches that off.")
    multiline_bytes: int = setting(4096, BYTES, "The longest message of several lines.")
    monitor: int = setting(100, whole(1, 10_000), "Nicknames that one client may MONITOR.")
    bans: int = setting(100, whole(1, 10_000), "Masks in the lists of a channel: bans, exceptions "
        "and invitations together.")
    whowas: int = setting(1_000, whole(0, 1_000_000), "People who have left that WHOWAS knows of.")


@dataclass(frozen=True, slots=True)
class HistorySettings:
    keep_days: int = setting(0, whole(0, 36_500), "How long messages are kept; 0 is for ever.",
        unit="days")
    keep_messages: int = setting(0, whole(), "How many of each channel's last events are kept, "
        "joins and other changes counted too; 0 is all.")
    synchronous: str = setting("normal", choice("normal", "full"), "`normal` loses nothing when "
        "the server is killed; `full`, which is slower, not in a power cut either.", at_start=True)
    on_join: int = setting(20, whole(0, 1_000), "How many of the last messages a person coming in "
        "is shown, at most `memory`.")
    memory: int = setting(200, whole(0, 100_000), "How many of each channel's last messages are "
        "held in memory.")
    chathistory_limit: int = setting(100, whole(1, 1_000), "The most messages that one CHATHISTORY "
        "returns.")


# fmt: on
SECTIONS: Mapping[str, type[Any]] = MappingProxyType(
    {"server": Server, "limits": Limits, "history": HistorySettings}
)
