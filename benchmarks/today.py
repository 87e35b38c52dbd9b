"""Today's page over a whole book: seconds of the notices to insurers, of the work list behind them, and of the page.

    python benchmarks/today.py                    # 200,000 parcels, 66,000 insured contracts, SQLite
    python benchmarks/today.py --side 50          # 2,500 parcels
    python benchmarks/today.py --url postgresql+psycopg://...   # an empty database

One process, one thread; the second run of each, processor seconds beside those of the clock. A parcel in fifty has a
live alert, and every contract a crop policy without a claim, so that each alert has a last day of notice.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from portfolio import lent_book, put, say
from serve_book import DAY, LOGIN, NOW
from sqlalchemy import Engine, update

from app.alerts.worklist.listing import Wanted, list_alerts
from app.api.access.scope import scope_of
from app.api.access.sessions import Signed
from app.api.office.desk import Desk
from app.api.office.today.claims import claims_due
from app.api.office.today.page import today_page
from app.book.decisions.people import NewUser, add_user, find_user
from app.db.engine import reading, writing
from app.db.loading import refresh_statistics
from app.db.tables import Insurance, Run
from app.db.tables.kinds import UserRole

_POLICY: Final = "in-kcc-2018"


def main() -> None:
    """Print one JSON line per part."""
    with lent_book(__doc__) as (engine, parcels, _):
        insure(engine, parcels // 3)
        for login in (LOGIN, "otto"):
            measure(engine, login)


def insure(engine: Engine, contracts: int) -> None:
    """A crop policy for each contract, a policy that knows days of notice, and an officer of a branch."""
    fact = {"source": "core", "as_of": DAY, "valid_from": NOW, "recorded_at": NOW}
    cover = {"kind": "crop", "insurer": "AIC", "currency": "CNY", "starts_on": date(2026, 1, 1)}
    with writing(engine) as connection:
        connection.execute(update(Run).values(policy_id=_POLICY))
        put(connection, Insurance, ({"facility_id": n, **cover, **fact} for n in range(1, contracts + 1)))
        keeper = find_user(connection, "ada")
        add_user(connection, NewUser("otto", "Otto", UserRole.OFFICER, "010", "en"), keeper, NOW)
    refresh_statistics(engine)


def measure(engine: Engine, login: str) -> None:
    """Time the parts for one person."""
    with reading(engine) as connection:
        person = find_user(connection, login)
        desk = Desk(
            connection, Signed(0, "", person, person.unit, "en", NOW, NOW), scope_of(connection, person), DAY, None
        )
        live = list_alerts(connection, Wanted(unit=person.unit), DAY).alerts
        parts = {
            "work list": lambda: list_alerts(connection, Wanted(unit=person.unit), DAY).found,
            "claims": lambda: claims_due(desk, live).total,
            "page": lambda: len(today_page(desk, NOW).model_dump_json()),
        }
        for name, work in parts.items():
            work()
            say(f"{person.unit} {name}", work)


if __name__ == "__main__":
    main()
