"""The web application over one run folder."""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final, TypeAlias

from fastapi import FastAPI
from rasterio.errors import NotGeoreferencedWarning
from sqlalchemy import Engine
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from app.api.book import open_book
from app.api.document import ProblemAPI
from app.api.errors import install_error_handlers
from app.api.page import mount_page
from app.api.routes import api, map_layers
from app.api.runfolder import open_run
from app.api.security import HOSTS, SecurityHeaders
from app.db.engine import open_engine, sqlite_url
from geo.errors import DataError

Lifespan: TypeAlias = Callable[[FastAPI], AbstractAsyncContextManager[None]]

#: Where `npm run build` leaves the page.
BUILT_PAGE: Final = Path(__file__).resolve().parents[1] / "web" / "dist"

#: The database of a run folder, for trying out; an institution has its own.
DATABASE: Final = "acreline.db"

API_VERSION: Final = "1"
_GZIP_FROM_BYTES = 1000
_GZIP_LEVEL = 6


def create_app(run_dir: Path, engine: Engine | None = None, *, static_dir: Path | None = None) -> FastAPI:
    """Application that shows a run, read-only.

    Args:
        run_dir: folder of a complete run.
        engine: database that holds the run, disposed of by the caller; by default the acreline.db of the folder.
        static_dir: the built page; app/web/dist by default. Without it the API works and "/" says what to build.

    Raises:
        InputError: the folder holds no complete run, or the database does not hold it.
        DataError: a file of the run is missing or damaged, or the database does not fit.
    """
    # rio-tiler silences this for each picture, but in a way that threads undo for one another.
    warnings.filterwarnings("ignore", category=NotGeoreferencedWarning)
    run = open_run(run_dir)
    used = _own_engine(run_dir) if engine is None else engine
    app = bare_app(_disposing(used) if engine is None else None)
    app.state.run = run
    app.state.book = open_book(used, run.record.run_id)
    app.add_middleware(GZipMiddleware, minimum_size=_GZIP_FROM_BYTES, compresslevel=_GZIP_LEVEL)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(HOSTS))
    app.add_middleware(SecurityHeaders)
    mount_page(app, BUILT_PAGE if static_dir is None else static_dir)
    return app


def bare_app(lifespan: Lifespan | None = None) -> FastAPI:
    """Routes and error answers without a run behind them: what the OpenAPI document describes."""
    # The interactive documentation of FastAPI loads scripts from another host; the document itself is enough.
    app = ProblemAPI(
        title="Acreline",
        version=API_VERSION,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    install_error_handlers(app)
    app.include_router(api)
    app.include_router(map_layers)
    return app


def _own_engine(run_dir: Path) -> Engine:
    file = run_dir / DATABASE
    if not file.is_file():
        raise DataError("DATABASE_MISSING", f"{file} is missing.", "Run the season again, or name a database.")
    return open_engine(sqlite_url(file))


def _disposing(engine: Engine) -> Lifespan:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        engine.dispose()

    return lifespan
