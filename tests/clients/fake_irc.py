"""A server that says what no client knows, to see that the tests would notice."""

from __future__ import annotations

import socket
import threading
from typing import Any


class FakeServer:
    """Lets one client in, and tells it ``998`` and ``FROB``."""

    def __enter__(self) -> FakeServer:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, *exception: Any) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def _serve(self) -> None:
        client, _ = self._listening.accept()
        with client, client.makefile(encoding="utf-8") as lines:
            nick = "*"
            for line in lines:
                if line.startswith("QUIT"):
                    return
                if line.startswith("NICK "):
                    nick = line.split()[1]
                    client.sendall(
                        f":fake.example 001 {nick} :Welcome\r\n"
                        f":fake.example FROB {nick} thing\r\n"
                        f":fake.example 998 {nick} thing :made up\r\n".encode()
                    )
                if line.startswith("CAP REQ"):
                    client.sendall(b":fake.example CAP * ACK :server-time\r\n")
                if line.startswith("CAP LS"):
                    client.sendall(b":fake.example CAP * LS :server-time\r\n")
