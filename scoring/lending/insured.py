"""Policies that cover the plots of loans, and what became of claims on them."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from scoring.lending.agreement import disagreements, repeats
from scoring.lending.cells import Cells
from scoring.lending.mapping import LoanMapping

#: What a policy is known by.
POLICY: Final = ("loan_number", "parcel_id", "kind", "insurer", "policy_number")
KINDS: Final = ("crop", "income", "asset", "life", "accident")
OUTCOMES: Final = ("open", "paid", "refused", "withdrawn")

_TERMS: Final = ("crop", "insured_minor", "premium_minor", "starts_on", "ends_on", "currency")
_CLAIM: Final = ("event", "event_from", "event_to", "outcome", "paid_minor")
_STATED: Final = ("policy_number", "insured_minor", "premium_minor", "starts_on", "ends_on", *_CLAIM)


def read_insurances(
    cells: Cells, mapping: LoanMapping, loans: pd.DataFrame, plots: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Policies and claims, as LoanBook has them, of the rows that state something of one; faults stay with the cells.

    A row states a policy where it has a policy number, an insured sum, a premium, a day of cover or an event: that
    a kind of insurance exists in the country insures nobody.

    Args:
        cells: of the file.
        mapping: what its columns hold.
        loans: facts of the loan of every row.
        plots: the plot of every row.
    """
    rows = _rows(cells, mapping, loans, plots)
    policies = rows[rows[list(_STATED)].notna().any(axis=1)]
    _check(cells, policies)
    claims = policies[policies[list(_CLAIM)].notna().any(axis=1)]
    _check_claims(cells, claims)
    keys = policies[list(POLICY)].astype(object).where(policies[list(POLICY)].notna(), "")
    insurances = policies[~keys.duplicated()][[*POLICY, *_TERMS]]
    told = claims[[*POLICY, *_CLAIM, "currency"]].rename(columns={"event_from": "starts_on", "event_to": "ends_on"})
    return insurances.reset_index(drop=True), told.reset_index(drop=True)


def _rows(cells: Cells, mapping: LoanMapping, loans: pd.DataFrame, plots: pd.DataFrame) -> pd.DataFrame:
    said, currency = mapping.insurance, loans.currency.tolist()
    columns: dict[str, list[Any]] = {
        "loan_number": loans.loan_number.tolist(),
        "parcel_id": plots.parcel_id.tolist(),
        "kind": cells.texts("insurance_kind", said.get("insurance_kind")),
        "insurer": cells.texts("insurer", said.get("insurer")),
        "policy_number": cells.texts("policy_number", said.get("policy_number")),
        "crop": plots.crop.tolist(),
        "insured_minor": cells.amounts("insured", said.get("insured"), currency, above_zero=True),
        "premium_minor": cells.amounts("premium", said.get("premium"), currency, above_zero=False),
        "starts_on": cells.days("insured_from", said.get("insured_from")),
        "ends_on": cells.days("insured_to", said.get("insured_to")),
        "currency": currency,
        "event": cells.texts("event", said.get("event")),
        "event_from": cells.days("event_from", said.get("event_from")),
        "event_to": cells.days("event_to", said.get("event_to")),
        "outcome": cells.texts("claim_outcome", said.get("claim_outcome")),
        "paid_minor": cells.amounts("claim_paid", said.get("claim_paid"), currency, above_zero=False),
    }
    return pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})


def _check(cells: Cells, policies: pd.DataFrame) -> None:
    add = cells.faults.add
    kinds = zip(policies.index, policies.kind, policies.insurer, strict=True)
    for row, kind, insurer in kinds:
        if kind not in KINDS:
            add("LOAN_WORD", [(row, f"insurance_kind {kind!r} is none of {', '.join(KINDS)}")])
        if insurer is None:
            add("LOAN_WORD", [(row, "insurer is empty")])
    for first, last in (("starts_on", "ends_on"), ("event_from", "event_to")):
        add("LOAN_DATES", (
            (row, f"{first} {start} is after {last} {end}")
            for row, start, end in zip(policies.index, policies[first], policies[last], strict=True)
            if start is not None and end is not None and end < start
        ))  # fmt: skip
    own = policies.reset_index()
    keys = own[list(POLICY)].astype(object).where(own[list(POLICY)].notna(), "")
    for place, name in disagreements(keys, own[list(_TERMS)]):
        add("LOAN_DIFFERS", [(int(own["index"][place]), f"{name} of the policy differs from its first row's")])


def _check_claims(cells: Cells, claims: pd.DataFrame) -> None:
    for row, event, outcome in zip(claims.index, claims.event, claims.outcome, strict=True):
        if event is None:
            cells.faults.add("LOAN_WORD", [(row, "a claim has no event")])
        if outcome is not None and outcome not in OUTCOMES:
            cells.faults.add("LOAN_WORD", [(row, f"claim_outcome {outcome!r} is none of {', '.join(OUTCOMES)}")])
    own = claims.reset_index()
    names = [*POLICY, "event", "event_from"]
    keys = own[names].astype(object).where(own[names].notna(), "")
    cells.faults.add(
        "LOAN_TWICE", ((int(own["index"][place]), "the same claim stands before") for place in repeats(keys))
    )
