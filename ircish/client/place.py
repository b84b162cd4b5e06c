"""Where a server is, and who we want to be there: what `ircish chat` and /connect are told."""

from __future__ import annotations

import getpass
import re
import sys
from dataclasses import dataclass, field, replace

from ircish.arguments import HOST, PORT

TLS_PORT = 6697
"""Where IRC servers speak TLS (RFC 7194)."""

NOT_IN_NICK = re.compile(r"[^A-Za-z0-9\[\]\\`_^{|}-]", re.ASCII)
"""What cannot be in a nick (RFC 2812 §2.3.1)."""

LONGEST_NICK = 20
"""Characters of a nick made from a login name."""


class NoPlace(ValueError):
    """What is wrong with what was told: one sentence for a person."""


@dataclass(frozen=True, slots=True)
class Place:
    """A server, how it is reached, and who we are there."""

    host: str = HOST
    port: int = PORT
    tls: bool = False
    insecure: bool = False
    """With TLS: whoever answers is believed to be the server."""
    nick: str = ""
    """"" leaves it to the settings and the login name (``named``)."""
    password: str = field(default="", repr=False)
    join: tuple[str, ...] = ()
    """The channels to enter, "" leaves it to the server."""

    @property
    def shown(self) -> str:
        """``127.0.0.1:5555``, ``[::1]:5555``"""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse(host: str = "", port: str = "", *, tls: bool = False, insecure: bool = False) -> Place:
    """A place from ``host[:port]`` and ``port``, where ``+6697`` is a port with TLS; without any,
    the default one. Raises NoPlace."""
    if host.isascii() and host.removeprefix("+").isdigit() and not port:
        raise NoPlace(f"{host} is a port, and a host comes before it: {HOST} {host}.")
    name, inside = _split(host)
    if inside and port:
        raise NoPlace(f"{host} {port} are two ports; say one of them.")
    port = port or inside
    tls = tls or insecure or port[:1] == "+"
    number = TLS_PORT if tls else PORT
    if port:
        digits = port.removeprefix("+")
        if not (digits.isascii() and digits.isdigit() and 0 < int(digits[:9]) < 65_536):
            raise NoPlace(f"{port!r} is not a port; it is a number up to 65535.")
        number = int(digits)
    return Place(name or HOST, number, tls, insecure)


def _split(host: str) -> tuple[str, str]:
    """The host and the port that follows it, "" where none does. Raises NoPlace."""
    if "/" in host:  # a URL
        name, port, right = host, "", False
    elif host[:1] == "[":
        name, bracket, rest = host[1:].partition("]")
        right = bool(bracket and ":" in name and (not rest or (rest[0] == ":" and rest[1:])))
        port = rest[1:]
    elif host.count(":") > 1:  # an IPv6 address
        name, port, right = host, "", True
    else:
        name, colon, port = host.partition(":")
        right = not colon or bool(name and port)
    if not right or not name.isprintable() or set(name) & set(" /@,") or len(name) > 253:
        raise NoPlace(f"{host!r} is not a host; it is a name or an address, as chat.example.")
    return name, port


def channels(text: str) -> tuple[str, ...]:
    """The channels of ``#a,#b``, each with its #. Raises NoPlace."""
    names = [name if name[0] in "#&+!" else f"#{name}" for name in text.split(",") if name]
    for name in names:
        if not name.isprintable() or " " in name:
            raise NoPlace(f"{name!r} is not the name of a channel; --join '#a,#b' enters two.")
    return tuple(names)


# Who we are -------------------------------------------------------------------------------------


def login_nick() -> str:
    """A nick from the login name, "" where there is none to make one from."""
    try:
        name = NOT_IN_NICK.sub("_", getpass.getuser())[:LONGEST_NICK]
    except (OSError, KeyError):  # no such user, as in some containers
        return ""
    if not name.strip("_-"):  # of a name in another script, nothing is left
        return ""
    return f"_{name}" if name[0] in "-0123456789" else name


def own_nick() -> str:
    """A nick from the login name, or one for a guest."""
    return login_nick() or "guest"


def check_nick(nick: str) -> str:
    """A nick that can be in a line, as it is. Raises NoPlace."""
    if not nick.isprintable() or set(nick) & set(" ,!@*?") or nick[:1] in tuple(":#&$"):
        raise NoPlace(f"{nick!r} cannot be a nick; letters, digits and _ - [ ] are fine.")
    return nick


def named(place: Place, setting: str = "") -> Place:
    """The place with a nick: its own, that of the settings, the login name, or else the one that
    is asked for on the terminal. Raises NoPlace where nobody answers."""
    nick = place.nick or setting or login_nick()
    while not nick:
        if not (sys.stdin and sys.stdin.isatty()):  # a pipe has what is to be said
            raise NoPlace("there is no nick; say --nick NAME.")
        try:
            nick = input("Your nick: ").strip()
            check_nick(nick)
        except NoPlace as wrong:
            print(wrong)
            nick = ""
        except EOFError:
            raise NoPlace("there is no nick; say --nick NAME.") from None
    return replace(place, nick=nick)
