"""How every kind of entry is checked against the rows that it vouches for."""

from __future__ import annotations

from collections.abc import Mapping

from app.book.chain.witness import Witness
from app.book.decisions.authorities import authority_witness
from app.book.decisions.doors import identity_witness, key_witness
from app.book.decisions.people import user_witness
from app.book.decisions.rulings import decision_witness
from app.book.ground import finding_witness
from app.book.loans.imports import import_witness
from app.book.parties.consents import consent_witness
from app.book.parties.erasure import erasure_witness
from app.book.refresh.batches import batch_witness, release_witness
from app.db.tables.kinds import EntryKind


def witnesses() -> Mapping[EntryKind, Witness]:
    """By kind. Whoever appends entries of a new kind adds its witness here."""
    return {
        EntryKind.API_KEY: key_witness(),
        EntryKind.AUTHORITY: authority_witness(),
        EntryKind.BATCH: batch_witness(),
        EntryKind.CONSENT: consent_witness(),
        EntryKind.DECISION: decision_witness(),
        EntryKind.ERASURE: erasure_witness(),
        EntryKind.FINDING: finding_witness(),
        EntryKind.IDENTITY: identity_witness(),
        EntryKind.LOAN_IMPORT: import_witness(),
        EntryKind.RELEASE: release_witness(),
        EntryKind.USER: user_witness(),
    }
