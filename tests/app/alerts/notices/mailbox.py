"""A mail server on loopback that speaks just enough SMTP, with STARTTLS, and keeps what it takes."""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Mailbox:
    """The server.

    Attributes:
        port: number.
        replies: answers by verb, in place of the usual ones.
        mails: what it took.
        logins: AUTH lines.
        encrypted: whether each mail came over TLS.
    """

    port: int
    replies: dict[str, str] = field(default_factory=dict)
    mails: list[EmailMessage] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    state: Mailbox
    context: ssl.SSLContext | None

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that break off are part of the tests."""


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self._say("220 here")
        try:
            while line := self.rfile.readline().decode().strip():
                self._answer(line.split()[0].upper(), line)
        finally:
            self.connection.close()

    def _answer(self, verb: str, line: str) -> None:
        state = self.server.state
        known = {"EHLO": self._offer, "STARTTLS": self._encrypt, "DATA": self._take}
        if verb == "AUTH":
            state.logins.append(line)
        if verb in state.replies:
            self._say(state.replies[verb])
        elif verb in known:
            known[verb]()
        else:
            self._say({"AUTH": "235 ok", "QUIT": "221 bye"}.get(verb, "250 ok"))

    @property
    def _encrypted(self) -> bool:
        return isinstance(self.connection, ssl.SSLSocket)

    def _offer(self) -> None:
        offers = ["here", *(["STARTTLS"] if self.server.context and not self._encrypted else []), "AUTH PLAIN"]
        self._say("\r\n".join([*(f"250-{each}" for each in offers[:-1]), f"250 {offers[-1]}"]))

    def _encrypt(self) -> None:
        assert self.server.context is not None
        self._say("220 go")
        self.connection = self.server.context.wrap_socket(
            self.connection, server_side=True, do_handshake_on_connect=False
        )
        self.connection.do_handshake()
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)

    def _take(self) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        mail = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.server.state.mails.append(mail)
        self.server.state.encrypted.append(self._encrypted)
        self._say(self.server.state.replies.get("END", "250 taken"))

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def mailbox(context: ssl.SSLContext | None = None, **replies: str) -> Iterator[Mailbox]:
    """Args: context of STARTTLS (None: not offered), and replies by verb; END is the one after a mail."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.context = context
    server.state = Mailbox(server.server_address[1], replies)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server.state
    server.shutdown()
    server.server_close()
    thread.join()
