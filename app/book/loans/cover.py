"""Insurance policies of a core loan file, and the claims on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, select

from app.book.loans.holding import end, hold
from app.db.listed import listed_numbers
from app.db.rows import Row, chunked
from app.db.tables import Insurance, InsuranceClaim
from scoring.lending.insured import POLICY
from scoring.lending.loanbook import LoanBook

_KEYS: Final = ("facility_id", "parcel_id", "kind", "insurer", "policy_number")


@dataclass(frozen=True, slots=True)
class Cover:
    """Policies and claims that are new or changed."""

    policies: int
    claims: int


def hold_cover(
    connection: Connection, book: LoanBook, lines: Mapping[str, int], parties: Mapping[str, int],
    at: datetime, now: datetime,
) -> Cover:  # fmt: skip
    """Write the policies and claims of a file; arguments and errors as app.book.loans.land.hold_land's.

    A policy that changed takes its open claims along.
    """
    loans = book.loans.set_index("loan_number")
    policies = {_key(row, loans, lines): row for row in book.insurances.to_dict("records")}
    rows = [_policy(key, row, loans, parties, book) for key, row in policies.items()]
    held = hold(connection, Insurance, _KEYS, rows, at, now)
    _end_claims(connection, held.ended, at)
    ids = _ids(connection, [key[0] for key in policies])
    claims = [_claim(ids[_key(row, loans, lines)], row, book) for row in book.claims.to_dict("records")]
    told = hold(connection, InsuranceClaim, ("insurance_id", "event", "starts_on"), claims, at, now)
    return Cover(held.new + held.changed, told.new + told.changed)


def _key(row: Mapping[Any, Any], loans: pd.DataFrame, lines: Mapping[str, int]) -> tuple[Any, ...]:
    line = lines[str(loans.facility_number[row["loan_number"]])]
    return (line, *(row[name] for name in POLICY[1:]))


def _policy(
    key: tuple[Any, ...], row: Mapping[Any, Any], loans: pd.DataFrame, parties: Mapping[str, int], book: LoanBook
) -> Row:
    farmer = loans.farmer_id[row["loan_number"]]
    said = {name: row[name] for name in ("crop", "insured_minor", "premium_minor", "starts_on", "ends_on", "currency")}
    party = {"party_id": None if farmer is None else parties[str(farmer)]}
    return dict(zip(_KEYS, key, strict=True)) | said | party | {"source": book.source, "as_of": book.as_of}


def _claim(insurance_id: int, row: Mapping[Any, Any], book: LoanBook) -> Row:
    names = ("event", "starts_on", "ends_on", "outcome", "paid_minor", "currency")
    told = {name: row[name] for name in names}
    return {"insurance_id": insurance_id} | told | {"source": book.source, "as_of": book.as_of}


def _end_claims(connection: Connection, policies: tuple[int, ...], at: datetime) -> None:
    for chunk in chunked(policies):
        among = InsuranceClaim.insurance_id.in_(listed_numbers(connection, chunk))
        open_now = connection.scalars(select(InsuranceClaim.id).where(among, InsuranceClaim.valid_to.is_(None)))
        end(connection, InsuranceClaim, list(open_now), at)


def _ids(connection: Connection, lines: list[int]) -> dict[tuple[Any, ...], int]:
    found: dict[tuple[Any, ...], int] = {}
    columns = [getattr(Insurance, name) for name in _KEYS]
    for chunk in chunked(list(dict.fromkeys(lines))):
        among = Insurance.facility_id.in_(listed_numbers(connection, chunk))
        rows = connection.execute(select(Insurance.id, *columns).where(among, Insurance.valid_to.is_(None)))
        found |= {tuple(key): number for number, *key in rows}
    return found
