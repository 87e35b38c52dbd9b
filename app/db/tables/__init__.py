"""All tables of the database; importing this package fills Base.metadata."""

from __future__ import annotations

from app.db.tables.credit import Application, Decision, Drawdown, Facility, Override, Role, Sublimit
from app.db.tables.land import ContractPlot, CropCycle, LandRight
from app.db.tables.loan import Guarantee, Insurance, LoanAccount
from app.db.tables.observation import (
    CreditLimit,
    Parcel,
    ParcelGeometry,
    ParcelLineage,
    ParcelObservation,
    ParcelPeriod,
    Run,
    SeasonObservation,
)
from app.db.tables.organisation import Authority, OrgUnit, User
from app.db.tables.people import BureauCheck, Consent, Membership, Party, PersonalData, Retention

__all__ = [
    "Application",
    "Authority",
    "BureauCheck",
    "Consent",
    "ContractPlot",
    "CreditLimit",
    "CropCycle",
    "Decision",
    "Drawdown",
    "Facility",
    "Guarantee",
    "Insurance",
    "LandRight",
    "LoanAccount",
    "Membership",
    "OrgUnit",
    "Override",
    "Parcel",
    "ParcelGeometry",
    "ParcelLineage",
    "ParcelObservation",
    "ParcelPeriod",
    "Party",
    "PersonalData",
    "Retention",
    "Role",
    "Run",
    "SeasonObservation",
    "Sublimit",
    "User",
]
