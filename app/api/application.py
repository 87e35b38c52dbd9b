"""The web application over one run folder."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from app.api.book import TableBook
from app.api.errors import install_error_handlers
from app.api.page import mount_page
from app.api.routes import api, map_layers
from app.api.runfolder import open_run
from app.api.security import HOSTS, SecurityHeaders

#: Where `npm run build` leaves the page.
BUILT_PAGE: Final = Path(__file__).resolve().parents[1] / "web" / "dist"

API_VERSION: Final = "1"
_GZIP_FROM_BYTES = 1000
_GZIP_LEVEL = 6


def create_app(run_dir: Path, *, static_dir: Path | None = None) -> FastAPI:
    """Application that shows a run, read-only.

    Args:
        run_dir: folder of a complete run.
        static_dir: the built page; app/web/dist by default. Without it the API works and "/" says what to build.

    Raises:
        InputError: the folder holds no complete run.
        DataError: a file of the run is missing or damaged.
    """
    app = bare_app()
    app.state.run = open_run(run_dir)
    app.state.book = TableBook(run_dir)
    app.add_middleware(GZipMiddleware, minimum_size=_GZIP_FROM_BYTES, compresslevel=_GZIP_LEVEL)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(HOSTS))
    app.add_middleware(SecurityHeaders)
    mount_page(app, BUILT_PAGE if static_dir is None else static_dir)
    return app


def bare_app() -> FastAPI:
    """Routes and error answers without a run behind them: what the OpenAPI document describes."""
    # The interactive documentation of FastAPI loads scripts from another host; the document itself is enough.
    app = FastAPI(title="Acreline", version=API_VERSION, openapi_url="/api/openapi.json", docs_url=None, redoc_url=None)
    install_error_handlers(app)
    app.include_router(api)
    app.include_router(map_layers)
    return app
