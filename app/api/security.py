"""Headers that keep the page to itself: nothing from, and nothing to, any other host."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Hosts that a request may name: the service answers this machine only, so a rebinding name is turned away.
HOSTS: Final = ("localhost", "127.0.0.1")

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "worker-src": "'self' blob:",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}

HEADERS: Final = {
    "Content-Security-Policy": "; ".join(f"{directive} {sources}" for directive, sources in _POLICY.items()),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
}
#: The office walks borders and visits parcels: its own page may ask where the phone is.
_LOCATING: Final = {"Permissions-Policy": "geolocation=(self), camera=(), microphone=()"}


class SecurityHeaders:
    """ASGI middleware that sets HEADERS on every answer; locating: the page may ask for the device's position."""

    def __init__(self, app: ASGIApp, *, locating: bool = False) -> None:
        self._app = app
        self._headers = HEADERS | (_LOCATING if locating else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and add the headers to its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        await self._app(scope, receive, send_with_headers)
