"""The web application over an institution's database: people sign in, and each address says which roles may ask."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

from fastapi import APIRouter, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from app.api.access.roles import require_declared
from app.api.access.routes import router as access_router
from app.api.access.signing_in import Access
from app.api.application import API_VERSION, BUILT_PAGE
from app.api.applications.acting import router as applying
from app.api.applications.routes import router as applications
from app.api.audit.routes import audit
from app.api.decisions.batches import router as batches
from app.api.decisions.request_routes import router as override_requests
from app.api.decisions.routes import router as decisions
from app.api.document import ProblemAPI
from app.api.drawing.routes import router as drawing_router
from app.api.errors import install_error_handlers
from app.api.farmers.routes import farmers
from app.api.find.routes import find, keep_units
from app.api.find.units import UnitShelf
from app.api.imagery.routes import imagery, keep_imagery
from app.api.letters.routes import router as letters_router
from app.api.office.alerts.routes import alerts
from app.api.office.curve.shelf import keep_curves
from app.api.office.parcels.routes import parcels
from app.api.office.today.routes import today
from app.api.page import OFFICE_PAGE, mount_page
from app.api.parcels.routes import keep_parcels, parcel_layer
from app.api.policies.routes import policies
from app.api.portfolio.routes import portfolios
from app.api.runs.routes import runs
from app.api.security import HOSTS, SecurityHeaders
from app.api.visits.routes import router as visits_router
from app.api.work.routes import router as jobs_router
from app.artefacts.curves import CurveShelf
from app.artefacts.folders import Folders
from app.artefacts.runs import RunShelf
from app.maplayers.imagery import ImageryShelf
from app.maplayers.shelf import ParcelShelf

#: All addresses of the service; "/" is the page, which holds no data.
ROUTERS: Final[Sequence[APIRouter]] = (
    access_router,
    parcel_layer,
    imagery,
    find,
    visits_router,
    drawing_router,
    jobs_router,
    today,
    alerts,
    parcels,
    decisions,
    override_requests,
    batches,
    applications,
    applying,
    letters_router,
    farmers,
    portfolios,
    runs,
    policies,
    audit,
)

_GZIP_FROM_BYTES = 1000
_GZIP_LEVEL = 6
#: Largest body of a request: forms only; what is uploaded says its own.
_MOST_BODY_BYTES = 64 * 1024


def create_institution_app(
    access: Access,
    *,
    routers: Sequence[APIRouter] = ROUTERS,
    folders: Folders = Folders(),  # noqa: B008 - frozen
    static_dir: Path | None = None,
) -> FastAPI:
    """Application over an institution's database.

    Args:
        access: the database and what signing in rests on; the caller disposes of the engine.
        routers: the addresses.
        folders: where its files lie; without map layers maps show cells only.
        static_dir: the built page; app/web/dist by default. Without it the API works and "/" says what to build.

    Raises:
        ValueError: an address does not say which roles may ask for it.
    """
    app = bare_institution_app(routers)
    require_declared(app)
    app.state.access = access
    app.state.folders = folders
    app.state.runs = runs = RunShelf(folders.runs, monotonic)
    keep_imagery(app, ImageryShelf(access.engine, runs, folders.layers, monotonic))
    keep_curves(app, CurveShelf())
    keep_parcels(app, ParcelShelf(access.engine, folders.layers, monotonic))
    keep_units(app, UnitShelf(access.engine, monotonic))
    app.add_middleware(GZipMiddleware, minimum_size=_GZIP_FROM_BYTES, compresslevel=_GZIP_LEVEL)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=_hosts(access.origin))
    app.add_middleware(SecurityHeaders, locating=True)
    mount_page(app, BUILT_PAGE if static_dir is None else static_dir, OFFICE_PAGE)
    return app


def bare_institution_app(routers: Sequence[APIRouter] = ROUTERS) -> FastAPI:
    """Routes and error answers without a database behind them: what the OpenAPI document describes."""
    app = ProblemAPI(
        title="Acreline",
        version=API_VERSION,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        max_body_size=_MOST_BODY_BYTES,
    )
    install_error_handlers(app)
    for router in routers:
        app.include_router(router)
    return app


def _hosts(origin: str | None) -> list[str]:
    """Hosts that a request may name: this machine, and the one that browsers see."""
    named = None if origin is None else urlsplit(origin).hostname
    return [*HOSTS, *([named] if named else [])]
