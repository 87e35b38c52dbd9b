"""A stand-in for the service, and accounts on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from geo.grid import TileKey, parse_tile
from tests.tiles.sources.sentinel_hub.stand_in import CLIENT_ID, CLIENT_SECRET, StandIn, stand_in
from tiles.sources.sentinel_hub.connection import Connection
from tiles.sources.sentinel_hub.deployments import Credentials, deployment_named


@pytest.fixture(params=["sentinel-hub"])
def service(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # loopback has no TLS
    with stand_in(deployment_named(request.param)) as running:
        yield running


@pytest.fixture
def connection(service: StandIn) -> Connection:
    return Connection(service.deployment, Credentials(CLIENT_ID, CLIENT_SECRET), patience_s=0.01)


@pytest.fixture
def tile() -> TileKey:
    """A tile in Flanders, within 4 to 5 degrees east and 50 to 51 degrees north."""
    return parse_tile("32631_60_550")
