"""All tables of the database; importing this package fills Base.metadata."""

from __future__ import annotations

from app.db.tables.access import ApiKey, SignInAttempt, SignInFlow, UserIdentity, UserSession
from app.db.tables.alerts import Alert, AlertEvent, OutsideSignal, Watch
from app.db.tables.applying import ApplicationEvent, ApplicationPaper, ApplicationPlot
from app.db.tables.book import ChainEntry, CreditSubject, LimitBatch, OverrideRequest, Proposal, ProposalParcel
from app.db.tables.credit import (
    Application,
    Decision,
    DecisionParcel,
    Drawdown,
    Facility,
    Override,
    Role,
    Sublimit,
)
from app.db.tables.land import ContractPlot, CropCycle, GroundFinding, LandRight
from app.db.tables.loan import Guarantee, Insurance, InsuranceClaim, LoanAccount, LoanImport
from app.db.tables.notices import Notice, NoticeChannel
from app.db.tables.observation import (
    CreditLimit,
    Parcel,
    ParcelGeometry,
    ParcelLineage,
    ParcelObservation,
    ParcelOrigin,
    ParcelPeriod,
    Run,
    SeasonObservation,
    Village,
)
from app.db.tables.organisation import Authority, OrgUnit, User
from app.db.tables.people import BureauCheck, Consent, Membership, Party, PersonalData, RepaymentCapacity, Retention
from app.db.tables.privacy import BookExport, ErasedNumber, Erasure, PersonalView
from app.db.tables.sites import (
    EnergySite,
    MeterReading,
    RedLine,
    SiteLook,
    SitePlanVersion,
    SiteReport,
    SiteResumption,
    SiteStanding,
    SiteStop,
)
from app.db.tables.visits import Visit, VisitList, VisitTask, VisitUpload
from app.db.tables.work import Job

__all__ = [
    "Alert",
    "AlertEvent",
    "ApiKey",
    "Application",
    "ApplicationEvent",
    "ApplicationPaper",
    "ApplicationPlot",
    "Authority",
    "BookExport",
    "BureauCheck",
    "ChainEntry",
    "Consent",
    "ContractPlot",
    "CreditLimit",
    "CreditSubject",
    "CropCycle",
    "Decision",
    "DecisionParcel",
    "Drawdown",
    "EnergySite",
    "ErasedNumber",
    "Erasure",
    "Facility",
    "GroundFinding",
    "Guarantee",
    "Insurance",
    "InsuranceClaim",
    "Job",
    "LandRight",
    "LimitBatch",
    "LoanAccount",
    "LoanImport",
    "Membership",
    "MeterReading",
    "Notice",
    "NoticeChannel",
    "OrgUnit",
    "OutsideSignal",
    "Override",
    "OverrideRequest",
    "Parcel",
    "ParcelGeometry",
    "ParcelLineage",
    "ParcelObservation",
    "ParcelOrigin",
    "ParcelPeriod",
    "Party",
    "PersonalData",
    "PersonalView",
    "Proposal",
    "ProposalParcel",
    "RedLine",
    "RepaymentCapacity",
    "Retention",
    "Role",
    "Run",
    "SeasonObservation",
    "SignInAttempt",
    "SignInFlow",
    "SiteLook",
    "SitePlanVersion",
    "SiteReport",
    "SiteResumption",
    "SiteStanding",
    "SiteStop",
    "Sublimit",
    "User",
    "UserIdentity",
    "UserSession",
    "Village",
    "Visit",
    "VisitList",
    "VisitTask",
    "VisitUpload",
    "Watch",
]
