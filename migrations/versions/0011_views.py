"""Views of posts, counted as they happen, and what they are rolled up into."""

import sqlalchemy as sa
from alembic import op

from blog.db import UtcDateTime

revision = "0011"
down_revision = "0010"

MANY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "site_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("views", sa.BigInteger(), nullable=False),
        sa.Column("visitors", sa.BigInteger(), nullable=False),
        sa.Column("visits", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("rolled_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("views >= 0", name=op.f("ck_site_days_views")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_site_days")),
    )
    op.create_table(
        "view_salts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_view_salts")),
    )
    op.create_table(
        "author_days",
        sa.Column("id", MANY, nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("views", sa.BigInteger(), nullable=False),
        sa.Column("visitors", sa.BigInteger(), nullable=False),
        sa.Column("visits", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("views >= 1", name=op.f("ck_author_days_views")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_author_days_author_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_author_days")),
        sa.UniqueConstraint("author_id", "day", name=op.f("uq_author_days_author_id_day")),
    )
    op.create_index(op.f("ix_author_days_day"), "author_days", ["day"])
    op.create_table(
        "author_months",
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("words", sa.BigInteger(), nullable=False),
        sa.Column("fewest_words", sa.Integer(), nullable=False),
        sa.Column("most_words", sa.Integer(), nullable=False),
        sa.Column("comments", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("posts >= 1", name=op.f("ck_author_months_posts")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_author_months_author_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("author_id", "month", name=op.f("pk_author_months")),
    )
    op.create_table(
        "referral_days",
        sa.Column("id", MANY, nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("views", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("length(host) <= 253", name=op.f("ck_referral_days_host")),
        sa.CheckConstraint("views >= 1", name=op.f("ck_referral_days_views")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_referral_days_author_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_days")),
        sa.UniqueConstraint("author_id", "day", "host", name=op.f("uq_referral_days_author_id_day_host")),
    )
    op.create_index(op.f("ix_referral_days_day_host_views"), "referral_days", ["day", "host", "views"])
    op.create_table(
        "post_counters",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("view_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("visitor_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("end_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("recent_views", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("end_count >= 0", name=op.f("ck_post_counters_end_count")),
        sa.CheckConstraint("recent_views >= 0", name=op.f("ck_post_counters_recent_views")),
        sa.CheckConstraint("view_count >= 0", name=op.f("ck_post_counters_view_count")),
        sa.CheckConstraint("visitor_count >= 0", name=op.f("ck_post_counters_visitor_count")),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_post_counters_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_post_counters")),
    )
    op.create_index(
        op.f("ix_post_counters_recent_views_view_count_post_id"),
        "post_counters",
        [sa.text("recent_views DESC"), sa.text("view_count DESC"), "post_id"],
    )
    op.create_table(
        "post_days",
        sa.Column("id", MANY, nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("views", sa.BigInteger(), nullable=False),
        sa.Column("visitors", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("views >= 1", name=op.f("ck_post_days_views")),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_post_days_post_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_days")),
        sa.UniqueConstraint("post_id", "day", name=op.f("uq_post_days_post_id_day")),
    )
    op.create_index(op.f("ix_post_days_day_post_id_views"), "post_days", ["day", "post_id", "views"])
    op.create_table(
        "post_referrals",
        sa.Column("id", MANY, nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("views", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("length(host) <= 253", name=op.f("ck_post_referrals_host")),
        sa.CheckConstraint("views >= 1", name=op.f("ck_post_referrals_views")),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_post_referrals_post_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_referrals")),
        sa.UniqueConstraint("post_id", "day", "host", name=op.f("uq_post_referrals_post_id_day_host")),
    )
    op.create_index(op.f("ix_post_referrals_day"), "post_referrals", ["day"])
    op.create_table(
        "post_views",
        sa.Column("id", MANY, nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("visitor", sa.String(length=32), nullable=False),
        sa.Column("views", sa.Integer(), server_default="1", nullable=False),
        sa.Column("ended", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("length(visitor) BETWEEN 1 AND 32", name=op.f("ck_post_views_visitor")),
        sa.CheckConstraint("views >= 1", name=op.f("ck_post_views_views")),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_post_views_post_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_views")),
        sa.UniqueConstraint("post_id", "day", "visitor", name=op.f("uq_post_views_post_id_day_visitor")),
    )
    op.create_index(op.f("ix_post_views_day_visitor"), "post_views", ["day", "visitor"])


def downgrade() -> None:
    op.drop_index(op.f("ix_post_views_day_visitor"), "post_views")
    op.drop_table("post_views")
    op.drop_index(op.f("ix_post_referrals_day"), "post_referrals")
    op.drop_table("post_referrals")
    op.drop_index(op.f("ix_post_days_day_post_id_views"), "post_days")
    op.drop_table("post_days")
    op.drop_index(op.f("ix_post_counters_recent_views_view_count_post_id"), "post_counters")
    op.drop_table("post_counters")
    op.drop_index(op.f("ix_referral_days_day_host_views"), "referral_days")
    op.drop_table("referral_days")
    op.drop_table("author_months")
    op.drop_index(op.f("ix_author_days_day"), "author_days")
    op.drop_table("author_days")
    op.drop_table("view_salts")
    op.drop_table("site_days")
