"""A webhook: what is said in a channel goes to a URL as JSON. Nothing is sent until ircish.toml has

[plugins.webhook]
url = "https://chat.example/hook"
channels = ["#dev"]
secret = "open sesame"
"""

from __future__ import annotations

import http.client
import json
import urllib.request
from collections import deque
from dataclasses import dataclass
from typing import Any

from ircish import Plugin, Said, Stamped, fold, hookimpl

PATIENCE = 5.0  # seconds for one try; the plugin is given up with a call of more than ten
PAUSES = (1.0, 10.0)  # seconds before the second try, and the third, which is the last


@dataclass(frozen=True)
class Config:
    """``[plugins.webhook]`` in ircish.toml."""

    url: str
    channels: tuple[str, ...] = ()
    secret: str = ""  # sent as Authorization: Bearer SECRET

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise ValueError("url must begin with http:// or https://")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Who answers must not be able to send us elsewhere, into the own network for example."""

    def redirect_request(self, *_: Any) -> None:
        return None


opener = urllib.request.build_opener(NoRedirect)
# what waits, the oldest first; all of this runs in the plugin's own thread, so it needs no lock
waiting: deque[bytes] = deque(maxlen=1_000)
failed: list[Exception] = []


@hookimpl
def server_event(event: Stamped[Said], plugin: Plugin) -> None:
    said, config = event.event, plugin.config
    if said.kind != "tagmsg" and fold(said.target) in map(fold, config.channels):
        nick, text = event.source.nick, said.text
        words = {"channel": said.target, "nick": nick, "text": text, "kind": said.kind}
        waiting.append(json.dumps({**words, "time": event.time, "id": event.msgid}).encode())
        if len(waiting) == 1:
            send(plugin)


def send(plugin: Plugin) -> None:
    """Send the first that waits; one call is one try, so that timers and events come between."""
    headers = {"Content-Type": "application/json", "User-Agent": "ircish"}
    if plugin.config.secret:
        headers["Authorization"] = f"Bearer {plugin.config.secret}"
    request = urllib.request.Request(plugin.config.url, waiting[0], headers)
    try:
        opener.open(request, timeout=PATIENCE).close()
    except (OSError, ValueError, http.client.HTTPException) as error:
        failed.append(error)
        if len(failed) <= len(PAUSES):
            plugin.after(PAUSES[len(failed) - 1], lambda: send(plugin))
            return
        plugin.log.error("not sent, after %d tries: %s", len(failed), error)
    failed.clear()
    waiting.popleft()
    if waiting:
        plugin.after(0, lambda: send(plugin))
