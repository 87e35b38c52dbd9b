"""Answers with a tag of their content, so that whoever holds one asks whether it changed and is sent nothing if not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from app.api.caching import not_modified

_DIGITS = 16


class TaggedRoute(APIRoute):
    """A route whose GET answers carry a weak ETag of their body, and are 304 to who holds that body.

    The tag is weak, since compression on the way changes the bytes and not what they say.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's own handler, and the tag on what it answers."""
        handle = super().get_route_handler()

        async def tagged(request: Request) -> Response:
            answer = await handle(request)
            plain = request.method == "GET" and answer.status_code == HTTPStatus.OK and hasattr(answer, "body")
            return _tagged(request, answer) if plain and "etag" not in answer.headers else answer

        return tagged


def _tagged(request: Request, answer: Response) -> Response:
    tag = f'"{hashlib.sha256(answer.body).hexdigest()[:_DIGITS]}"'
    kept = {"ETag": f"W/{tag}", "Cache-Control": answer.headers.get("cache-control", "no-store")}
    if not_modified(request, {"ETag": tag}):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=kept)
    answer.headers.update(kept)
    return answer
