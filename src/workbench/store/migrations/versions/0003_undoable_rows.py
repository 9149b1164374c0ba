"""An index of the journal rows that Undo and Redo walk over: of a hundred thousand rows of one person they may be ten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index."""
    undoable, undoes, redoes = sa.column("undoable", sa.Boolean), sa.column("undoes"), sa.column("redoes")
    walked = undoable | undoes.is_not(None) | redoes.is_not(None)
    op.create_index(
        "journal_walked", "journal", ["actor", "seq", "undoable", "undoes", "redoes"], sqlite_where=walked, postgresql_where=walked
    )
