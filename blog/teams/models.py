"""Teams: people who work together, and see each other's drafts where these are shared."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Model, utc_now


class Part(StrEnum):
    """What somebody is in a team."""

    LEAD = "lead"
    MEMBER = "member"


class Team(Model):
    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    slug: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(Text, default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    updated_at: Mapped[datetime] = mapped_column(server_default=utc_now(), onupdate=utc_now())
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        UniqueConstraint("slug", info={"field": "slug", "message": "Another team has this address."}),
        CheckConstraint("length(name) BETWEEN 1 AND 80", name="name"),
        CheckConstraint("length(slug) BETWEEN 1 AND 100", name="slug"),
        CheckConstraint("length(description) <= 2000", name="description"),
    )


class Membership(Model):
    """Somebody in a team."""

    __tablename__ = "memberships"

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    part: Mapped[str] = mapped_column(String(10), default=Part.MEMBER, server_default=Part.MEMBER)
    joined_at: Mapped[datetime] = mapped_column(server_default=utc_now())

    __table_args__ = (CheckConstraint("part IN ('lead', 'member')", name="part"),)
