"""The built page: files with a hash in their name are kept for good, the entry is asked for each time.

The build leaves packed twins beside its files (x.js.br, x.js.gz); who takes one gets it.
"""

from __future__ import annotations

import os
from os import PathLike, stat_result
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.routing import Match, Mount
from starlette.types import Scope

from geo.errors import DataError

#: Folder of the built page whose file names carry a content hash.
HASHED: Final = "assets"
#: The page of one run, and that of people who sign in.
MAP_PAGE: Final = "index.html"
OFFICE_PAGE: Final = "office.html"
#: How addresses of data begin: without the router's word a wrong method there would be one of the page.
_DATA: Final = ("/api/", "/ogc", "/map-layers/")
#: Endings of packed twins, the smallest first.
_ENCODINGS: Final = {".br": "br", ".gz": "gzip"}


class PageFiles(StaticFiles):
    """Static files with caching by name; the folder itself answers with one of its pages."""

    def __init__(self, folder: Path, entry: str) -> None:
        super().__init__(directory=folder)
        self._entry = entry

    def lookup_path(self, path: str) -> tuple[str, stat_result | None]:
        """Where a path lies; the entry for the folder itself."""
        return super().lookup_path(self._entry if path in ("", ".") else path)

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Answer with a file, or the smallest twin that is taken, to be kept for good or asked for again."""
        ending = _twin(Path(full_path), Headers(scope=scope).get("accept-encoding", ""))
        sent = Path(f"{os.fspath(full_path)}{ending}")
        response = super().file_response(sent, sent.stat() if ending else stat_result, scope, status_code)
        response.headers["Vary"] = "Accept-Encoding"
        if ending:
            response.headers["Content-Encoding"] = _ENCODINGS[ending]
        hashed = Path(full_path).parent.name == HASHED
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if hashed else "no-cache"
        return response


def _twin(path: Path, taken: str) -> str:
    """Ending of the best packed twin of a file that is there and taken; empty where there is none."""
    named = {each.split(";")[0].strip() for each in taken.lower().split(",")}
    fits = (end for end, encoding in _ENCODINGS.items() if encoding in named and Path(f"{path}{end}").is_file())
    return next(fits, "")


class PageMount(Mount):
    """The page at "/", which is in no address of data's way: what lies there is answered by the router alone."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether the page answers, and what it is told of the request."""
        return (Match.NONE, {}) if scope["path"].startswith(_DATA) else super().matches(scope)


def mount_page(app: FastAPI, folder: Path, entry: str = MAP_PAGE) -> None:
    """Serve a built page at "/"; where it was never built, "/" says so."""
    if (folder / entry).is_file():
        app.router.routes.append(PageMount("/", PageFiles(folder, entry), name="page"))
        return

    @app.get("/", include_in_schema=False)
    def not_built() -> None:
        raise DataError("PAGE_NOT_BUILT", "The page was not built.", "Run `npm ci && npm run build` in app/web.")
