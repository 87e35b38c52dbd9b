"""Talking to the service: one token, one pace for all threads, one clear error for every failure."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final, TypeVar

import requests
from oauthlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]
from sentinelhub.api.catalog import SentinelHubCatalog
from sentinelhub.api.process import SentinelHubRequest
from sentinelhub.config import SHConfig
from sentinelhub.constants import CRS, MimeType, MosaickingOrder, ResamplingType
from sentinelhub.data_collections import DataCollection
from sentinelhub.download.rate_limit import SentinelHubRateLimit
from sentinelhub.download.sentinelhub_client import SentinelHubDownloadClient
from sentinelhub.download.session import SentinelHubSession
from sentinelhub.exceptions import DownloadFailedException, SHRateLimitWarning
from sentinelhub.geometry import BBox

from geo.grid import Bounds
from geo.season import Season
from tiles.sources.sentinel_hub.deployments import Credentials, Deployment
from tiles.sources.sentinel_hub.evalscript import Layer, evalscript
from tiles.sources.sentinel_hub.failures import explain, long_wait, status_of
from tiles.sources.sentinel_hub.planning import Acquisition
from tiles.sources.sentinel_hub.products import Product, product_of

_COLLECTION: Final = DataCollection.SENTINEL2_L2A
_PAGE: Final = 100
_LONGEST_WAIT_S: Final = 300.0
_MOST_RATE_LIMITS: Final = 30
_UNAUTHORISED: Final = 401
#: They write request bodies and answers of the token endpoint, secrets included, to their debug logs.
_TALKATIVE: Final = ("requests_oauthlib", "oauthlib")

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one Process API request gave.

    Attributes:
        content: a TIFF file.
        units: processing units that the service says it took; None where it does not say.
    """

    content: bytes
    units: float | None


class Connection:
    """An account at a deployment; usable from several threads.

    Attributes:
        deployment: who is asked.
    """

    def __init__(self, deployment: Deployment, credentials: Credentials, *, patience_s: float = 5.0) -> None:
        """Prepare; the first request gets the token.

        Args:
            deployment: who is asked.
            credentials: OAuth client.
            patience_s: first wait before a request is repeated that met a fault of the service; it triples each time.
        """
        self.deployment = deployment
        self._credentials = credentials
        self._config = SHConfig(
            use_defaults=True,  # no file of the user's home is read or written
            sh_client_id=credentials.client_id,
            sh_client_secret=credentials.client_secret,
            sh_base_url=deployment.base_url,
            sh_token_url=deployment.token_url,
            download_sleep_time=patience_s,
            max_retries=_MOST_RATE_LIMITS,
        )
        self._pace = _Pace(deployment)
        self._session: SentinelHubSession | None = None
        self._lock = Lock()
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.INFO)

    def products(self, box: Bounds, season: Season) -> list[Product]:
        """Sentinel-2 L2A products over a box whose UTC date lies in a season.

        Args:
            box: (west, south, east, north), degrees, west <= east; of whole processing tiles.
            season: days, both ends included.

        Raises:
            InputError: the account is refused.
            DataError: the answer is not the documented one.
            TransientError: the service does not answer, or asks for a long wait.
        """

        def search() -> list[Product]:
            catalog = SentinelHubCatalog(config=self._config)
            catalog.client = self._client()
            found = catalog.search(
                _COLLECTION.catalog_id,
                bbox=BBox(box, CRS.WGS84),
                time=(f"{season.start}T00:00:00", f"{season.end}T23:59:59"),
                limit=_PAGE,
            )
            return [product_of(feature) for feature in found]

        with waiting_is_no_warning():
            return self._asked(search, f"the catalogue from {season.start} to {season.end}")

    def image(self, acquisition: Acquisition, layer: Layer, max_cloud_pct: int | None = None) -> Answer:
        """One layer of one acquisition of a whole tile; see `products` for errors.

        Args:
            acquisition: tile and day.
            layer: bands and grid.
            max_cloud_pct: products with more cloud do not take part.
        """

        def process() -> Answer:
            request = SentinelHubRequest(
                evalscript=evalscript(layer.bands),
                input_data=[_input(acquisition, max_cloud_pct)],
                responses=[SentinelHubRequest.output_response("default", MimeType.TIFF)],
                bbox=BBox(acquisition.tile.bounds, CRS(str(acquisition.tile.epsg))),
                size=(layer.side_px, layer.side_px),
                config=self._config,
            )
            (response,) = self._client().download(request.download_list, max_threads=1, decode_data=False)
            return Answer(response.content, _spent(response.headers))

        return self._asked(process, f"tile {acquisition.tile.name} on {acquisition.day}")

    def _asked(self, exchange: Callable[[], _T], what: str) -> _T:
        """Result of an exchange; a token that the service calls expired is renewed once."""
        try:
            return self._with_fresh_token(exchange)
        except (OAuth2Error, DownloadFailedException, requests.RequestException) as error:
            explained = explain(error, self.deployment, self._credentials, what)
            if explained is None:
                raise
        # Raised out here it has no context: that would hold the request with its secrets, and could be pickled.
        raise explained

    def _with_fresh_token(self, exchange: Callable[[], _T]) -> _T:
        used = self._open()
        try:
            return exchange()
        except DownloadFailedException as error:
            if status_of(error) != _UNAUTHORISED:
                raise
        self._renew(used)
        return exchange()

    def _open(self) -> SentinelHubSession:
        with self._lock:
            if self._session is None:
                self._session = _Session(config=self._config)
            return self._session

    def _renew(self, used: SentinelHubSession) -> None:
        with self._lock:
            if self._session is used:  # else another thread has done it
                self._session = _Session(config=self._config)

    def _client(self) -> SentinelHubDownloadClient:
        client = SentinelHubDownloadClient(session=self._open(), config=self._config)
        client.rate_limit = self._pace
        return client


class _Session(SentinelHubSession):
    """A session whose token several threads may ask for."""

    def __init__(self, config: SHConfig) -> None:
        self._own_lock = Lock()
        super().__init__(config)

    @property
    def token(self) -> dict[str, Any]:
        with self._own_lock:
            return super().token


class _Pace(SentinelHubRateLimit):
    """The service's pace, shared by all threads; a very long wait is an error."""

    def __init__(self, deployment: Deployment) -> None:
        super().__init__()
        self._deployment = deployment
        self._lock = Lock()

    def register_next(self) -> float:
        with self._lock:
            return float(super().register_next())

    def update(self, headers: Mapping[str, Any], *, default: float) -> None:
        stated = str(headers.get(self.RETRY_HEADER, ""))
        wait_ms = int(stated) if stated.isdecimal() else round(default)
        if wait_ms > _LONGEST_WAIT_S * 1000:
            raise long_wait(self._deployment, wait_ms / 1000)
        with self._lock:
            super().update({self.RETRY_HEADER: wait_ms}, default=default)


def _input(acquisition: Acquisition, max_cloud_pct: int | None) -> dict[str, Any]:
    # A plain dict: the library's own would bind the request to the main deployment, whatever the configuration says.
    clouds = {} if max_cloud_pct is None else {"dataFilter": {"maxCloudCoverage": max_cloud_pct}}
    return dict(
        SentinelHubRequest.input_data(
            _COLLECTION,
            time_interval=acquisition.window,
            mosaicking_order=MosaickingOrder.MOST_RECENT,
            upsampling=ResamplingType.NEAREST,
            downsampling=ResamplingType.NEAREST,
            other_args={"processing": {"harmonizeValues": True}, **clouds},
        )
    )


def _spent(headers: Mapping[str, str]) -> float | None:
    said = next((text for name, text in headers.items() if name.lower() == "x-processingunits-spent"), None)
    try:
        return None if said is None else float(said)
    except ValueError:
        return None


@contextmanager
def waiting_is_no_warning() -> Iterator[None]:
    """The library warns each time it waits, and waiting is what is wanted. For the main thread only."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SHRateLimitWarning)
        yield
