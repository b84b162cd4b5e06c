"""`ircish serve`: starts a Server, says how to reach it, minds the signals; no flags here."""

from __future__ import annotations

import errno
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from ircish import __version__, log
from ircish.arguments import Failure
from ircish.config import Config, ConfigError
from ircish.rows import HistoryError
from ircish.server import Server
from ircish.storage import StorageError

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What ends it; but SIGHUP lets one that no terminal can be closed for read its configuration."""


def serve(config: Config, reread: Callable[[], Config] | None = None) -> int:
    """Serve until one of SIGNALS, then 0. ``reread`` reads the configuration again, or raises
    ConfigError. Raises Failure where it cannot start."""
    finish_log = log.configure(config.server.log_level, behind=True)
    # A signal that comes just before a lock is waited for would not end the wait: bytes do.
    woken, waking = socket.socketpair()
    waking.setblocking(False)
    told: list[int] = []

    stays = outlives_its_terminal()

    def stop(number: int, frame: FrameType | None) -> None:
        if number == signal.SIGHUP and stays:
            return
        if told:
            os._exit(128 + number)  # who asks twice does not want to wait
        told.append(number)

    before = {each: signal.signal(each, stop) for each in SIGNALS}
    wakeup = signal.set_wakeup_fd(waking.fileno(), warn_on_full_buffer=False)
    try:
        server = started(config, reread)
        with suppress(OSError):  # nobody reads it
            print(welcome(server), flush=True)
        while not told:
            if woken.recv(1)[0] == signal.SIGHUP and not told:
                rehash(server)
        server.stop()
    finally:
        signal.set_wakeup_fd(wakeup)
        woken.close()
        waking.close()
        for each, handler in before.items():
            signal.signal(each, handler)
        log_is_written = finish_log()
    if not log_is_written:
        os._exit(0)  # the interpreter would wait for the stream, which takes nothing, for ever
    return 0


def rehash(server: Server) -> None:
    """Let the server read its configuration again; whatever is wrong with that is logged."""
    try:
        server.rehash("SIGHUP")
    except ConfigError:
        pass  # logged already
    except Exception:
        log.logger("ircish").exception("the configuration could not be read again")


def outlives_its_terminal() -> bool:
    """Whether there is none that could be closed, as for a service, or nohup keeps it."""
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        return True
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return True
    return False


def started(config: Config, reread: Callable[[], Config] | None) -> Server:
    """A Server that listens. Raises Failure."""
    try:
        server = Server(config, reread=reread)
    except (HistoryError, StorageError) as error:
        raise Failure(str(error)) from None
    try:
        server.start()
    except (OSError, UnicodeError) as error:
        raise Failure(why_not(error, config.server.host, config.server.port)) from None
    return server


def why_not(error: Exception, host: str, port: int) -> str:
    """A sentence for a failed bind, with the way out."""
    if isinstance(error, socket.gaierror | UnicodeError):
        return f"{host} is not an address or a host name; choose another --host."
    code = getattr(error, "errno", None)
    if code == errno.EADDRINUSE:
        return f"port {port} on {host} is in use already; choose another one, as --port {port + 1}."
    if code == errno.EACCES:
        return f"only root may listen on port {port}; choose one above 1023, as --port 5555."
    if code in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
        return f"{host} is not an address of this machine; choose another --host."
    return f"cannot listen on {host} port {port}: {error}."


def welcome(server: Server) -> str:
    """Where it listens, and the lines to paste."""
    host, port = server.address
    config = server.config.server
    reach = socket.gethostname() if host in ("0.0.0.0", "::") else host
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    first = "PASS <password>, then NICK <name>" if config.password else "NICK <name>"
    channel = config.default_channel
    secret = " -w <password>" if config.password else ""
    lines = [
        f"ircish {__version__} listens on {shown} as {server.name}.",
        f"  netcat:      nc {reach} {port}    then: {first}",
        f"  IRC client:  irssi -c {reach} -p {port}{secret}    then: /join {channel}",
    ]
    if server.one_time_password:
        oper = f"OPER admin {server.one_time_password}"
        lines.append(f"  operator:    {oper}    (in this run only: see `ircish passwd`)")
    lines += [f"  data:        {config.data_dir}", "Ctrl-C stops it."]
    return "\n".join(lines)
