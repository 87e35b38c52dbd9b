"""What an application still lacks, step by step."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import Connection

from app.book.applications.drafting import plots_of
from app.book.applications.files import Filed
from app.book.applications.papers import papers_of
from app.book.applications.statements import last_report, zone_of
from app.book.parties.consents import valid_consent
from app.db.tables.kinds import ConsentPurpose
from app.db.tables.office_kinds import PaperKind
from geo.errors import InputError
from scoring.policy import Pack


class Lack(StrEnum):
    """What is not there yet; without it nothing is submitted."""

    FARMER_NUMBER = "farmer_number"
    PROCESSING_CONSENT = "processing_consent"
    BUREAU_CONSENT = "bureau_consent"
    BUREAU_REPORT = "bureau_report"
    IDENTITY_PAPER = "identity_paper"
    PLOTS = "plots"
    LAND_RIGHTS = "land_rights"
    AMOUNT = "amount"
    SEASON = "season"


def lacks_of(connection: Connection, filed: Filed, pack: Pack, today: date) -> tuple[Lack, ...]:
    """What an application lacks on a day.

    A report that the bureau could not give is a report: the limit says what it lacks then.
    """
    plots = plots_of(connection, filed.id)
    kinds = {paper.kind for paper in papers_of(connection, filed.id)}

    def agreed(purpose: ConsentPurpose) -> bool:
        return valid_consent(connection, filed.party_id, purpose, today, zone_of(pack)) is not None

    report = last_report(connection, filed.party_id)
    told = report is not None and (report.expires_on is None or report.expires_on >= today)
    missing = {
        Lack.FARMER_NUMBER: filed.farmer_id is None,
        Lack.PROCESSING_CONSENT: not agreed(ConsentPurpose.PROCESSING),
        Lack.BUREAU_CONSENT: not agreed(ConsentPurpose.BUREAU),
        Lack.BUREAU_REPORT: not told,
        Lack.IDENTITY_PAPER: PaperKind.IDENTITY not in kinds,
        Lack.PLOTS: not plots,
        Lack.LAND_RIGHTS: any(plot.land_right_id is None for plot in plots),
        Lack.AMOUNT: filed.requested_minor == 0,
        Lack.SEASON: filed.season_id is None,
    }
    return tuple(lack for lack, is_missing in missing.items() if is_missing)


def require_whole(connection: Connection, filed: Filed, pack: Pack, today: date) -> None:
    """Refuse an application that lacks something; the message lists all of it (InputError)."""
    lacks = lacks_of(connection, filed, pack, today)
    if lacks:
        said = ", ".join(lack.replace("_", " ") for lack in lacks)
        raise InputError("APPLICATION_LACKS", f"The application {filed.number} lacks: {said}.", "Fill it in first.")
