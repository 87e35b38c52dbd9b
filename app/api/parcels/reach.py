"""Whose parcels a request may see: those that people of a unit see. Nothing else of who asks matters here."""

from __future__ import annotations

from typing import Annotated, Protocol, TypeAlias

from fastapi import Depends

from app.api.access.roles import LENDING
from app.api.access.sessions import Signed


class Reach(Protocol):
    """Somebody's part of the book."""

    @property
    def unit(self) -> str:
        """Code of the unit: its parcels, those of units below it and those of no unit may be seen."""
        ...


async def reach_of(signed: Annotated[Signed, Depends(LENDING.person)]) -> Reach:
    """The reach of who is signed in, by the unit that they have now."""
    return signed.person


Reached: TypeAlias = Annotated[Reach, Depends(reach_of)]
