"""A run of six parcels with loans on them, and a watch over it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Engine, insert

from app.alerts.loans.stages import LoanAtStage, loan_stages
from app.alerts.watches.history import History
from app.alerts.watches.recording import WatchRow, record_watch
from app.book.refresh.facts import Moment
from app.db.engine import writing
from app.db.loading import load_run
from app.db.tables import ContractPlot, Facility, LoanAccount
from scoring.policy import load_pack
from tests.app.alerts.told import SEASON_ID, Line, day, told
from tests.app.db.made_up import made_up_run

CN = load_pack("cn-planting-generic")
START = datetime(2018, 10, 1, tzinfo=UTC)
SINCE: dict[str, Any] = {"valid_from": START, "recorded_at": START}
NOW = datetime(2019, 12, 31, tzinfo=UTC)
LOSS = "abrupt_loss"
FAILED = ("p000", LOSS, "06-01", "06-01", "opened", "action")


class Loans:
    """A run of six parcels whose wheat grew from March to 15 July 2019, and loans on them."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        load_run(engine, *made_up_run("run-1").tables, now=START)

    def loan(self, number: str, parcels: tuple[str, ...], due: date | None, **said: Any) -> None:
        with writing(self.engine) as connection:
            line = {
                "number": f"F-{number}", "product": "planting", "currency": "CNY", "revolving": False,
                "status": "active", "starts_on": START.date(),
            } | SINCE  # fmt: skip
            key = connection.execute(insert(Facility).values(line)).inserted_primary_key[0]
            account = {
                "facility_id": key, "account_number": number, "product": "planting", "currency": "CNY",
                "outstanding_minor": 1_000_000, "days_overdue": 0, "opened_on": START.date(), "due_on": due,
                "source": "core", "as_of": START.date(),
            } | SINCE | said  # fmt: skip
            connection.execute(insert(LoanAccount).values(account))
            plots = [{"facility_id": key, "parcel_id": parcel, "starts_on": START.date()} | SINCE for parcel in parcels]
            if plots:
                connection.execute(insert(ContractPlot), plots)

    def watch(self, as_of: str, *lines: Line, **more: Any) -> None:
        row = WatchRow(
            f"{as_of}-watch", "run-1", day(as_of), SEASON_ID, "growth-1", "ab" * 32, "cd" * 32, "0", frozenset({LOSS}),
            {"parcels": 6, "judged": 6},
        )  # fmt: skip
        with writing(self.engine) as connection:
            record_watch(connection, row, History.of(told(*lines, **more)), {}, NOW)

    def stages(self, on: str, **asked: Any) -> dict[str, LoanAtStage]:
        with self.engine.connect() as connection:
            found = loan_stages(connection, Moment(day(on), NOW), CN, **asked)
        return {loan.account_number: loan for loan in found}

    def write(self, statement: Any) -> Any:
        with writing(self.engine) as connection:
            return connection.execute(statement)
