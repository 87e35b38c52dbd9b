"""The web application over an institution's database: people sign in, and each address says which roles may ask."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

from fastapi import APIRouter, FastAPI

from app.api.access.oidc.routes import keep_service
from app.api.access.oidc.routes import oidc as oidc_router
from app.api.access.oidc.service import SignInService
from app.api.access.roles import require_declared
from app.api.access.routes import router as access_router
from app.api.access.signing_in import Access
from app.api.application import BUILT_PAGE
from app.api.applications.acting import router as applying
from app.api.applications.routes import router as applications
from app.api.audit.routes import audit
from app.api.data.routes import data
from app.api.decisions.batches import router as batches
from app.api.decisions.request_routes import router as override_requests
from app.api.decisions.routes import router as decisions
from app.api.document import ProblemAPI
from app.api.drawing.routes import router as drawing_router
from app.api.farmers.routes import farmers
from app.api.find.routes import find, keep_units
from app.api.find.units import UnitShelf
from app.api.imagery.routes import imagery, keep_imagery
from app.api.letters.routes import router as letters_router
from app.api.office.alerts.routes import alerts
from app.api.office.curve.shelf import keep_curves
from app.api.office.parcels.routes import parcels
from app.api.office.today.routes import today
from app.api.ogc.routes import ogc
from app.api.page import OFFICE_PAGE, mount_page
from app.api.parcels.routes import keep_parcels, parcel_layer
from app.api.policies.routes import policies
from app.api.portfolio.routes import portfolios
from app.api.runs.routes import runs
from app.api.security import HOSTS
from app.api.sites.routes import sites
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
    oidc_router,
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
    sites,
    policies,
    audit,
    data,
    ogc,
)

#: Largest body of a request: forms only; what is uploaded says its own.
_MOST_BODY_BYTES = 64 * 1024


def create_institution_app(
    access: Access,
    *,
    routers: Sequence[APIRouter] = ROUTERS,
    folders: Folders = Folders(),  # noqa: B008 - frozen
    static_dir: Path | None = None,
    service: SignInService | None = None,
) -> FastAPI:
    """Application over an institution's database.

    Args:
        access: the database and what signing in rests on; the caller disposes of the engine.
        routers: the addresses.
        folders: where its files lie; without map layers maps show cells only.
        static_dir: the built page; app/web/dist by default. Without it the API works and "/" says what to build.
        service: the bank's own sign-in service; None: people sign in with passwords only.

    Raises:
        ValueError: an address does not say which roles may ask for it.
    """
    app = bare_institution_app(routers)
    require_declared(app)
    app.state.access = access
    app.state.folders = folders
    keep_service(app, service)
    app.state.runs = runs = RunShelf(folders.runs, monotonic)
    keep_imagery(app, ImageryShelf(access.engine, runs, folders.layers, monotonic))
    keep_curves(app, CurveShelf())
    keep_parcels(app, ParcelShelf(access.engine, folders.layers, monotonic))
    keep_units(app, UnitShelf(access.engine, monotonic))
    app.shield(_hosts(access.origin))
    mount_page(app, BUILT_PAGE if static_dir is None else static_dir, OFFICE_PAGE)
    return app


def bare_institution_app(routers: Sequence[APIRouter] = ROUTERS) -> ProblemAPI:
    """Routes and error answers without a database behind them: what the OpenAPI document describes."""
    app = ProblemAPI(locating=True, max_body_size=_MOST_BODY_BYTES)
    for router in routers:
        app.include_router(router)
    return app


def _hosts(origin: str | None) -> list[str]:
    """Hosts that a request may name: this machine, and the one that browsers see."""
    named = None if origin is None else urlsplit(origin).hostname
    return [*HOSTS, *([named] if named else [])]
