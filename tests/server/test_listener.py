"""The listener: who may connect, who is too slow, and what happens when descriptors run out."""

from __future__ import annotations

import errno
import resource
import socket
import socketserver
import sys
import threading
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from ircish.server.listener import SPARE_DESCRIPTORS, Listener, most_connections
from ircish.testing import Chat

OpenChat = Callable[..., Chat]


def listener_of(chat: Chat) -> Listener:
    assert chat.server._listener
    return chat.server._listener


def test_one_address_has_only_so_many_connections_and_other_addresses_their_own(
    open_chat: OpenChat,
) -> None:
    listener = listener_of(open_chat({"limits.connections_per_address": 2}))
    for address in ("192.0.2.1", "192.0.2.2", "2001:db8::1", "fe80::1%eth0"):
        assert [listener._admit(address) for _ in range(3)] == [
            "", "", "Too many connections from your address",
        ]  # fmt: skip


def test_connections_from_this_machine_do_not_count(open_chat: OpenChat) -> None:
    chat = open_chat({"limits.connections_per_address": 1})
    for number in range(3):
        chat.nc(f"bot{number}")
    assert listener_of(chat)._admit("::1") == ""


def test_an_address_that_begins_with_a_colon_can_stand_in_a_reply(
    open_chat: OpenChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = Listener.finish_request

    def from_ipv6(listener: Listener, request: Any, address: Any) -> None:
        finish(listener, request, ("::1", *address[1:]))

    monkeypatch.setattr(Listener, "finish_request", from_ipv6)
    ben = open_chat({"limits.connections_per_address": 1}).irc("ben")
    assert ":chat.example 311 ben ben ~ben 0::1 * :Ben" in ben.ask("WHOIS ben")


def test_a_place_is_free_again_when_a_connection_ends(open_chat: OpenChat) -> None:
    chat = open_chat({"limits.connections": 2})
    ben, ann = chat.nc("ben"), chat.nc("ann")
    assert chat.connect().rest() == ["ERROR :This server is full; try again later"]
    ann.send("QUIT")
    ann.rest()
    ben.expect("left")
    while len(listener_of(chat).snapshot()) > 1:
        ben.lines()
    assert chat.nc("cyd").welcome[0].endswith("with ben. MSG <text> speaks, HELP tells more.")
    assert listener_of(chat)._addresses == {"127.0.0.1": 2}


def test_nothing_is_left_of_connections_that_have_ended(chat: Chat) -> None:
    ben = chat.nc("ben")
    for number in range(20):
        chat.nc(f"bot{number}").reset()
    for _ in range(20):
        ben.expect("left")
    while len(listener_of(chat).snapshot()) > 1:
        ben.lines()
    assert listener_of(chat)._addresses == {"127.0.0.1": 1}
    assert len(chat.server.hub.readers()) == 1


def test_who_does_not_come_in_in_time_is_dropped_however_often_a_byte_comes(
    open_chat: OpenChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ircish.server.listener.UPKEEP", 0.0)
    chat = open_chat({"limits.registration_seconds": 0.2})
    client = chat.connect()
    client.send_bytes(b"NIC")
    assert "*** That took too long; connect again." in client.rest()


def test_a_silent_irc_client_is_asked_and_then_dropped_and_a_person_never(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ben = chat.nc("ann"), chat.irc("ben", join="#lobby")
    ann.lines()
    listener = listener_of(chat)

    def pass_seconds(seconds: float) -> None:
        for connection in listener.snapshot():
            connection.heard -= seconds
            connection.pinged -= seconds
        chat.server._upkeep()

    pass_seconds(119)
    assert not ben.readable()
    pass_seconds(2)
    assert ben.line() == "PING :chat.example"
    ben.ask("PONG :chat.example")
    pass_seconds(121)
    assert ben.line() == "PING :chat.example"
    pass_seconds(60)
    assert not ben.readable()
    pass_seconds(60)
    (error,) = ben.rest()
    assert error.startswith("ERROR :Ping timeout: 24")
    assert ann.expect("left") == "*** ben left the chat (Timed out)"
    assert ann.ask("NAMES") == ["*** In #lobby: ann"]


def test_a_fault_in_looking_after_one_connection_does_not_end_the_listener(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = chat.nc("ann")

    def fail(*args: object) -> NoReturn:
        raise RuntimeError

    monkeypatch.setattr(chat.server, "_look_after", fail)
    chat.server._upkeep()
    assert ann.ask("PING x") == ["*** PONG x"]


def test_where_no_descriptor_is_left_accepting_waits_a_little(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    listener = listener_of(chat)
    waits: list[float] = []

    def fail(self: object) -> NoReturn:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(socketserver.TCPServer, "get_request", fail)
        patch.setattr("ircish.server.listener.time.sleep", waits.append)
        with pytest.raises(OSError, match="Too many"):
            listener.get_request()
    assert waits == [0.2]
    assert "no connection can be accepted: Too many open files" in caplog.text
    assert chat.nc("ann").welcome


def test_a_connection_for_which_there_is_no_thread_is_closed(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ann = chat.nc("ann")

    def fail(*args: object) -> NoReturn:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(socketserver.ThreadingMixIn, "process_request", fail)
        assert chat.connect().rest() == []
    assert "a connection was not served: can't start new thread" in caplog.text
    assert ann.ask("PING x") == ["*** PONG x"]


def test_a_fault_of_ours_in_a_connection_is_logged_and_ends_only_it(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")

    def fail(*args: object) -> NoReturn:
        raise RuntimeError("ours")

    handled = threading.Event()
    handle_error = Listener.handle_error

    def handle(*args: Any) -> None:
        handle_error(*args)
        handled.set()

    with monkeypatch.context() as patch:
        patch.setattr(Listener, "handle_error", handle)
        patch.setattr("ircish.server.connection.do", fail)
        ann.send("MSG hi")
        assert ben.expect("left") == "*** ann left the chat (Connection lost)"
        assert handled.wait(20)
    assert ben.ask("PING x") == ["*** PONG x"]
    assert "a fault in the connection from 127.0.0.1" in caplog.text


def test_connections_stay_below_the_descriptor_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    soft, hard = 100, 1000
    raised: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda which: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda which, limits: raised.append(limits))
    assert most_connections(0) == hard - SPARE_DESCRIPTORS
    assert raised == [(hard, hard)]
    assert most_connections(50) == 50
    assert most_connections(5000) == hard - SPARE_DESCRIPTORS


def test_where_the_descriptor_limit_cannot_be_raised_the_lower_one_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*args: object) -> NoReturn:
        raise ValueError

    monkeypatch.setattr(resource, "getrlimit", lambda which: (100, 1000))
    monkeypatch.setattr(resource, "setrlimit", fail)
    assert most_connections(0) == 100 - SPARE_DESCRIPTORS
    monkeypatch.setattr(resource, "getrlimit", lambda which: (resource.RLIM_INFINITY,) * 2)
    assert most_connections(0) == 1 << 20


def test_an_ipv6_address_is_listened_on(open_chat: OpenChat) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 here")
    chat = open_chat({"server.host": "::1"})
    assert chat.address[0] == "::1"
    assert chat.nc("ann").ask("WHOIS ann")[0] == "*** ann is ann@0::1 (ann)"


def test_the_more_connections_the_longer_a_thread_may_compute(chat: Chat) -> None:
    listener = chat.server._listener
    assert listener
    with listener._lock:
        listener._count(+5_000)
        assert sys.getswitchinterval() == pytest.approx(0.05)
        listener._count(+500_000)
        assert sys.getswitchinterval() == pytest.approx(0.1)
        listener._count(-505_000)
        assert sys.getswitchinterval() == pytest.approx(0.001)
