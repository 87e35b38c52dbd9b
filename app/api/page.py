"""The built page: files with a hash in their name are kept for good, the entry is asked for each time."""

from __future__ import annotations

from os import PathLike, stat_result
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

from geo.errors import DataError

#: Folder of the built page whose file names carry a content hash.
HASHED: Final = "assets"


class PageFiles(StaticFiles):
    """Static files with caching by name."""

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Answer with a file, to be kept for good or asked for again."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        hashed = Path(full_path).parent.name == HASHED
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if hashed else "no-cache"
        return response


def mount_page(app: FastAPI, folder: Path) -> None:
    """Serve the page at "/"; where it was never built, "/" says so."""
    if (folder / "index.html").is_file():
        app.mount("/", PageFiles(directory=folder, html=True), name="page")
        return

    @app.get("/", include_in_schema=False)
    def not_built() -> None:
        raise DataError("PAGE_NOT_BUILT", "The page was not built.", "Run `npm ci && npm run build` in app/web.")
