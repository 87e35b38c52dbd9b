"""Where the Process API runs, and who asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from geo.errors import InputError


@dataclass(frozen=True, slots=True)
class Deployment:
    """One installation of the service.

    Attributes:
        key: name on the command line, and of the catalogue in items.
        title: name for people.
        base_url: of the Catalog and Process APIs, without a slash at the end.
        token_url: where OAuth tokens are issued.
        settings: settings of the client id and of its secret, as environment variables, for messages.
    """

    key: str
    title: str
    base_url: str
    token_url: str
    settings: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Credentials:
    """An OAuth client of a deployment.

    Attributes:
        client_id: its id.
        client_secret: its secret; never shown.
    """

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)


DEPLOYMENTS: Final[Mapping[str, Deployment]] = MappingProxyType(
    {
        "sentinel-hub": Deployment(
            key="sentinel-hub",
            title="Sentinel Hub",
            base_url="https://services.sentinel-hub.com",
            token_url="https://services.sentinel-hub.com/auth/realms/main/protocol/openid-connect/token",  # noqa: S106
            settings=("ACRELINE_SENTINELHUB_CLIENT_ID", "ACRELINE_SENTINELHUB_CLIENT_SECRET"),
        ),
        "copernicus": Deployment(
            key="copernicus",
            title="Copernicus Data Space",
            base_url="https://sh.dataspace.copernicus.eu",
            token_url="https://identity.dataspace.copernicus.eu/auth/realms/CDSE/protocol/openid-connect/token",  # noqa: S106
            settings=("ACRELINE_COPERNICUS_CLIENT_ID", "ACRELINE_COPERNICUS_CLIENT_SECRET"),
        ),
    }
)


def deployment_named(name: str) -> Deployment:
    """Deployment of a name; InputError where there is none."""
    found = DEPLOYMENTS.get(name)
    if found is None:
        raise InputError(
            "SOURCE_UNKNOWN", f"Nothing can be fetched from {name!r}.", f"Name {' or '.join(DEPLOYMENTS)}."
        )
    return found


def credentials_from(deployment: Deployment, client_id: str | None, client_secret: str | None) -> Credentials:
    """Credentials for a deployment; InputError naming the settings where one lacks."""
    if not client_id or not client_secret:
        raise InputError(
            "CREDENTIALS_MISSING",
            f"There are no credentials for {deployment.title}.",
            f"Set {deployment.settings[0]} and {deployment.settings[1]}.",
        )
    return Credentials(client_id, client_secret)
