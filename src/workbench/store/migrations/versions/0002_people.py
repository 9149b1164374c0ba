"""Users, their tokens and sessions, and wrong logins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of users."""
    op.create_table(
        "people",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("display_name", sa.String(40), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("password_hash", sa.String(200)),
        sa.Column("created_at", sa.String(24), nullable=False),
    )
    op.create_index("people_name", "people", ["name"], unique=True)
    op.create_table(
        "person_tokens",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("secret_sha256", sa.String(64), nullable=False),
        sa.Column("created_at", sa.String(24), nullable=False),
        sa.Column("expires_at", sa.String(24)),
        sa.Column("last_used_at", sa.String(24)),
    )
    op.create_index("person_tokens_secret", "person_tokens", ["secret_sha256"], unique=True)
    op.create_index("person_tokens_person", "person_tokens", ["person_id"])
    op.create_table(
        "person_sessions",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("secret_sha256", sa.String(64), nullable=False),
        sa.Column("browser", sa.String(200), nullable=False),
        sa.Column("created_at", sa.String(24), nullable=False),
        sa.Column("last_seen_at", sa.String(24), nullable=False),
    )
    op.create_index("person_sessions_secret", "person_sessions", ["secret_sha256"], unique=True)
    op.create_index("person_sessions_person", "person_sessions", ["person_id"])
    op.create_table(
        "login_failures",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("about", sa.String(120), nullable=False),
        sa.Column("at", sa.String(24), nullable=False),
    )
    op.create_index("login_failures_about", "login_failures", ["about", "at"])
