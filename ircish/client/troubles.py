"""Why a connection cannot be had or has ended, as sentences with the way out; no socket here."""

from __future__ import annotations

import errno
import os
import re
import socket
from typing import NamedTuple

from ircish.client.place import TLS_PORT, Place
from ircish.text import printable


class Trouble(NamedTuple):
    """What went wrong."""

    sentence: str
    again: bool = True
    """trying again by itself makes sense"""


OTHERS = (
    (b"HTTP/", "a web server (HTTP)"),
    (b"<", "a web server (HTML)"),
    (b"SSH-", "an SSH server"),
    (b"220", "a mail or FTP server"),
    (b"* OK", "a mail server (IMAP)"),
    (b"+OK", "a mail server (POP3)"),
    (b"RFB ", "a VNC server"),
    (b"-ERR", "a Redis server"),
    (b"-DENIED", "a Redis server"),
)
"""How those begin who speak no IRC."""

TLS = (b"\x15\x03", b"\x16\x03")
"""How TLS begins: an alert, a handshake (RFC 8446 §5.1)."""

STARTS = (*(start for start, _ in OTHERS), *TLS)

IRC = re.compile(rb"[@:]|(?:[A-Za-z]{1,40}|[0-9]{1,3})(?:[ \r\n]|$)")
"""How a line of IRC begins: tags, a source, or the verb (RFC 2812 §2.3.1, IRCv3)."""

LONGEST_OPENING = 8191 + 512
"""Bytes in which a first line must end (IRCv3 message tags)."""

SHOWN = 40
"""Characters that are shown of what does not speak IRC."""

EXPIRED, TOO_EARLY = 10, 9
MISMATCHES = (62, 64)
"""What OpenSSL finds wrong with a certificate (X509_V_ERR_*): its time; the host, the address."""


def is_decided(opening: bytes) -> bool:
    """Whether so much has come that ``wrong_answer`` can tell."""
    line = opening.lstrip(b"\r\n")
    return b"\n" in line or len(opening) > LONGEST_OPENING or line.startswith(STARTS)


def wrong_answer(opening: bytes, place: Place) -> Trouble | None:
    """What is wrong with the first that came, None where it is IRC."""
    if opening.startswith(TLS):
        return Trouble(
            f"{place.shown} speaks TLS: /connect {place.host} +{place.port} (or --tls).", False
        )
    for start, what in OTHERS:
        if opening.startswith(start):
            return Trouble(f"{place.shown} is {what}, not IRC: {elsewhere(place)}", False)
    line = opening.lstrip(b"\r\n")
    if not line or IRC.match(line):
        return None
    begin = printable(re.split(rb"[\r\n]", line)[0].decode(errors="replace"))[:SHOWN]
    return Trouble(f"{place.shown} does not speak IRC ({begin!r}): {elsewhere(place)}", False)


def unverified(place: Place) -> str:
    """What to say where TLS verifies nobody."""
    return f"Nobody vouches that this is {place.host} (--tls-insecure): others may read along."


def elsewhere(place: Place) -> str:
    """The way to another port."""
    return f"/connect {place.host} PORT tries another port."


def silent(place: Place, seconds: float) -> Trouble:
    """Something listens and has said nothing."""
    return Trouble(
        f"{place.shown} takes the connection and has said nothing for {seconds:.0f} s: "
        f"it may not be an IRC server, or {_try_tls(place)}."
    )


def dead(place: Place, seconds: float) -> Trouble:
    """What was a server does not answer any more."""
    return Trouble(f"{place.shown} has not answered for {seconds:.0f} s.")


def takes_nothing(place: Place, waiting: int) -> Trouble:
    """The server does not read."""
    return Trouble(f"{place.shown} does not read what we send ({waiting // 1024} KiB wait).")


def ended(place: Place, error: Exception | None, *, answered: bool) -> Trouble:
    """A connection has ended that had been there; ``answered``: something had come by it."""
    if not answered:
        return Trouble(
            f"{place.shown} closed the connection without a word: "
            f"it refuses us, is not an IRC server, or {_try_tls(place)}."
        )
    match error:
        case None:
            return Trouble(f"{place.shown} closed the connection.")
        case ConnectionResetError() | BrokenPipeError():
            return Trouble(f"The connection to {place.shown} was reset.")
        case TimeoutError():
            return Trouble(f"{place.shown} does not answer any more.")
    return Trouble(f"The connection to {place.shown} was lost ({_said(error)}).")


def _try_tls(place: Place) -> str:
    if place.tls:
        return "it wants no TLS"
    return f"it wants TLS (/connect {place.host} +{place.port})"


# What could not even begin ----------------------------------------------------------------------


def why_not(error: Exception, place: Place) -> Trouble:
    """A connection could not be made."""
    if place.tls and (trouble := _why_no_tls(error, place)):
        return trouble
    code = _code(error)
    if isinstance(error, UnicodeError):
        return Trouble(f"{place.host} is not a host name; {_another(place)}", False)
    if isinstance(error, socket.gaierror):
        if error.errno == socket.EAI_AGAIN:
            return Trouble(f"{place.host} cannot be looked up: the network or its DNS is down.")
        return Trouble(f"There is no host {place.host} (DNS); {_another(place)}")
    if code == errno.ECONNREFUSED:
        return _refused(place)
    if isinstance(error, TimeoutError) or code == errno.ETIMEDOUT:
        return Trouble(
            f"{place.shown} does not answer: it is down, or a firewall is between; "
            f"{elsewhere(place)}"
        )
    if code in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL):
        return Trouble(f"There is no way to {place.shown} ({os.strerror(code)}): see the network.")
    if code == errno.ECONNRESET:
        return ended(place, error, answered=False)
    return Trouble(f"{place.shown} cannot be reached ({_said(error)}).")


def _refused(place: Place) -> Trouble:
    if place.host in ("127.0.0.1", "::1", "localhost"):
        port = f" --port {place.port}" if place.port != Place().port else ""
        return Trouble(
            f"Nothing listens on {place.shown}. `ircish serve{port}` starts a server there; "
            "/connect HOST PORT goes elsewhere."
        )
    return Trouble(f"Nothing listens on {place.shown}; {elsewhere(place)}")


def _another(place: Place) -> str:
    return f"/connect HOST {place.port} tries another one."


def _said(error: Exception) -> str:
    return printable(getattr(error, "strerror", None) or str(error) or type(error).__name__)


def _code(error: Exception) -> int | None:
    """The errno; of several addresses tried, the one that tells most."""
    code = getattr(error, "errno", None)
    if code is None:  # asyncio: "Multiple exceptions: [Errno 111] ..., [Errno 101] ..."
        codes = [int(each) for each in re.findall(r"\[Errno (\d+)\]", str(error))]
        told = [each for each in (errno.ECONNREFUSED, errno.ETIMEDOUT) if each in codes]
        code = next(iter(told + codes), None)
    return code


def _why_no_tls(error: Exception, place: Place) -> Trouble | None:
    """The connection was there, and TLS on it was not to be had; None: that was not it."""
    import ssl

    without = f"/connect {place.host} {_plain_port(place)} goes without TLS."
    if isinstance(error, ssl.SSLCertVerificationError):
        return Trouble(_distrust(error, place), False)
    if isinstance(error, ssl.SSLEOFError | ConnectionAbortedError | ConnectionResetError):
        # asyncio: aborted is a handshake that takes too long, or ended in the middle
        return Trouble(f"{place.shown} does not answer in TLS: it may not speak it; {without}")
    if isinstance(error, ssl.SSLError):
        reason = getattr(error, "reason", None) or "for no reason given"
        if reason in NO_TLS:
            return Trouble(f"{place.shown} does not speak TLS; {without}", False)
        return Trouble(f"TLS with {place.shown} failed ({reason}); {without}")
    return None


NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL", "HTTP_REQUEST")
"""OpenSSL's reasons where what answered was not TLS."""


def _plain_port(place: Place) -> int:
    return 6667 if place.port == TLS_PORT else place.port


def _distrust(error: Exception, place: Place) -> str:
    code = getattr(error, "verify_code", 0)
    if code == EXPIRED:
        fault = f"The certificate of {place.shown} has expired"
    elif code == TOO_EARLY:
        fault = (
            f"The certificate of {place.shown} is not valid yet (is this machine's clock right?)"
        )
    elif code in MISMATCHES:
        fault = f"The certificate of {place.shown} is for another name than {place.host}"
    else:
        why = getattr(error, "verify_message", "") or str(error)
        fault = f"The certificate of {place.shown} is not to be trusted ({why})"
    return f"{fault}; --tls-insecure connects all the same, to whoever it is."
