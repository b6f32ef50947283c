"""The search for cycles among objects, less often while very many are made at once."""
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

SELDOM = 200_000  # new objects, instead of 700: about once a batch
_lock = Lock()
_batches = 0
_before = gc.get_threshold()


@contextmanager
def seldom() -> Iterator[None]:
    """Search for cycles seldom meanwhile, in all threads: a batch makes some hundred thousand objects, none in a
    cycle, and looking at them again and again took a third of its time. What nobody refers to is freed all the same.
    """
    _count(+1)
    try:
        yield
    finally:
        _count(-1)


def _count(change: int) -> None:
    global _batches, _before
    with _lock:
        if not _batches:
            _before = gc.get_threshold()
        _batches += change
        gc.set_threshold(SELDOM if _batches else _before[0], *_before[1:])
