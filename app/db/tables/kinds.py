"""Closed lists of values that tables hold."""

from __future__ import annotations

from enum import StrEnum


class SubjectKind(StrEnum):
    """Whom a limit is for."""

    PARCEL = "parcel"
    FARMER = "farmer"


class LineageKind(StrEnum):
    """How one parcel came out of another."""

    SPLIT = "split"
    MERGE = "merge"
    RENUMBER = "renumber"


class OrgKind(StrEnum):
    """Level of an organisational unit of the bank."""

    HEAD_OFFICE = "head_office"
    REGION = "region"
    BRANCH = "branch"
    OUTLET = "outlet"


class UserRole(StrEnum):
    """What a user may do."""

    OFFICER = "officer"
    REVIEWER = "reviewer"
    RISK = "risk"
    ADMIN = "admin"


class PartyKind(StrEnum):
    """Who can owe, own or stand surety."""

    PERSON = "person"
    HOUSEHOLD = "household"
    ORGANISATION = "organisation"
    JOINT_LIABILITY_GROUP = "joint_liability_group"


class MemberKind(StrEnum):
    """Place of a person in a household or group."""

    HEAD = "head"
    SPOUSE = "spouse"
    MEMBER = "member"
    REPRESENTATIVE = "representative"


class RoleKind(StrEnum):
    """Part of a party in an application or facility."""

    BORROWER = "borrower"
    CO_BORROWER = "co_borrower"
    SPOUSE = "spouse"
    GUARANTOR = "guarantor"


class ConsentPurpose(StrEnum):
    """What a person agreed to."""

    PROCESSING = "processing"
    BUREAU = "bureau"
    LOCATION = "location"
    CONTACT = "contact"


class BureauOutcome(StrEnum):
    """What the credit bureau answered. An unavailable report is not a clear one."""

    CLEAR = "clear"
    ADVERSE = "adverse"
    NO_RECORD = "no_record"
    UNAVAILABLE = "unavailable"


class RetentionCategory(StrEnum):
    """Kind of data that a deadline of keeping applies to."""

    PERSONAL = "personal"
    CREDIT_FILE = "credit_file"
    LOCATION = "location"
    BUREAU_REPORT = "bureau_report"
    IMAGE = "image"


class LandBasis(StrEnum):
    """What a land right rests on."""

    CERTIFICATE = "certificate"
    LEASE = "lease"


class LandKind(StrEnum):
    """Kind of right."""

    OWNERSHIP = "ownership"
    HOUSEHOLD_CONTRACT = "household_contract"
    MANAGEMENT_RIGHT = "management_right"
    TENANCY = "tenancy"
    SUBLEASE = "sublease"
    CUSTOMARY = "customary"


class CropOrigin(StrEnum):
    """Where the word about a crop comes from."""

    PLANNED = "planned"
    DECLARED = "declared"
    OBSERVED = "observed"
    VISITED = "visited"


class ApplicationStatus(StrEnum):
    """State of an application."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """What was decided."""

    APPROVED = "approved"
    REDUCED = "reduced"
    REFUSED = "refused"
    RETURNED = "returned"


class FacilityStatus(StrEnum):
    """State of a granted line."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class SublimitPurpose(StrEnum):
    """What part of a line is for; not every part earns a subvention."""

    CROP = "crop"
    POST_HARVEST = "post_harvest"
    CONSUMPTION = "consumption"
    MAINTENANCE = "maintenance"
    ALLIED = "allied"
    INSURANCE = "insurance"
    TERM = "term"


class DrawdownStatus(StrEnum):
    """State of a tranche."""

    REQUESTED = "requested"
    APPROVED = "approved"
    PAID = "paid"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class LoanClass(StrEnum):
    """Class of a loan, as the core system says."""

    NORMAL = "normal"
    SPECIAL_MENTION = "special_mention"
    SUBSTANDARD = "substandard"
    DOUBTFUL = "doubtful"
    LOSS = "loss"


class GuaranteeKind(StrEnum):
    """How a loan is secured."""

    PERSONAL = "personal"
    JOINT_LIABILITY = "joint_liability"
    INSTITUTION = "institution"
    MORTGAGE = "mortgage"
    PLEDGE = "pledge"
    HYPOTHECATION = "hypothecation"


class InsuranceKind(StrEnum):
    """What is insured."""

    CROP = "crop"
    INCOME = "income"
    ASSET = "asset"
    LIFE = "life"
    ACCIDENT = "accident"


class SeasonStage(StrEnum):
    """Where a limit's day lies: before sowing, while the crop stands, or after it."""

    BEFORE = "before"
    IN_SEASON = "in_season"
    AFTER = "after"


class BatchStatus(StrEnum):
    """State of a refresh: open to decisions, held because it moves too much, released by a person, or taken back."""

    OPEN = "open"
    HELD = "held"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"


class ProposalStatus(StrEnum):
    """State of a proposal; a newer one for the same subject supersedes what is still open."""

    HELD = "held"
    OPEN = "open"
    DECIDED = "decided"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class EntryKind(StrEnum):
    """What an entry of the chain vouches for."""

    DECISION = "decision"
    BATCH = "batch"
    RELEASE = "release"
    AUTHORITY = "authority"
    USER = "user"
    CONSENT = "consent"
    ERASURE = "erasure"
    FINDING = "finding"
    LOAN_IMPORT = "loan_import"
    API_KEY = "api_key"
    IDENTITY = "identity"


class FindingStatus(StrEnum):
    """What a person made of the same ground under two loans."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


class ClaimOutcome(StrEnum):
    """What became of an insurance claim."""

    OPEN = "open"
    PAID = "paid"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
