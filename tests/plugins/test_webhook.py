"""The bundled webhook, and a server that hears it."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ircish.config import ConfigError
from ircish.testing import PATIENCE, Chat

Open = Callable[..., Chat]


class Hook(ThreadingHTTPServer):
    """Answers with ``answers`` in turn, then with 204, and keeps what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.answers: list[int] = []
        self.heard: queue.Queue[tuple[str, dict[str, str], Any]] = queue.Queue()
        self.url = f"http://127.0.0.1:{self.server_address[1]}/hook"

    def next(self) -> Any:
        return self.heard.get(timeout=PATIENCE)[2]


class Answering(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        # kept before it is answered: what comes next is then heard next, by another thread
        self.server.heard.put((self.path, dict(self.headers), json.loads(body)))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 204)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def do_GET(self) -> None:
        self.server.heard.put((self.path, {}, "GET"))
        self.send_error(404)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    monkeypatch.setenv("no_proxy", "*")
    with Hook() as hook:
        thread = threading.Thread(target=hook.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield hook
        hook.shutdown()
        thread.join()


def no_pauses(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat.server.plugins.plugins["webhook"].module, "PAUSES", (0.0, 0.0))


def test_what_is_said_in_its_channels_is_posted_in_order(open_with: Open, hook: Hook) -> None:
    chat = open_with({"url": hook.url, "channels": ["#Dev"], "secret": "open sesame"})
    ann = chat.irc("ann", join="#lobby,#dev")
    ann.ask("PRIVMSG #lobby :not this", "PRIVMSG #dev :hello", "NOTICE #dev :bye")
    path, headers, first = hook.heard.get(timeout=PATIENCE)
    assert path == "/hook"
    assert headers["Authorization"] == "Bearer open sesame"
    assert headers["Content-Type"] == "application/json"
    assert first.pop("time") > 1_600_000_000_000
    assert len(first.pop("id")) > 6
    assert first == {"channel": "#dev", "nick": "ann", "text": "hello", "kind": "message"}
    assert hook.next()["text"] == "bye"


def test_a_failure_is_tried_again_and_order_kept(
    open_with: Open, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook.answers = [500, 503]
    chat = open_with({"url": hook.url, "channels": ["#lobby"]})
    no_pauses(chat, monkeypatch)
    ann = chat.nc("ann")
    ann.ask("MSG one", "MSG two")
    assert [hook.next()["text"] for _ in range(4)] == ["one", "one", "one", "two"]


def test_after_the_last_try_it_goes_on_with_the_next(
    open_with: Open, hook: Hook, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hook.answers = [500, 500, 500]
    chat = open_with({"url": hook.url, "channels": ["#lobby"]})
    no_pauses(chat, monkeypatch)
    chat.nc("ann").ask("MSG one", "MSG two")
    assert [hook.next()["text"] for _ in range(4)] == ["one", "one", "one", "two"]
    said = [message for name, _, message in caplog.record_tuples if name == "ircish.plugin.webhook"]
    assert said == ["not sent, after 3 tries: HTTP Error 500: Internal Server Error"]


def test_it_is_not_sent_elsewhere(
    open_with: Open, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook.answers = [302, 301, 307]
    chat = open_with({"url": hook.url, "channels": ["#lobby"]})
    no_pauses(chat, monkeypatch)
    chat.nc("ann").ask("MSG one", "MSG two")
    assert [hook.next()["text"] for _ in range(4)] == ["one", "one", "one", "two"]


def test_where_nobody_answers_the_chat_goes_on(open_with: Open, hook: Hook) -> None:
    hook.server_close()
    chat = open_with({"url": hook.url, "channels": ["#lobby"]})
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ben.lines()
    ann.say("hello")
    assert ben.lines() == ["<ann> hello"]
    assert chat.server.plugins.plugins["webhook"].tally("server_event").faults == 0


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/", "chat.example/hook", "HTTP"])
def test_only_http_is_a_url_for_it(open_with: Open, url: str) -> None:
    with pytest.raises(ConfigError, match="url must begin with http:// or https://"):
        open_with({"url": url})


def test_without_its_table_nothing_is_sent(
    open_with: Open, noticed: Callable[[Chat], None]
) -> None:
    chat = open_with(None)
    chat.nc("ann").say("hello")
    noticed(chat)
    assert not chat.server.plugins.plugins["webhook"].module.waiting
