"""An application whose failures are application/problem+json on every address, and whose OpenAPI document says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, TypeAlias

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp

from app.api.errors import PROBLEM_JSON, install_error_handlers
from app.api.plainfailures import PlainFailures
from app.api.security import SecurityHeaders

Lifespan: TypeAlias = Callable[[FastAPI], AbstractAsyncContextManager[None]]

API_VERSION: Final = "1"
_GZIP_FROM_BYTES: Final = 1000
_GZIP_LEVEL: Final = 6
_PROBLEM: Final = {"$ref": "#/components/schemas/Problem"}
_ANY_FAILURE: Final = {"description": "Any refusal or failure.", "content": {PROBLEM_JSON: {"schema": _PROBLEM}}}


class ProblemAPI(FastAPI):
    """FastAPI that documents failures as they are sent (app.api.errors), and sends all of them so.

    Around everything else, faults of the program and bodies that are too large too, lie PlainFailures and the security
    headers.
    """

    def __init__(
        self, *, locating: bool = False, max_body_size: int | None = None, lifespan: Lifespan | None = None
    ) -> None:
        """Application without routes.

        Args:
            locating: the page may ask for the device's position.
            max_body_size: largest body of a request, bytes; routes may say their own. None: whatever comes.
            lifespan: what is done around its life.
        """
        # The interactive documentation of FastAPI loads scripts from another host; the document itself is enough.
        super().__init__(
            title="Acreline",
            version=API_VERSION,
            openapi_url="/api/openapi.json",
            docs_url=None,
            redoc_url=None,
            max_body_size=max_body_size,
            lifespan=lifespan,
        )
        self._locating = locating
        install_error_handlers(self)

    def shield(self, hosts: Sequence[str]) -> None:
        """Answer to some hosts only, and pack what is large and taken packed; once all routes are there."""
        self.add_middleware(GZipMiddleware, minimum_size=_GZIP_FROM_BYTES, compresslevel=_GZIP_LEVEL)
        self.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))

    def build_middleware_stack(self) -> ASGIApp:
        """What a request passes through, the outermost first; made once."""
        return SecurityHeaders(PlainFailures(super().build_middleware_stack()), locating=self._locating)

    def openapi(self) -> dict[str, Any]:
        """The document; made once."""
        if self.openapi_schema is None:
            for operations in super().openapi()["paths"].values():
                for operation in operations.values():
                    _say_failures(operation["responses"])
        return super().openapi()


def _say_failures(responses: dict[str, Any]) -> None:
    """Failures under their own media type, those that nobody thought of too."""
    for answer in responses.values():
        content = answer.get("content", {})
        for media_type in [name for name, said in content.items() if said.get("schema") == _PROBLEM]:
            content[PROBLEM_JSON] = content.pop(media_type)
    responses.setdefault("default", _ANY_FAILURE)
