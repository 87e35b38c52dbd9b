"""The addresses of policies."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from app.api.access.roles import Lender
from app.api.office.desk import desk_of
from app.api.policies.reading import difference, policies_of, policy_page
from app.api.policies.schemas import PolicyDifference, PolicyList, PolicyPage
from app.api.schemas import Problem

_ID = r"^[a-z0-9][a-z0-9-]{0,127}$"

policies = APIRouter(
    prefix="/api/v1/policies", responses={status: {"model": Problem} for status in (401, 403, 404, 422, 500)}
)


@policies.get("")
def list_policies(request: Request, signed: Lender) -> PolicyList:
    """Policies that are at hand, and those that were used."""
    with desk_of(request, signed) as desk:
        return PolicyList(policies=policies_of(desk.connection, desk.packs, desk.day))


@policies.get("/diff")
def show_difference(
    request: Request, signed: Lender, old: Annotated[str, Query(pattern=_ID)], new: Annotated[str, Query(pattern=_ID)]
) -> PolicyDifference:
    """What one policy says otherwise than another, key by key."""
    with desk_of(request, signed) as desk:
        return difference(desk.connection, desk.packs, old, new, desk.day)


@policies.get("/{policy_id}")
def show_policy(request: Request, signed: Lender, policy_id: Annotated[str, Path(pattern=_ID)]) -> PolicyPage:
    """A policy with everything that it says."""
    with desk_of(request, signed) as desk:
        return policy_page(desk.connection, desk.packs, policy_id, desk.day)
