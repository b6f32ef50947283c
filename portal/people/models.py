from datetime import date, datetime
from enum import StrEnum

from flask_login import UserMixin
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.kit import clock
from portal.kit.db import Base
from portal.people.permissions import NATIONAL, Role


class AgencyKind(StrEnum):
    ministry = "ministry"
    ministry_level = "ministry_level"
    government_agency = "government_agency"
    province = "province"


class Agency(Base):
    """A body of the State, for as long as it existed under that name.

    `key` names it in addresses: its code, or its abbreviation where no code is confirmed. A code that
    is not confirmed stays NULL. `valid_to` is the last day; NULL means that it exists today.
    """

    __tablename__ = "agency"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(20))
    code: Mapped[str | None] = mapped_column(String(20))
    old_code: Mapped[str | None] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    abbreviation: Mapped[str | None] = mapped_column(String(20))
    gso_code: Mapped[str | None] = mapped_column(String(2))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    code_source: Mapped[str | None] = mapped_column(String(200))
    source: Mapped[str | None] = mapped_column(String(500))
    __table_args__ = (
        Index("uq_agency_current_key", "key", unique=True, sqlite_where=text("valid_to IS NULL"),
              postgresql_where=text("valid_to IS NULL")),
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_from <= valid_to", name="order"),
        CheckConstraint(f"kind IN ({', '.join(repr(str(k)) for k in AgencyKind)})", name="kind"),
    )


class AgencySuccession(Base):
    """Which agency took over from which, and since when."""

    __tablename__ = "agency_succession"
    predecessor_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    successor_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    since: Mapped[date | None]


class UnitKind(StrEnum):
    central = "central"
    department = "department"
    commune = "commune"
    counter = "counter"


class Unit(Base):
    """A part of an agency that dossiers belong to, or (a counter) where they are received for the part it stands in.

    Every agency has one central unit; a commune's `code` is the one of the statistics office.
    """

    __tablename__ = "unit"
    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    kind: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(200))
    code: Mapped[str | None] = mapped_column(String(10))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    agency: Mapped[Agency] = relationship()
    parent: Mapped["Unit | None"] = relationship(remote_side=id)
    __table_args__ = (
        UniqueConstraint("agency_id", "id", name="uq_unit_agency_id"),  # what names both names a pair that exists
        Index("uq_unit_central", "agency_id", unique=True, sqlite_where=text("kind = 'central'"),
              postgresql_where=text("kind = 'central'")),
        Index("uq_unit_code", "code", unique=True, sqlite_where=text("valid_to IS NULL"),
              postgresql_where=text("valid_to IS NULL")),
        CheckConstraint(f"kind IN ({', '.join(repr(str(k)) for k in UnitKind)})", name="kind"),
        CheckConstraint("(kind = 'counter') = (parent_id IS NOT NULL)", name="parent"),
        CheckConstraint("kind <> 'commune' OR code IS NOT NULL", name="code"),
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_from <= valid_to", name="order"),
    )

    @property
    def unit_id(self) -> int:
        """Where it lies: in itself (see permissions.may)."""
        return self.id

    @property
    def desk_id(self) -> int:
        """The unit whose dossiers are dealt with here."""
        return self.parent_id or self.id


class Person(UserMixin, Base):
    """Somebody who can sign in: a citizen, or one of the staff, who may do what their roles bring.

    `email` is folded to lower case, `phone` is E.164.
    """

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    staff: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    phone: Mapped[str | None] = mapped_column(String(16), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    language: Mapped[str] = mapped_column(String(2), default="vi", server_default="vi")
    must_change_password: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    first_password_until: Mapped[datetime | None]  # a password that somebody else gave works no longer than this
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    memberships: Mapped[list["Membership"]] = relationship(
        order_by="Membership.id", foreign_keys="Membership.person_id", back_populates="person")
    __table_args__ = (CheckConstraint("email IS NOT NULL OR phone IS NOT NULL", name="contact"),)

    # flask-login's UserMixin asks for this name
    @property
    def is_active(self) -> bool:
        return self.active

    @property
    def roles(self) -> tuple["Membership", ...]:
        """What the person is at this moment, as permissions.may asks."""
        if not self.staff:
            return ()
        now = clock.now()
        return tuple(held for held in self.memberships if held.holds_at(now))


class Membership(Base):
    """A role that somebody holds: from a moment on, until another or (NULL) until it is ended.

    At a unit, at an agency as a whole (no unit), or for the whole portal (no agency).
    """

    __tablename__ = "membership"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str] = mapped_column(String(24))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    unit_id: Mapped[int | None]
    begins_at: Mapped[datetime] = mapped_column(default=clock.now)
    ends_at: Mapped[datetime | None]
    given_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    person: Mapped[Person] = relationship(foreign_keys=person_id, back_populates="memberships")
    agency: Mapped[Agency | None] = relationship(foreign_keys=agency_id)
    unit: Mapped[Unit | None] = relationship(lazy="joined", viewonly=True, primaryjoin="Membership.unit_id == Unit.id",
                                             foreign_keys="Membership.unit_id")
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "unit_id"], ["unit.agency_id", "unit.id"], name="fk_membership_unit"),
        Index("ix_membership_place", "agency_id", "unit_id", "role"),
        CheckConstraint(f"role IN ({', '.join(repr(str(r)) for r in Role)})", name="role"),
        CheckConstraint(f"(role IN ({', '.join(repr(str(r)) for r in sorted(NATIONAL))})) = (agency_id IS NULL)",
                        name="national"),
        CheckConstraint("unit_id IS NULL OR agency_id IS NOT NULL", name="unit"),
        CheckConstraint("ends_at IS NULL OR begins_at <= ends_at", name="order"),
    )

    def holds_at(self, moment: datetime) -> bool:
        """Whether it is in force."""
        return self.begins_at <= moment and (self.ends_at is None or moment < self.ends_at)

    @property
    def desk_id(self) -> int | None:
        """The unit whose dossiers it is about; None for those of the whole agency."""
        return self.unit.desk_id if self.unit else None


#: What a key may open: progress that is pushed; documents that agencies exchange.
SCOPES = ("progress", "exchange")


class ApiKey(Base):
    """A machine's key: an agency's software comes in with it. The key itself is shown once, its digest kept.

    `signing_key` is an Ed25519 public key in base64: with one, every body must carry a signature (RFC 9421). What comes
    in with a `dry_run` key is answered as if it were taken, and nothing is kept.
    """

    __tablename__ = "api_key"
    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    hint: Mapped[str] = mapped_column(String(8))
    signing_key: Mapped[str | None] = mapped_column(String(64))
    dry_run: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    agency: Mapped[Agency] = relationship()
    opens: Mapped[list["ApiKeyScope"]] = relationship(order_by="ApiKeyScope.scope")

    @property
    def scopes(self) -> frozenset[str]:
        """What it opens."""
        return frozenset(each.scope for each in self.opens)


class ApiKeyScope(Base):
    """One of the doors that a key opens."""

    __tablename__ = "api_key_scope"
    key_id: Mapped[int] = mapped_column(ForeignKey("api_key.id"), primary_key=True)
    scope: Mapped[str] = mapped_column(String(20), primary_key=True)
    __table_args__ = (CheckConstraint(f"scope IN ({', '.join(repr(scope) for scope in SCOPES)})", name="scope"),)


class SignIn(Base):
    """A session, kept by the server so that it can be ended at once. Only the token's digest is here.

    One with `half_until` is half a session: the password was right, and until then the second factor may be shown; it
    opens nothing else. `proven_at` is when whoever sits there last proved who they are, by a second factor where they
    have one. `network` and `device` tell the owner where it is, roughly.
    """

    __tablename__ = "sign_in"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None]
    half_until: Mapped[datetime | None]
    proven_at: Mapped[datetime | None]
    challenge: Mapped[str | None] = mapped_column(String(100))  # what a passkey must sign, once
    network: Mapped[str | None] = mapped_column(String(50))
    device: Mapped[str | None] = mapped_column(String(80))
    person: Mapped[Person] = relationship()


class FactorKind(StrEnum):
    app = "app"
    passkey = "passkey"


class SecondFactor(Base):
    """What somebody shows beside the password: an app that tells codes (TOTP), or a passkey (WebAuthn).

    `secret` is sealed: of an app the shared secret, of a passkey its public key. An app's codes are used once each:
    `last_step` is the thirty seconds of the newest. `sign_count` is the passkey's own count.
    """

    __tablename__ = "second_factor"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(60))
    secret: Mapped[str] = mapped_column(String(1500))
    last_step: Mapped[int] = mapped_column(default=0)
    credential_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    credential: Mapped[str | None] = mapped_column(String(1500))
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    used_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(str(k)) for k in FactorKind)})", name="kind"),
        CheckConstraint("(kind = 'passkey') = (credential IS NOT NULL)", name="credential"),
    )


class RecoveryCode(Base):
    """One of ten codes that each stand once for the second factor. Its first group tells which it is, the rest is
    kept as passwords are."""

    __tablename__ = "recovery_code"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    hint: Mapped[str] = mapped_column(String(8))
    code_hash: Mapped[str] = mapped_column(String(200))
    used_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("person_id", "hint"),)


class RecoveryRequest(Base):
    """One administrator asks that somebody of the staff may set up the second factor anew; another grants it.

    It waits until `open_until`. `granted` is None while nobody has decided.
    """

    __tablename__ = "recovery_request"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    reason: Mapped[str] = mapped_column(String(500))
    open_until: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    granted: Mapped[bool | None]
    person: Mapped[Person] = relationship(foreign_keys=person_id)
    asked_by: Mapped[Person] = relationship(foreign_keys=asked_by_id)
    __table_args__ = (CheckConstraint("decided_by_id <> asked_by_id OR granted = false", name="two"),
                      CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name="decided"))


class ClosingKind(StrEnum):
    closed = "closed"
    suspended = "suspended"
    own = "own"


class AccountClosing(Base):
    """Why an account opens nothing: closed by an administrator, suspended, or closed by its owner; until `ended_at`.

    `nationally`: whoever did it manages the whole portal, and nobody of one agency undoes it.
    """

    __tablename__ = "account_closing"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(9))
    reason: Mapped[str | None] = mapped_column(String(500))
    nationally: Mapped[bool]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    person: Mapped[Person] = relationship(foreign_keys=person_id)
    __table_args__ = (CheckConstraint(f"kind IN ({', '.join(repr(str(k)) for k in ClosingKind)})", name="kind"),)


class Registration(Base):
    """A contact somebody says is theirs, waiting for the code that was sent to it."""

    __tablename__ = "registration"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    contact: Mapped[str] = mapped_column(String(254), index=True)
    code_digest: Mapped[str] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(default=0)
    proven_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
