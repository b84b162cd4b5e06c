"""The client's own commands, a file for each group under which /help lists them."""

from __future__ import annotations

from collections.abc import Mapping

GROUPS: Mapping[str, str] = {
    "Talking": "talk",
    "Channels": "channels",
    "People": "people",
    "Windows": "windows",
    "Finding": "search",
    "The connection": "network",
    "Settings": "settings",
    "Help": "help",
}
"""The heading of each, and its file."""
