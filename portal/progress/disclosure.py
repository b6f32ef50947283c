"""Small numbers are not published, and neither is what would give them away. Pure.

A table of counts with the sums of its rows and columns. A count of 1 to 4 is shown as "fewer than 5". Whoever
subtracts what is shown from a sum that is shown must not find it: further cells are then left out (`HIDDEN`),
and sums too where nothing else helps. Two things hold for the result, and the tests prove both by trying every
table that a reader could think of:

* no small count has only one value that fits what is shown;
* what is left out of a row or column whose sum is shown is nothing, or 5 and more together.

The sums are entries like all others: with sums negative, every line of the whole table adds up to nought. What
a reader cannot tell is then a question of circles: an entry can be one more when, round a circle of entries that
are left out, others can be one less and one more in turn.
"""
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import lru_cache

FEWEST = 5


class Shown(Enum):
    """What the reader gets of a number: itself, "fewer than 5", or nothing but that there is something."""

    as_it_is = "as it is"
    small = "small"
    hidden = "hidden"


Matrix = tuple[tuple[int, ...], ...]
Cell = tuple[int, int]


def small(n: int) -> bool:
    """Whether a count is too small to be shown; nought is no count of anybody."""
    return 0 < n < FEWEST


def with_sums(rows: Sequence[Sequence[int]]) -> Matrix:
    """The table with the sum of each row at its end and a last row of sums."""
    summed = [(*row, sum(row)) for row in rows]
    return (*summed, tuple(map(sum, zip(*summed, strict=True)))) if summed else ()


def guard(rows: Sequence[Sequence[int]], sums: Sequence[Shown] = ()) -> list[list[Shown]]:
    """For each entry of `with_sums(rows)`, what may be shown. All rows have the same number of columns.

    `sums`: what another page already shows of the last row; what it leaves out is left out here too.
    """
    return [list(line) for line in _guarded(with_sums(rows), tuple(sums))]


def column(counts: Sequence[int], total: Shown = Shown.as_it_is) -> list[Shown]:
    """The same for one column of counts with its sum, which is the last of the answer."""
    return [line[0] for line in guard([[n] for n in counts], [total, total])] if counts else []


@lru_cache(maxsize=4000)
def _guarded(matrix: Matrix, sums: tuple[Shown, ...]) -> tuple[tuple[Shown, ...], ...]:
    return _Guarding(matrix, sums).done() if matrix else ()


class _Guarding:
    """One table on its way to being safe."""

    def __init__(self, matrix: Matrix, sums: tuple[Shown, ...]) -> None:
        self.matrix = matrix
        self.height, self.width = len(matrix), len(matrix[0])
        self.shown = [[Shown.small if small(n) else Shown.as_it_is for n in row] for row in matrix]
        for j, said in enumerate(sums):
            if said is not Shown.as_it_is and matrix[-1][j]:
                self.shown[-1][j] = said

    def done(self) -> tuple[tuple[Shown, ...], ...]:
        while self._mend_sums() or self._mend_circles():
            pass
        return tuple(tuple(row) for row in self.shown)

    def _mend_sums(self) -> bool:
        """Leave out more entries where a shown sum tells that few are left out."""
        mended = False
        for *inner, total in self._lines():
            out = [cell for cell in inner if self._left_out(cell)]
            if out and not self._left_out(total) and (len(out) == 1 or sum(map(self._of, out)) < FEWEST):
                mended = self._leave_out(inner, total) or mended
        return mended

    def _mend_circles(self) -> bool:
        """Leave out one more entry beside each small one that only one value fits."""
        mended = False
        for cell in self._cells():
            if small(self._of(cell)) and not self._open(cell):
                mended = self._open_up(cell) or mended
        return mended

    def _open_up(self, cell: Cell) -> bool:
        row = [(cell[0], j) for j in range(self.width)]
        down = [(i, cell[1]) for i in range(self.height)]
        if any(self._leave_out(line[:-1], None) for line in (row, down)):
            return True
        if any(self._say_less(line) for line in (row, down)):  # nothing beside it: the words say less
            return True
        return any(self._leave_out(inner, total) for *inner, total in (row, down)) or self._leave_out_any()

    def _leave_out(self, cells: list[Cell], total: Cell | None) -> bool:
        """Leave out the smallest of these that is still shown, else their sum."""
        free = [cell for cell in cells if not self._left_out(cell) and self._of(cell)]
        if not free and total is not None and not self._left_out(total) and self._of(total):
            free = [total]
        if not free:
            return False
        i, j = min(free, key=lambda cell: (self._of(cell), cell))
        self.shown[i][j] = Shown.hidden
        return True

    def _say_less(self, cells: list[Cell]) -> bool:
        said = [cell for cell in cells if self.shown[cell[0]][cell[1]] is Shown.small]
        for i, j in said:
            self.shown[i][j] = Shown.hidden
        return bool(said)

    def _leave_out_any(self) -> bool:
        return self._leave_out(self._cells(), None) or self._say_less(self._cells())

    def _open(self, cell: Cell) -> bool:
        """Whether the entry could be one more or one less for all that a reader sees."""
        return self._circle(cell, 1) or self._circle(cell, -1)

    def _circle(self, cell: Cell, by: int) -> bool:
        """A circle through the entry that changes it by one and every entry on it in turn."""
        if not self._can(cell, by):
            return False
        i, j = cell
        sign = by * self._sign(i, j)  # what the change adds to the lines of this entry
        # from its column back to its row over other entries, each of which gives back what the last one added
        reached = {("column", j)}
        path = [self._ways("column", j, -sign, cell)]
        while path:
            following = next(path[-1], None)
            if following is None:
                path.pop()
            elif following == ("row", i):
                return True
            elif following not in reached:
                reached.add(following)
                path.append(self._ways(*following, -sign if following[0] == "column" else sign, cell))
        return False

    def _ways(self, kind: str, n: int, change: int, without: Cell) -> Iterator[tuple[str, int]]:
        """The rows that can be reached from a column, or the columns from a row; the way home is tried first."""
        if kind == "row":
            return (("column", k) for k in range(self.width)
                    if (n, k) != without and self._can((n, k), change * self._sign(n, k)))
        return (("row", k) for k in (without[0], *range(self.height))
                if (k, n) != without and self._can((k, n), change * self._sign(k, n)))

    def _can(self, cell: Cell, by: int) -> bool:
        said, n = self.shown[cell[0]][cell[1]], self._of(cell) + by
        return (said is Shown.hidden and n >= 1) or (said is Shown.small and small(n))

    def _sign(self, i: int, j: int) -> int:
        return -1 if (i == self.height - 1) != (j == self.width - 1) else 1

    def _of(self, cell: Cell) -> int:
        return self.matrix[cell[0]][cell[1]]

    def _left_out(self, cell: Cell) -> bool:
        return self.shown[cell[0]][cell[1]] is not Shown.as_it_is

    def _cells(self) -> list[Cell]:
        return [(i, j) for i in range(self.height) for j in range(self.width)]

    def _lines(self) -> list[list[Cell]]:
        return [[(i, j) for j in range(self.width)] for i in range(self.height)] + \
               [[(i, j) for i in range(self.height)] for j in range(self.width)]
