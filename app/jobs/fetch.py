"""Fetch whole processing tiles of a season from the Process API into a local catalogue."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from app.jobs.lock import sole_user
from app.jobs.progress import Reporter
from app.settings import Settings
from geo.errors import InputError
from geo.grid import TileKey
from geo.season import Season
from tiles.sources.sentinel_hub.connection import Connection
from tiles.sources.sentinel_hub.cost import search_units
from tiles.sources.sentinel_hub.deployments import Credentials, Deployment, credentials_from
from tiles.sources.sentinel_hub.fetching import Outcome, fetch, still_to_fetch
from tiles.sources.sentinel_hub.planning import FetchPlan, plan_fetch, search_boxes
from tiles.sources.sentinel_hub.products import Product

_STAGE: Final = "Scenes"
_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """What the user asked for.

    Attributes:
        deployment: who is asked.
        credentials: the account.
        tiles: whole processing tiles.
        season: first and last day.
        out: folder of the catalogue.
        max_cloud_pct: leave out products with more cloud; None leaves none out.
        budget_pu: processing units that the scenes may take in all; None: no limit.
        dry_run: search and count, but fetch nothing.
    """

    deployment: Deployment
    credentials: Credentials
    tiles: tuple[TileKey, ...]
    season: Season
    out: Path
    max_cloud_pct: int | None = None
    budget_pu: float | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class FetchSummary:
    """What a fetch came to, or would.

    Attributes:
        source: name of the deployment.
        season_id: "2018-10-01/2019-10-31".
        dry_run: whether nothing was fetched.
        tiles: tiles asked for.
        scenes: acquisitions (tile and day) of the plan.
        there: of those, how many the folder held before.
        requests: Process API requests for the others.
        units: processing units for the others, by the service's rules.
        max_bytes: bytes of their answers before compression.
        search_units: processing units of the search, by the service's rules, at most.
        fetched: acquisitions fetched now.
        outdated: scenes of the folder that the service now has newer products for.
        units_spent: units that all scenes of the plan took, earlier runs included, as the service counts; None on a
            dry run.
        catalog: catalogue to run on; None on a dry run.
    """

    source: str
    season_id: str
    dry_run: bool
    tiles: int
    scenes: int
    there: int
    requests: int
    units: float
    max_bytes: int
    search_units: float
    fetched: int = 0
    outdated: int = 0
    units_spent: float | None = None
    catalog: str | None = None

    def as_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self), ensure_ascii=False)


def credentials_of(settings: Settings, deployment: Deployment) -> Credentials:
    """Credentials that the settings hold for a deployment; InputError where they lack."""
    prefix = deployment.settings[0].removeprefix("ACRELINE_").removesuffix("_ID").lower()
    secret = getattr(settings, f"{prefix}_secret")
    return credentials_from(
        deployment, getattr(settings, f"{prefix}_id"), None if secret is None else secret.get_secret_value()
    )


def fetch_scenes(request: FetchRequest, report: Reporter) -> FetchSummary:
    """Search, plan, and unless it is a dry run fetch.

    Raises:
        InputError: no scene, an unknown area, the account or the budget at its end; see `tiles.sources.sentinel_hub`.
        DataError: an answer is damaged.
        TransientError: the service does not answer.
    """
    connection = Connection(request.deployment, request.credentials)
    products, searching = _search(request, connection)
    plan = plan_fetch(products, request.tiles, request.season, max_cloud_pct=request.max_cloud_pct)
    if not plan.acquisitions:
        raise _nothing_found(request, products)
    summary = _planned(request, plan, searching)
    if request.dry_run:
        return summary
    with sole_user(request.out):
        report.begin(_STAGE, len(plan.acquisitions) - summary.there)
        outcome = fetch(connection, plan, request.out, budget=request.budget_pu, each=lambda: report.advance(_STAGE))
        report.end(_STAGE, f"{outcome.fetched} fetched, {outcome.kept} there before")
    return _done(summary, outcome)


def _search(request: FetchRequest, connection: Connection) -> tuple[list[Product], float]:
    """Products over the tiles, each once, and processing units of the search at most."""
    found: dict[str, Product] = {}
    units = 0.0
    for area in search_boxes(request.tiles):
        products = connection.products(area, request.season)
        found.update((product.id, product) for product in products)
        units += (len(products) // _PAGE + 1) * search_units(area, request.season)
    return list(found.values()), units


def _planned(request: FetchRequest, plan: FetchPlan, searching: float) -> FetchSummary:
    todo = len(still_to_fetch(plan, request.out))
    cost = plan.cost(todo)
    return FetchSummary(
        source=request.deployment.key,
        season_id=request.season.id,
        dry_run=request.dry_run,
        tiles=len(set(request.tiles)),
        scenes=len(plan.acquisitions),
        there=len(plan.acquisitions) - todo,
        requests=cost.requests,
        units=round(cost.units, 2),
        max_bytes=cost.size,
        search_units=round(searching, 2),
    )


def _done(summary: FetchSummary, outcome: Outcome) -> FetchSummary:
    facts = asdict(summary) | {
        "fetched": outcome.fetched,
        "outdated": outcome.outdated,
        "units_spent": round(outcome.units, 2),
        "catalog": str(outcome.catalog),
    }
    return FetchSummary(**facts)


def _nothing_found(request: FetchRequest, products: Sequence[Product]) -> InputError:
    season, title = request.season.id, request.deployment.title
    if products:
        return InputError(
            "NO_SCENES",
            f"None of the {len(products)} scenes of {title} in the season {season} fits the tiles and --max-cloud.",
            "Raise --max-cloud, or name other tiles.",
        )
    return InputError(
        "NO_SCENES",
        f"{title} holds no Sentinel-2 L2A scene of the season {season} over the tiles.",
        "Name another season or other tiles.",
    )
