"""What all tables share: names of constraints, portable types, and the columns of bitemporal rows and outside facts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final

from sqlalchemy import (
    CHAR,
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Double,
    Enum,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

#: Longest value of any enumeration; one width for all, so that a new value never needs an ALTER.
ENUM_LENGTH: Final = 32


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, aware and in UTC on both databases (SQLite itself stores no zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC; refuse an instant without a zone, since its hour is a guess."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware instant in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


def choice(kind: type[StrEnum]) -> Enum:
    """Column type of an enumeration: text with a CHECK, the same on both databases."""
    return Enum(
        kind,
        name=kind.__name__.lower(),
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=ENUM_LENGTH,
        values_callable=lambda members: [member.value for member in members],
    )


def either(first: str, second: str, name: str) -> CheckConstraint:
    """Constraint: exactly one of two columns is given."""
    return CheckConstraint(f"({first} IS NULL) <> ({second} IS NULL)", name=name)


def not_negative(*columns: str) -> tuple[CheckConstraint, ...]:
    """Constraints: amounts and areas are never below zero (NULL passes)."""
    return tuple(CheckConstraint(f"{column} >= 0", name=f"{column}_not_negative") for column in columns)


def in_order(first: str, second: str) -> CheckConstraint:
    """Constraint: a span does not end before it starts (an open end passes)."""
    return CheckConstraint(f"{second} IS NULL OR {second} >= {first}", name=f"{first}_{second}")


#: Surrogate key; SQLite numbers rows by itself only where the column is a plain INTEGER.
Id = Annotated[int, mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)]
#: Amount in the smallest unit of the row's currency.
Minor = Annotated[int, mapped_column(BigInteger)]
#: ISO 4217 code.
Currency = Annotated[str, mapped_column(CHAR(3))]
#: Names and codes given from outside.
Key = Annotated[str, mapped_column(String(128))]
#: Characters of a column of hashes, and of no other column of texts.
DIGEST_LENGTH: Final = 80
#: A hash with or without the name of its method in front.
Digest = Annotated[str, mapped_column(String(DIGEST_LENGTH))]
#: Area in hectares.
Hectares = Annotated[float, mapped_column(Double)]
#: JSON; binary on PostgreSQL.
Json = Annotated[Any, mapped_column(JSON().with_variant(JSONB, "postgresql"))]

#: JSON that may be missing: None is the database's null, not JSON's.
MaybeJson = Annotated[
    Any, mapped_column(JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql"), nullable=True)
]


class Temporal:
    """When a row holds (valid_from to valid_to; null: still) and when the bank came to know it (recorded_at)."""

    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    recorded_at: Mapped[datetime]


class Base(DeclarativeBase):
    """Parent of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        float: Double,
        str: Text,
    }

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        # A mixin's columns come along into a table, and its constraints do not.
        if issubclass(cls, Temporal) and isinstance(cls.__table__, Table):
            cls.__table__.append_constraint(CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="valid"))


class OutsideFact:
    """A fact that somebody else vouches for: who says so, as of which day, under which consent, good until when."""

    source: Mapped[Key]
    as_of: Mapped[date]
    expires_on: Mapped[date | None]

    @declared_attr
    @classmethod
    def consent_id(cls) -> Mapped[int | None]:
        """Consent under which the fact was fetched; null where none is needed."""
        return mapped_column(ForeignKey("consent.id"), index=True)
