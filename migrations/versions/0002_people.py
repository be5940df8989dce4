"""People who work together: sessions, keys, invitations, teams, jobs, letters, limits, the log."""

import sqlalchemy as sa
from alembic import op

from blog.accounts.usernames import look_of
from blog.db import UtcDateTime, utc_now

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "counts",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("number >= 0", name=op.f("ck_counts_number")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_counts")),
    )
    op.create_index(op.f("ix_counts_expires_at"), "counts", ["expires_at"], unique=False)

    op.create_table(
        "entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=80), server_default="", nullable=False),
        sa.Column("action", sa.String(length=50), nullable=False),
        sa.Column("thing", sa.String(length=50), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=True),
        sa.Column("label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("before", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("after", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("address", sa.String(length=45), server_default="", nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("length(action) BETWEEN 1 AND 50", name=op.f("ck_entries_action")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
        sa.UniqueConstraint("previous_hash", name=op.f("uq_entries_previous_hash")),
    )
    op.create_index(op.f("ix_entries_at_id"), "entries", ["at", sa.text("id DESC")], unique=False)
    op.create_index(op.f("ix_entries_action_id"), "entries", ["action", sa.text("id DESC")], unique=False)
    op.create_index(op.f("ix_entries_actor_id_id"), "entries", ["actor_id", sa.text("id DESC")], unique=False)
    op.create_index(
        op.f("ix_entries_thing_thing_id_id"),
        "entries",
        ["thing", "thing_id", sa.text("id DESC")],
        unique=False,
    )

    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("arguments", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.Column("asked", sa.Integer(), server_default="1", nullable=False),
        sa.Column("due_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("leased_until", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("given_up_at", UtcDateTime(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_jobs_attempts")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 80", name=op.f("ck_jobs_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index(
        "ix_jobs_waiting",
        "jobs",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("finished_at IS NULL AND given_up_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL AND given_up_at IS NULL"),
    )
    op.create_index(
        "ix_jobs_finished",
        "jobs",
        ["finished_at", "id"],
        unique=False,
        sqlite_where=sa.text("finished_at IS NOT NULL"),
        postgresql_where=sa.text("finished_at IS NOT NULL"),
    )
    op.create_index(
        "ix_jobs_given_up",
        "jobs",
        ["given_up_at", "id"],
        unique=False,
        sqlite_where=sa.text("given_up_at IS NOT NULL"),
        postgresql_where=sa.text("given_up_at IS NOT NULL"),
    )
    op.create_index(
        "uq_jobs_key",
        "jobs",
        ["key"],
        unique=True,
        sqlite_where=sa.text("finished_at IS NULL AND given_up_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL AND given_up_at IS NULL"),
    )

    op.create_table(
        "letters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("shown_to", sa.String(length=10), server_default="admin", nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("given_up_at", UtcDateTime(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("length(recipient) BETWEEN 3 AND 254", name=op.f("ck_letters_recipient")),
        sa.CheckConstraint("length(subject) BETWEEN 1 AND 200", name=op.f("ck_letters_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
    )
    op.create_index(op.f("ix_letters_created_at"), "letters", ["created_at"], unique=False)

    op.create_table(
        "answers",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_answers_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_answers")),
    )
    op.create_index(op.f("ix_answers_created_at"), "answers", ["created_at"], unique=False)

    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("scope", sa.String(length=10), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("scope IN ('read', 'write', 'admin')", name=op.f("ck_api_tokens_scope")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 80", name=op.f("ck_api_tokens_name")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_api_tokens_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_tokens_key_hash")),
    )
    op.create_index(op.f("ix_api_tokens_user_id"), "api_tokens", ["user_id"], unique=False)

    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("openly", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("invited_by_id", sa.Integer(), nullable=True),
        sa.Column("accepted_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("accepted_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "role IN ('reader', 'author', 'editor', 'admin', 'owner')", name=op.f("ck_invitations_role")
        ),
        sa.ForeignKeyConstraint(
            ["accepted_by_id"], ["users.id"], name=op.f("fk_invitations_accepted_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["invited_by_id"], ["users.id"], name=op.f("fk_invitations_invited_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_invitations_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_invitations_key_hash")),
    )
    op.create_index(
        op.f("ix_invitations_created_at"), "invitations", [sa.text("created_at DESC")], unique=False
    )
    op.create_index(op.f("ix_invitations_team_id"), "invitations", ["team_id"], unique=False)
    op.create_index(op.f("ix_invitations_invited_by_id"), "invitations", ["invited_by_id"], unique=False)
    op.create_index(op.f("ix_invitations_accepted_by_id"), "invitations", ["accepted_by_id"], unique=False)

    op.create_table(
        "memberships",
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=10), server_default="member", nullable=False),
        sa.Column("joined_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.CheckConstraint("part IN ('lead', 'member')", name=op.f("ck_memberships_part")),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_memberships_team_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_memberships_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("team_id", "user_id", name=op.f("pk_memberships")),
    )
    op.create_index(op.f("ix_memberships_user_id"), "memberships", ["user_id"], unique=False)

    op.create_table(
        "passkeys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 80", name=op.f("ck_passkeys_name")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_passkeys_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    op.create_index(op.f("ix_passkeys_user_id"), "passkeys", ["user_id"], unique=False)

    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_recovery_codes_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint("user_id", "code_hash", name=op.f("uq_recovery_codes_user_id_code_hash")),
    )
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("remembered", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("device", sa.String(length=200), server_default="", nullable=False),
        sa.Column("address", sa.String(length=45), server_default="", nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_sign_ins_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_sign_ins_key_hash")),
    )
    op.create_index(op.f("ix_sign_ins_expires_at"), "sign_ins", ["expires_at"], unique=False)
    op.create_index(op.f("ix_sign_ins_user_id"), "sign_ins", ["user_id"], unique=False)

    op.create_table(
        "tickets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("purpose IN ('password', 'email')", name=op.f("ck_tickets_purpose")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_tickets_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_tickets_key_hash")),
    )
    op.create_index(op.f("ix_tickets_expires_at"), "tickets", ["expires_at"], unique=False)
    op.create_index(op.f("ix_tickets_user_id"), "tickets", ["user_id"], unique=False)

    op.add_column(
        "settings", sa.Column("joining_open", sa.Boolean(), server_default=sa.false(), nullable=False)
    )

    op.add_column("users", sa.Column("email_confirmed_at", UtcDateTime(), nullable=True))
    op.add_column("users", sa.Column("language", sa.String(length=20), nullable=True))
    op.add_column("users", sa.Column("time_zone", sa.String(length=50), nullable=True))
    op.add_column("users", sa.Column("picture", sa.String(length=80), nullable=True))
    op.add_column("users", sa.Column("totp_secret", sa.String(length=64), nullable=True))
    op.add_column("users", sa.Column("totp_step", sa.Integer(), nullable=True))
    op.add_column("users", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("users", sa.Column("username_look", sa.String(length=400), nullable=True))
    note_looks()
    with op.batch_alter_table("users") as users:
        users.alter_column("username_look", existing_type=sa.String(length=400), nullable=False)
        users.create_unique_constraint(op.f("uq_users_username_look"), ["username_look"])


def note_looks() -> None:
    """People whose names look alike already keep them: # is in no username."""
    users = sa.table("users", sa.column("id"), sa.column("username"), sa.column("username_look"))
    seen: set[str] = set()
    for person in op.get_bind().execute(sa.select(users.c.id, users.c.username).order_by(users.c.id)).all():
        look = look_of(person.username)
        if look in seen:
            look = f"#{person.id}"
        seen.add(look)
        op.execute(users.update().where(users.c.id == person.id).values(username_look=look))


def downgrade() -> None:
    with op.batch_alter_table("users") as users:
        users.drop_constraint(op.f("uq_users_username_look"), type_="unique")
        users.drop_column("username_look")
    op.drop_column("users", "version")
    op.drop_column("users", "totp_step")
    op.drop_column("users", "totp_secret")
    op.drop_column("users", "picture")
    op.drop_column("users", "time_zone")
    op.drop_column("users", "language")
    op.drop_column("users", "email_confirmed_at")

    op.drop_column("settings", "joining_open")

    op.drop_index(op.f("ix_tickets_user_id"), "tickets")
    op.drop_index(op.f("ix_tickets_expires_at"), "tickets")

    op.drop_table("tickets")
    op.drop_index(op.f("ix_sign_ins_user_id"), "sign_ins")
    op.drop_index(op.f("ix_sign_ins_expires_at"), "sign_ins")

    op.drop_table("sign_ins")
    op.drop_table("recovery_codes")
    op.drop_index(op.f("ix_passkeys_user_id"), "passkeys")

    op.drop_table("passkeys")
    op.drop_index(op.f("ix_memberships_user_id"), "memberships")

    op.drop_table("memberships")
    op.drop_index(op.f("ix_invitations_team_id"), "invitations")
    op.drop_index(op.f("ix_invitations_invited_by_id"), "invitations")
    op.drop_index(op.f("ix_invitations_accepted_by_id"), "invitations")
    op.drop_index(op.f("ix_invitations_created_at"), "invitations")

    op.drop_table("invitations")
    op.drop_index(op.f("ix_api_tokens_user_id"), "api_tokens")

    op.drop_table("api_tokens")
    op.drop_index(op.f("ix_answers_created_at"), "answers")

    op.drop_table("answers")
    op.drop_index(op.f("ix_letters_created_at"), "letters")

    op.drop_table("letters")
    op.drop_index(
        "uq_jobs_key",
        "jobs",
        sqlite_where=sa.text("finished_at IS NULL AND given_up_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL AND given_up_at IS NULL"),
    )
    op.drop_index(
        "ix_jobs_given_up",
        "jobs",
        sqlite_where=sa.text("given_up_at IS NOT NULL"),
        postgresql_where=sa.text("given_up_at IS NOT NULL"),
    )
    op.drop_index(
        "ix_jobs_finished",
        "jobs",
        sqlite_where=sa.text("finished_at IS NOT NULL"),
        postgresql_where=sa.text("finished_at IS NOT NULL"),
    )
    op.drop_index(
        "ix_jobs_waiting",
        "jobs",
        sqlite_where=sa.text("finished_at IS NULL AND given_up_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL AND given_up_at IS NULL"),
    )

    op.drop_table("jobs")
    op.drop_index(op.f("ix_entries_thing_thing_id_id"), "entries")
    op.drop_index(op.f("ix_entries_actor_id_id"), "entries")
    op.drop_index(op.f("ix_entries_action_id"), "entries")
    op.drop_index(op.f("ix_entries_at_id"), "entries")

    op.drop_table("entries")
    op.drop_index(op.f("ix_counts_expires_at"), "counts")

    op.drop_table("counts")
