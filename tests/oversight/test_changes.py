"""What changed between two versions of a template."""
from copy import deepcopy

from portal.oversight.reports.changes import Part, changes
from tests.oversight.reporting import DEFINITION


def test_the_same_says_no_change() -> None:
    assert changes(DEFINITION, deepcopy(DEFINITION)) == []


def test_what_came_went_and_changed_is_named_by_part_and_key() -> None:
    new = deepcopy(DEFINITION)
    fields = new["form"]["steps"][0]["fields"]
    fields[0]["label"]["vi"], fields[0]["max"] = "Số dịch vụ", 10
    del fields[2]
    fields.append({"key": "level_4", "kind": "number", "label": {"vi": "Mức độ 4", "en": "At level 4"}})
    new["checks"] = [{"key": "whole", "kind": "within", "part": "level_3", "of": "services"}]
    new["due"] = {"day": 5, "month": "after"}
    found = {(one.part, one.key): (one.before, one.after) for one in changes(DEFINITION, new)}
    assert set(found) == {(Part.question, "services"), (Part.question, "level_4"), (Part.question, "words"),
                          (Part.check, "whole"), (Part.due, "due")}
    assert found[Part.question, "services"][1] == {"label": {"vi": "Số dịch vụ", "en": "Online services"}, "max": 10}
    assert set(found[Part.question, "services"][0]) == {"label"}, "what is the same is left out"
    assert found[Part.question, "words"][1] is None and found[Part.question, "level_4"][0] is None
    assert found[Part.due, "due"] == ({"day": 23, "month": "last"}, {"day": 5, "month": "after"})


def test_a_question_that_moved_to_another_step_changed_and_another_order_is_none() -> None:
    new = deepcopy(DEFINITION)
    new["form"]["steps"][0]["fields"].reverse()
    assert changes(DEFINITION, new) == []
    moved = new["form"]["steps"][0]["fields"].pop(0)
    new["form"]["steps"].insert(1, {"key": "more", "title": {"vi": "Thêm", "en": "More"}, "fields": [moved]})
    found = {(one.part, one.key): (one.before, one.after) for one in changes(DEFINITION, new)}
    assert found == {(Part.step, "more"): (None, {"title": {"vi": "Thêm", "en": "More"}}),
                     (Part.question, "words"): ({"step": "figures"}, {"step": "more"})}
    assert [one.words for one in changes(DEFINITION, new)][1] == {"vi": "Khó khăn", "en": "Difficulties"}
