"""The state of the chat and its rules: no socket, no thread, no clock, no random number."""

from __future__ import annotations
