"""The web application over one run folder."""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from rasterio.errors import NotGeoreferencedWarning
from sqlalchemy import Engine

from app.api.book import open_book
from app.api.document import Lifespan, ProblemAPI
from app.api.page import mount_page
from app.api.routes import api, map_layers
from app.api.runfolder import open_run
from app.api.security import HOSTS
from app.db.engine import open_engine, sqlite_url
from geo.errors import DataError

#: Where `npm run build` leaves the page.
BUILT_PAGE: Final = Path(__file__).resolve().parents[1] / "web" / "dist"

#: The database of a run folder, for trying out; an institution has its own.
DATABASE: Final = "acreline.db"


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
    app.shield(HOSTS)
    mount_page(app, BUILT_PAGE if static_dir is None else static_dir)
    return app


def bare_app(lifespan: Lifespan | None = None) -> ProblemAPI:
    """Routes and error answers without a run behind them: what the OpenAPI document describes."""
    app = ProblemAPI(lifespan=lifespan)
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
