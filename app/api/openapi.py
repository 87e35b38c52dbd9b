"""The OpenAPI documents as files, from which the pages' types are made: of a run's map, and of the institution.

python -m app.api.openapi && (cd app/web && npm run types)
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fastapi import FastAPI

from app.api.application import bare_app
from app.api.institution import bare_institution_app

_FOLDER: Final = Path(__file__).resolve().parents[1] / "web"


def documents() -> Mapping[Path, str]:
    """File and text of each document."""
    return {
        _FOLDER / "openapi.json": _text(bare_app()),
        _FOLDER / "openapi.office.json": _text(bare_institution_app()),
    }


def _text(app: FastAPI) -> str:
    """The document as text that compares well: sorted, indented, one newline at its end."""
    return json.dumps(app.openapi(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for file, text in documents().items():
        file.write_text(text, encoding="utf-8")
