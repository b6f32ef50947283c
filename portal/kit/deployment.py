"""What a database knows about itself: which files folder is its own, which releases may run on it, when it was put back
from a backup. Read and written past the session, because who asks may have no request and may only be looking.
"""
from sqlalchemy import Connection, Engine, String, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit.db import Base

FILES_MARK = "files_mark"  # what stands in the mark of the files folder
OLDEST_RELEASE = "oldest_release"  # the number of the migration that a release must know to run on this database
RESTORED_AT = "restored_at"
BACKUP_UNTIL = "backup_until"  # until when files may not be swept, because they are being copied


class Deployment(Base):
    __tablename__ = "deployment"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))


def said(connection: Connection, name: str) -> str | None:
    """What the database says under this name."""
    value: str | None = connection.scalar(select(Deployment.value).where(Deployment.name == name))
    return value


def say(engine: Engine, name: str, value: str) -> None:
    """Let it say so from now on."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(delete(Deployment).where(Deployment.name == name))
        connection.execute(insert(Deployment).values(name=name, value=value))
