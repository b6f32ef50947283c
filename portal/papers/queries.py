"""Finding papers. Who may see them is the callers' question."""
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from portal.files.models import Owner, StoredFile
from portal.kit.db import session
from portal.kit.row_security import reaching_all
from portal.papers.models import Paper, PaperSheet, ResultEntry


def by_code(code: str) -> Paper | None:
    """The paper with this verification code (as codes.normalise writes it), with its sheets. Whoever has its code may
    know of it."""
    with reaching_all():
        return session.scalar(select(Paper).where(Paper.code == code).options(selectinload(Paper.sheets)))


def sheet_by_sha256(sha256: str) -> PaperSheet | None:
    """The sheet whose file has exactly these bytes, for whoever has them. `sha256` is lower-case hexadecimal."""
    with reaching_all():
        return session.scalar(select(PaperSheet).join(PaperSheet.file).where(StoredFile.sha256 == sha256).limit(1))


def entry_by_code(code: str) -> ResultEntry | None:
    """The result that was handed over with this code (as codes.normalise writes it)."""
    with reaching_all():
        return session.scalar(select(ResultEntry).where(ResultEntry.code == code))


def entry_by_sha256(sha256: str) -> ResultEntry | None:
    """The result whose file has exactly these bytes, for whoever has them."""
    with reaching_all():
        return session.scalar(select(ResultEntry).join(ResultEntry.file).where(StoredFile.sha256 == sha256).limit(1))


def entry_of(file_id: int) -> ResultEntry | None:
    """The entry of one file of a result."""
    return session.scalar(select(ResultEntry).where(ResultEntry.file_id == file_id))


def entries(owner: Owner) -> dict[int, str]:
    """The code of each file of the results that were handed over for `owner`, by the number of the file."""
    return {row.file_id: row.code for row in session.execute(select(ResultEntry.file_id, ResultEntry.code).where(
        ResultEntry.owner_kind == owner.kind, ResultEntry.owner_id == owner.id))}


def of(owner: Owner) -> Sequence[Paper]:
    """Every paper issued for `owner`, the oldest first, with its sheets: none while it is being drawn."""
    return session.scalars(select(Paper).where(Paper.owner_kind == owner.kind, Paper.owner_id == owner.id)
                           .options(selectinload(Paper.sheets)).order_by(Paper.id)).all()


def is_issued(owner: Owner, kind: str, occasion: int = 0) -> bool:
    """Whether this paper was issued already."""
    return session.scalar(select(Paper.id).where(
        Paper.owner_kind == owner.kind, Paper.owner_id == owner.id, Paper.kind == kind,
        Paper.occasion == occasion)) is not None


def one(owner: Owner, kind: str, occasion: int = 0) -> Paper | None:
    """This paper, where it was issued."""
    return session.scalar(select(Paper).where(Paper.owner_kind == owner.kind, Paper.owner_id == owner.id,
                                              Paper.kind == kind, Paper.occasion == occasion))


def paper(paper_id: int) -> Paper | None:
    """One paper by its number in the table."""
    return session.get(Paper, paper_id)


def sheet(sheet_id: int) -> PaperSheet | None:
    """One sheet by its number in the table, with its paper."""
    return session.get(PaperSheet, sheet_id)
