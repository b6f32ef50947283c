import zlib

from hypothesis import given
from hypothesis import strategies as st

from portal.papers import codes, traces

CODE = codes.new_code()
FACTS = f'{{"paper": "receipt", "verification_code": "{CODE}"}}'.encode()


def pdf(stream: bytes) -> bytes:
    return b"%PDF-1.7\n1 0 obj <</Length 1>>\nstream\n" + stream + b"\nendstream endobj\n%%EOF"


def test_a_code_is_found_in_a_compressed_stream() -> None:
    assert traces.code_in(pdf(zlib.compress(FACTS))) == CODE


def test_a_code_is_found_in_plain_sight() -> None:
    assert traces.code_in(pdf(FACTS)) == CODE


def test_a_file_that_is_no_pdf_carries_nothing() -> None:
    assert traces.code_in(FACTS) is None


def test_a_code_that_cannot_be_is_not_believed() -> None:
    assert traces.code_in(pdf(b'"verification_code": "0000-0000-0000-0001"')) is None


def test_a_bomb_is_not_unfolded() -> None:
    bomb = zlib.compress(b"0" * (64 * 1024 * 1024))
    assert traces.code_in(pdf(bomb)) is None
    assert len(traces._inflated(bomb, 0, traces.MOST_BYTES)) == traces.MOST_BYTES


@given(st.binary(max_size=500))
def test_no_bytes_break_it(junk: bytes) -> None:
    traces.code_in(b"%PDF-" + junk + b"stream\n" + junk)
