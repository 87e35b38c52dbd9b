"""The limit that the proposal of an application is: the file kept for it, and all of it worked out again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, true

from app.artefacts.contents import ContentStore
from app.book.applications.files import find
from app.book.applications.weighing import weigh
from app.book.decisions.cases import Case, find_case, require_policy
from app.book.refresh.facts import moment_of
from app.db.tables import Application, CreditSubject, Proposal
from geo.errors import DataError, InputError
from scoring.policy import Pack, load_pack
from scoring.receipts.limit import Limit


@dataclass(frozen=True, slots=True)
class Proposed:
    """The limit of an application's proposal with its plots.

    Attributes:
        limit: the borrower's own, as it was kept.
        pack: the policy that made it.
        parcels: limits of the plots, by parcel.
        inputs: rows of scoring.inputs.INPUTS of the plots, by parcel.
        receipt: the borrower's limit worked out again: the very bytes that were kept.
    """

    limit: Limit
    pack: Pack
    parcels: Mapping[str, Limit]
    inputs: Mapping[str, Mapping[str, Any]]
    receipt: bytes


def kept_limit(connection: Connection, store: ContentStore, proposal_id: int) -> Limit:
    """The borrower's limit as it was kept when an application became a proposal.

    Raises:
        InputError: there is no such proposal.
        DataError: the borrower's data were erased, or the file is gone or damaged.
    """
    case = find_case(connection, proposal_id)
    subject = select(CreditSubject.subject_id).where(CreditSubject.id == case.credit_subject_id)
    if connection.scalar(subject) is None:
        raise DataError(
            "FARMER_ERASED",
            f"The data of the subject of proposal {proposal_id} were erased: whose limit it was is gone.",
            "Amount, outcome and hashes stand: `acreline decisions list --decided`.",
        )
    row = json.loads(store.read(case.receipt_hash))
    return Limit.of(row | {"reasons": json.dumps(row["reasons"])})


def proposed_limit(connection: Connection, store: ContentStore, packs: Path | None, proposal_id: int) -> Proposed:
    """The limit with its plots, weighed again as the database knew its facts when it was proposed.

    Args:
        connection: database.
        store: where receipts are kept.
        packs: folder of the bank's own packs; None: the shipped ones only.
        proposal_id: of an application.

    Raises:
        InputError: the policy is not the one that made it, or the application says something else by now
            (APPLICATION_REWRITTEN): it was returned and filled in anew.
        DataError: see kept_limit.
    """
    limit, case = kept_limit(connection, store, proposal_id), find_case(connection, proposal_id)
    pack = load_pack(case.policy_id, packs_dir=packs)
    require_policy(case, pack)
    return _again(connection, case, limit, pack)


def _again(connection: Connection, case: Case, limit: Limit, pack: Pack) -> Proposed:
    made = connection.execute(select(Proposal.recorded_at).where(Proposal.id == case.id)).scalar_one()
    number = connection.execute(select(Application.number).where(Application.id == case.application_id)).scalar_one()
    filed, moment = find(connection, number, true()), moment_of(pack.local_day(made), pack, made)
    try:
        weighed = weigh(connection, filed, pack, moment)
    except InputError as error:
        raise _rewritten(case.id) from error
    if Limit.of(weighed.farmer).sha256 != limit.sha256:
        raise _rewritten(case.id)
    return Proposed(
        limit=limit,
        pack=pack,
        parcels={row["subject_id"]: Limit.of(row) for row in weighed.parcels},
        inputs={row["parcel_id"]: row for row in weighed.inputs.parcels.to_pylist()},
        receipt=weighed.receipt,
    )


def _rewritten(proposal_id: int) -> InputError:
    return InputError(
        "APPLICATION_REWRITTEN",
        f"The application was changed after proposal {proposal_id}: the limits of its plots cannot be shown.",
        "The receipt that was kept still stands; look at the application's newest proposal.",
    )
