"""The table is whole, and the documentation says the same."""
import pytest

from tests.asvs import table
from tests.asvs.table import REQUIREMENTS

pytestmark = pytest.mark.once


def test_each_requirement_has_a_test_or_a_reason() -> None:
    applies = {number for number, one in REQUIREMENTS.items() if not one.not_ours}
    assert sorted(applies - table.tests().keys(), key=table.key) == []
    assert not {number for number in REQUIREMENTS if number in table.tests()} - applies, "tested, and said not to apply"


def test_the_documentation_says_what_the_table_says() -> None:
    assert table.DOCUMENT.read_text() == table.document(), "python -m tests.asvs.table"


def test_the_table_is_printed() -> None:
    lines = table.summary()
    assert len(lines) == 1 + len(table.CHAPTERS) and any("V16" in line for line in lines)
