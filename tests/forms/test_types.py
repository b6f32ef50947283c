"""What holds for every type of question, and what is special to one."""
import datetime
import string
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.forms.step import form_for, right_answers
from portal.forms.types import TYPES, in_words
from portal.forms.types.citizen_id import PROVINCES_OF_BIRTH
from tests.forms.browser import posted

pytestmark = pytest.mark.usefixtures("english")
ALPHABET = string.ascii_letters + "ĂÂĐÊÔƠƯăâđêôơưễậỡ -'<>&\""
LETTERS = st.text(ALPHABET, min_size=1, max_size=60).map(str.strip).filter(bool)


def words(text: str) -> dict[str, str]:
    return {"vi": text, "en": text}


def question(kind: str, **more: Any) -> dict[str, Any]:
    return {"key": "q", "kind": kind, "label": words("Câu hỏi"), "required": True, **PARTS.get(kind, {}), **more}


OPTIONS = [{"value": f"v{n}", "label": words(f"Lời {n}")} for n in range(12)]
CELLS = [{"key": "name", "kind": "text", "label": words("Tên"), "required": True},
         {"key": "born", "kind": "date", "label": words("Ngày sinh"), "required": False, "past": True},
         {"key": "member", "kind": "yes_no", "label": words("Thành viên"), "required": False},
         {"key": "share", "kind": "money", "label": words("Phần vốn"), "required": False,
          "show_if": {"field": "member", "equals": True}}]
PARTS: dict[str, dict[str, Any]] = {
    "choice": {"options": OPTIONS}, "choices": {"options": OPTIONS[:3]}, "group": {"fields": CELLS, "max": 5},
    "table": {"fields": CELLS, "row": words("Người"), "max": 5}}
DAYS = st.dates(datetime.date(1850, 1, 1), datetime.date(2026, 11, 22))
ROWS = st.lists(st.fixed_dictionaries({"name": LETTERS}, optional={"born": DAYS}).map(
    lambda row: {**row, "member": True, "share": 5}), min_size=1, max_size=5)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": LETTERS, "name": st.lists(st.sampled_from(["Y", "Ƀlŏ", "H’Hen", "Nguyễn", "Ẩn"]), min_size=1).map(" ".join),
    "long_text": st.lists(LETTERS, min_size=1, max_size=4).map("\n".join),
    "number": st.integers(-10**14, 10**14), "money": st.integers(0, 10**14), "date": DAYS,
    "choice": st.sampled_from([one["value"] for one in OPTIONS]),
    "choices": st.lists(st.sampled_from(["v0", "v1", "v2"]), min_size=1, unique=True).map(sorted),
    "yes_no": st.booleans(), "confirmation": st.just(True),
    "citizen_id": st.tuples(st.sampled_from(sorted(PROVINCES_OF_BIRTH)), st.integers(0, 99_999_999)).map(
        lambda parts: f"{parts[0]}0{parts[1]:08}"),
    "phone": st.integers(0, 9_999_999).map(lambda n: f"+8491{n:07}"),
    "email": st.from_regex(r"[a-z0-9]{1,20}@[a-z]{1,20}\.vn", fullmatch=True),
    "address": LETTERS.map(lambda line: {"province": "48", "ward": "20195", "line": line}),
    "group": ROWS, "table": ROWS,
}


def test_every_type_that_is_answered_in_words_is_tried_here() -> None:
    assert set(VALUES) == {kind for kind, each in TYPES.items() if not each.of_file}


@pytest.mark.parametrize("kind", sorted(VALUES))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(data=st.data())
def test_what_a_page_shows_and_is_posted_unchanged_is_the_same_answer(kind: str, data: st.DataObject) -> None:
    value = data.draw(VALUES[kind])
    step, each = {"fields": [question(kind)]}, TYPES[kind]
    form = form_for(step)
    kept = each.dump(step["fields"][0], value)
    assert each.load(step["fields"][0], kept) == value
    shown = form(formdata=None, data={"q": kept})
    sent = form(formdata=posted(shown.q()))
    assert sent.validate(), sent.errors
    assert right_answers(step, sent) == {"q": kept}


@pytest.mark.parametrize("kind", sorted(VALUES))
@pytest.mark.parametrize("n", range(4))
def test_an_example_is_a_right_answer_with_words(kind: str, n: int) -> None:
    step, each = {"fields": [question(kind)]}, TYPES[kind]
    example = each.example(step["fields"][0], n)
    form = form_for(step)
    sent = form(formdata=posted(form(formdata=None, data={"q": example}).q()))
    assert sent.validate(), sent.errors
    assert right_answers(step, sent) == {"q": example}
    assert in_words(step["fields"][0], example).strip()


@pytest.mark.parametrize("kind", sorted(TYPES))
@pytest.mark.parametrize("nonsense", [None, {}, [], "", {"a": 1}, [1], 3.5])
def test_what_is_no_such_answer_is_none_and_has_no_words(kind: str, nonsense: Any) -> None:
    if kind in ("address", "choices", "group", "table") and nonsense in ({"a": 1}, [1]):
        nonsense = 1
    q = question(kind)
    assert not TYPES[kind].given(TYPES[kind].load(q, nonsense)) and in_words(q, nonsense) == ""


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_every_type_has_a_place_on_paper(kind: str) -> None:
    assert "<" in TYPES[kind].blank(question(kind))


@pytest.mark.parametrize("kind", sorted(VALUES))
def test_a_required_question_left_open_is_named_on_the_page_and_missing_in_the_application(kind: str) -> None:
    step = {"fields": [question(kind)]}
    form = form_for(step)(formdata=posted(form_for(step)(formdata=None, data={}).q()))
    assert not form.validate()
    assert all("Câu hỏi" in message or "Dòng" in message or "Người" in message or "Row" in message
               for _target, message in form.problems())
    assert TYPES[kind].gaps(step["fields"][0], None) == [("q", words("Câu hỏi"))]
    open_question = {"fields": [question(kind, required=False)]} if kind != "confirmation" else None
    if open_question:
        empty = form_for(open_question)(formdata=posted(form_for(open_question)(formdata=None, data={}).q()))
        assert empty.validate(), empty.errors


def test_a_confirmation_has_no_no() -> None:
    q = question("confirmation")
    form = form_for({"fields": [q]})
    assert not form(formdata=posted("")).validate()
    assert form(formdata=posted('<input name="q" value="1">')).validate()
    taken_back = form(formdata=posted(""), data={"q": True})
    assert not taken_back.validate() and right_answers({"fields": [q]}, taken_back) == {"q": None}
    assert TYPES["confirmation"].gaps(q, TYPES["confirmation"].load(q, False)) == [("q", words("Câu hỏi"))]
    with pytest.raises(ValueError, match=r"^here\.required"):
        TYPES["confirmation"].check({**q, "required": False}, "here")


def test_a_day_that_lay_ahead_may_lie_behind_when_the_draft_is_handed_in() -> None:
    q = question("date", future=True)
    assert TYPES["date"].problems(q, datetime.date(2026, 11, 22)) == []
    [(key, message)] = TYPES["date"].problems(q, datetime.date(2026, 11, 21))
    assert key == "q" and "must not be before today" in message


def test_an_address_is_said_from_the_house_to_the_province() -> None:
    assert in_words(question("address"), {"province": "48", "ward": "20195", "line": "1 Bạch Đằng"}) == \
        "1 Bạch Đằng, Phường Hải Châu, Đà Nẵng"
    assert in_words(question("address"), {"province": "99", "ward": "7", "line": "1 Bạch Đằng"}) == "1 Bạch Đằng, 7, 99"


@pytest.mark.once
@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("q", [question("name"), question("text", printed=True)])
def test_a_draft_with_letters_that_papers_lack_is_not_handed_in(q: dict[str, Any]) -> None:
    assert TYPES[q["kind"]].problems(q, "Y Ƀlŏ") == []
    [(key, message)] = TYPES[q["kind"]].problems(q, "Công ty 王")
    assert key == "q" and "王" in message
