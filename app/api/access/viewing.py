"""Personal data as the service shows them: in scope, and not before the look was written down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select

from app.api.access.schemas import PartyContact
from app.api.access.scope import Scope, scope_of
from app.api.access.sessions import Signed
from app.api.access.signing_in import Access
from app.book.parties.party_views import PartyCard, party_card
from app.db.engine import BESIDE_THE_BOOK, writing
from app.db.listed import listed_numbers
from app.db.tables import Party, PersonalView
from geo.errors import InputError


def show_party(access: Access, signed: Signed, party_id: int, what: str, reason: str) -> PartyCard:
    """Name and contact of a party, after the look was written down.

    Args:
        access: what signing in rests on.
        signed: who looks.
        party_id: at whom.
        what: kind of data that is shown ("name and contact").
        reason: why; the page or step that shows it.

    Raises:
        InputError: there is no such party in the person's scope; a party of another branch is not there either.
    """
    note_views(access, signed, [party_id], what, reason)
    with access.engine.connect() as connection:
        return party_card(connection, party_id)


def contact_of(card: PartyCard) -> PartyContact:
    """Name and contact as the service shows them."""
    return PartyContact(
        id=card.line.id,
        kind=card.line.kind,
        farmer_id=card.line.farmer_id,
        unit=card.line.unit,
        name=card.name,
        phone=card.phone,
        address=card.address,
        erased=card.line.erased_at is not None,
    )


def note_views(access: Access, signed: Signed, parties: Sequence[int], what: str, reason: str) -> None:
    """Write down that somebody looks at parties, and commit, before anything is shown.

    Args:
        access: what signing in rests on.
        signed: who looks.
        parties: numbers of those whose data a list or page shows.
        what: kind of data that is shown.
        reason: why.

    Raises:
        InputError: one of the parties is not in the person's scope; then nothing is written.
    """
    with writing(access.engine, lock=BESIDE_THE_BOOK) as connection:
        require_parties(connection, scope_of(connection, signed.person), parties)
        rows = [_row(signed, party, what, reason, access.clock()) for party in sorted(set(parties))]
        if rows:
            connection.execute(insert(PersonalView), rows)


def require_parties(connection: Connection, scope: Scope, parties: Sequence[int]) -> None:
    """Refuse parties that are not there for a person: unknown ones and those of others alike.

    Raises:
        InputError: a party is not in the scope; the message names the first.
    """
    wanted = set(parties)
    known = select(Party.id).where(Party.id.in_(listed_numbers(connection, sorted(wanted))), scope.parties())
    missing = sorted(wanted - set(connection.scalars(known)))
    if missing:
        raise InputError("PARTY_UNKNOWN", f"There is no party {missing[0]}.", "Search for it by another number.")


def _row(signed: Signed, party_id: int, what: str, reason: str, now: datetime) -> dict[str, object]:
    by = signed.person.id
    return {"party_id": party_id, "viewed_by_id": by, "what": what, "reason": reason, "viewed_at": now}
