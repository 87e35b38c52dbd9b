"""Requests to a STAC API through pystac-client, with its failures in Acreline's words."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import pystac
import requests
from pystac.errors import STACError, STACTypeError
from pystac_client import Client
from pystac_client.errors import ClientTypeError
from pystac_client.exceptions import APIError
from pystac_client.stac_api_io import StacApiIO
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from geo.errors import AcrelineError, InputError
from geo.grid import Bounds
from geo.lonlat import pieces
from geo.season import Season
from tiles.access import retries, unsigned, without_queries
from tiles.access.hrefs import TIMEOUT_S, host_of
from tiles.access.statuses import by_status, down, told
from tiles.sources.presets import PRESETS

#: Items of a page: a hundred weigh some 4 MB, and some servers cannot answer with more than 6.
_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Connection:
    """How a STAC API is asked.

    Attributes:
        url: its landing page.
        token: sent as a bearer token, to this server only.
        rule: when requests are repeated.
        timeout_s: seconds that the server may stay silent.
    """

    url: str
    token: str | None = field(default=None, repr=False)
    rule: Retry = field(default_factory=retries, repr=False, compare=False)
    timeout_s: float = TIMEOUT_S

    def search(self, collections: Sequence[str], bounds_lonlat: Bounds, season: Season) -> list[pystac.Item]:
        """Items of collections in a box and season, each once, in the server's order; page after page.

        A box across 180 degrees (west > east) is asked for in two halves.

        Raises:
            InputError: the URL is not a STAC API, or it asks for another token.
            TransientError: it does not answer, or takes no more requests, after all retries.
        """
        span = f"{season.start}T00:00:00Z/{season.end + timedelta(days=1)}T00:00:00Z"
        found: dict[tuple[str, str], pystac.Item] = {}
        with self._failures_explained():
            client = self._client()
            for box in pieces(bounds_lonlat):
                search = client.search(collections=list(collections), bbox=box, datetime=span, limit=_PAGE)
                for each in search.items_as_dicts():
                    item = _detached(each)
                    found.setdefault((str(item.collection_id), item.id), item)
        return list(found.values())

    def collections(self) -> list[str]:
        """Names of all collections, sorted; errors as `search`."""
        with self._failures_explained():
            client = self._client()
            return sorted(each.id for each in client.get_collections()) if client.conforms_to("COLLECTIONS") else []

    def _client(self) -> Client:
        client = Client.from_file(self.url, stac_io=self._io(), timeout=self.timeout_s)
        if not (client.conforms_to("ITEM_SEARCH") and client.get_search_link()):
            raise self._not_an_api("it offers no search")
        return client

    def _io(self) -> StacApiIO:
        made = StacApiIO(max_retries=self.rule)
        if self.token is not None:
            self._require_private()
            parts = urlsplit(self.url)
            made.session.mount(f"{parts.scheme}://{parts.netloc}/", _BearerAdapter(self.token, self.rule))
        return made

    def _require_private(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme != "https" and not _is_loopback(parts.hostname or ""):
            raise InputError("OPEN_URL", f"{unsigned(self.url)} would show the token to the network.", "Use https://.")

    @contextmanager
    def _failures_explained(self) -> Iterator[None]:
        """Raise what pystac-client raises as an error of this house, without its text where that may hold a secret."""
        try:
            yield
        except APIError as error:
            failed = self._refusal(error)
        except (STACError, STACTypeError, ClientTypeError, KeyError, TypeError, ValueError, AttributeError) as error:
            failed = self._not_an_api(_first_line(error))
        else:
            return
        raise failed from None

    def _refusal(self, error: APIError) -> AcrelineError:
        status = getattr(error, "status_code", None)
        if status is None:
            return told(error, self.url) or down(self.url, "no usable answer")
        host = host_of(self.url)
        if status == HTTPStatus.UNAUTHORIZED:
            what, remedy = ("does not accept the token", "Renew") if self.token else ("asks for a token", "Set")
            return InputError("TOKEN_EXPIRED", f"{host} {what} (HTTP 401).", f"{remedy} the setting stac_token.")
        if status == HTTPStatus.FORBIDDEN:
            return InputError(
                "ACCESS_DENIED", f"{host} refuses the search (HTTP 403).", "Check what the account may do there."
            )
        if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return by_status(status, self.url)
        return self._not_an_api(f"it answers HTTP {status}")

    def _not_an_api(self, why: str) -> InputError:
        return InputError(
            "NOT_STAC_API",
            f"{unsigned(self.url)} is not a STAC API: {why}.",
            f"Name the landing page of one, or {', '.join(PRESETS)}.",
        )


class _BearerAdapter(HTTPAdapter):
    """Adds the token as a request leaves: neither redirects to other servers nor pystac-client's log lines hold it."""

    def __init__(self, token: str, rule: Retry) -> None:
        super().__init__(max_retries=rule)
        self._token = token

    def add_headers(self, request: requests.PreparedRequest, **_: Any) -> None:
        """See `HTTPAdapter.add_headers`."""
        request.headers["Authorization"] = f"Bearer {self._token}"


def _detached(read: dict[str, Any]) -> pystac.Item:
    """Item that leads back neither to the client, which holds the token, nor by its links to the network."""
    links = [link for link in read.get("links", []) if link.get("rel") == pystac.RelType.SELF]
    return pystac.Item.from_dict(read | {"links": links})


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _first_line(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return "it is not JSON"
    if isinstance(error, STACTypeError | ClientTypeError):
        return "it is not the landing page of a catalogue"
    return without_queries((str(error).splitlines() or [type(error).__name__])[0]).rstrip(".")
