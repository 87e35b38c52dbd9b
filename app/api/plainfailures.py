"""Failures that libraries answer in plain text, before or around the service's own handlers, as Problems."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import error_answer, status_answer
from geo.errors import InputError

#: As Starlette's TrustedHostMiddleware says it.
_HOST_REFUSED: Final = b"Invalid host header"


class PlainFailures:
    """ASGI middleware around all others: who is refused reads the same shape whoever refuses (RFC 9457)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; a failure in plain text is answered as a Problem in its place."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        held: Message | None = None

        async def send_problem(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and _is_plain_failure(message):
                held = message
            elif held is None:
                await send(message)
            elif not message.get("more_body", False):
                await _problem(held, message.get("body", b""))(scope, receive, send)

        await self._app(scope, receive, send_problem)


def _is_plain_failure(message: Message) -> bool:
    kind = Headers(raw=message["headers"]).get("content-type", "text/plain")
    return bool(message["status"] >= HTTPStatus.BAD_REQUEST) and kind.startswith("text/plain")


def _problem(held: Message, said: bytes) -> Response:
    if said == _HOST_REFUSED:
        told = "The request names a host that this service does not answer to."
        return error_answer(InputError("HOST_UNKNOWN", told, "Use its own address: ACRELINE_ORIGIN names it."))
    headers = Headers(raw=held["headers"])
    kept = {name: headers[name] for name in ("allow", "content-range", "retry-after") if name in headers}
    return status_answer(held["status"], kept)
