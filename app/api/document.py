"""An application whose OpenAPI document says what failures look like: application/problem+json, on every address."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI

from app.api.errors import PROBLEM_JSON

_PROBLEM: Final = {"$ref": "#/components/schemas/Problem"}
_ANY_FAILURE: Final = {"description": "Any refusal or failure.", "content": {PROBLEM_JSON: {"schema": _PROBLEM}}}


class ProblemAPI(FastAPI):
    """FastAPI that documents failures as they are sent (app.api.errors)."""

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
