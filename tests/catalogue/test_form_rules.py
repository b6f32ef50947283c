"""Form definitions: what is refused and where, the generic form, and the forms that come with the portal."""

import copy
from dataclasses import dataclass, field
from typing import Any

import pytest

from portal.catalogue import form_rules, reference


def words(text: str) -> dict[str, str]:
    return {"vi": text, "en": text}


def good() -> dict[str, Any]:
    return {
        "title": words("Tờ khai"),
        "sample": True,
        "holder": "name",
        "steps": [
            {
                "key": "who",
                "title": words("Ai"),
                "fields": [
                    {"key": "name", "kind": "text", "label": words("Tên"), "required": True, "max": 100},
                    {
                        "key": "sex",
                        "kind": "choice",
                        "label": words("Giới tính"),
                        "required": True,
                        "options": [
                            {"value": "m", "label": words("Nam")},
                            {"value": "f", "label": words("Nữ")},
                        ],
                    },
                    {
                        "key": "maiden_name",
                        "kind": "text",
                        "label": words("Tên cũ"),
                        "required": False,
                        "show_if": {"field": "sex", "equals": "f"},
                    },
                ],
            },
            {
                "key": "papers",
                "title": words("Giấy tờ"),
                "fields": [
                    {"key": "proof", "kind": "attachment", "label": words("Bản chụp"), "required": True}
                ],
            },
        ],
    }


def test_a_good_form_passes() -> None:
    form_rules.check(good())


WHO = ("steps", 0, "fields")


@pytest.mark.parametrize(
    "path, value, place",
    [
        (("title",), {"vi": "Tờ khai"}, "title"),
        (("sample",), "yes", "sample"),
        (("steps",), [], "steps"),
        (("steps", 0, "key"), "Ai đó", "steps[1].key"),
        (("steps", 0, "key"), "papers", "steps.papers"),
        (("steps", 0, "fields"), [], "steps.who.fields"),
        ((*WHO, 0, "kind"), "colour", "steps.who.fields.name.kind"),
        ((*WHO, 0, "label"), "Tên", "steps.who.fields.name.label"),
        ((*WHO, 0, "required"), None, "steps.who.fields.name.required"),
        ((*WHO, 0, "placeholder"), "x", "steps.who.fields.name"),
        ((*WHO, 0, "max"), "100", "steps.who.fields.name.max"),
        ((*WHO, 0, "min"), 101, "steps.who.fields.name.min"),
        ((*WHO, 0, "past"), True, "steps.who.fields.name.past"),
        ((*WHO, 0, "prefill"), "salary", "steps.who.fields.name.prefill"),
        ((*WHO, 0, "kind"), "attachment", "steps.who.fields.name.max"),
        ((*WHO, 1, "key"), "name", "steps.who.fields.name"),
        ((*WHO, 1, "options"), [], "steps.who.fields.sex.options"),
        ((*WHO, 1, "options", 0, "value"), "f", "steps.who.fields.sex.options"),
        ((*WHO, 2, "show_if", "field"), "proof", "steps.who.fields.maiden_name.show_if"),
        ((*WHO, 2, "show_if", "field"), "name", "steps.who.fields.maiden_name.show_if"),
        ((*WHO, 2, "show_if", "equals"), "x", "steps.who.fields.maiden_name.show_if"),
        (("steps", 1, "key"), "annexes", "steps.annexes"),
        (("steps", 1, "fields", 0, "kind"), "text", "steps.papers.fields.proof"),
        (("holder",), "sex", "holder"),
        (("holder",), "nobody", "holder"),
    ],
)
def test_a_wrong_form_is_refused_and_the_place_named(path: tuple[Any, ...], value: Any, place: str) -> None:
    definition = copy.deepcopy(good())
    at: Any = definition
    for part in path[:-1]:
        at = at[part]
    at[path[-1]] = value
    with pytest.raises(ValueError) as refused:
        form_rules.check(definition)
    assert str(refused.value).startswith(place)


@dataclass
class Procedure:
    name: str = "Cấp giấy phép"
    for_citizens: bool = True
    for_businesses: bool = False
    papers: list[dict[str, Any]] = field(default_factory=list)


def keys(definition: dict[str, Any]) -> set[str]:
    return {f["key"] for f in form_rules.fields_of(definition)}


def test_the_generic_form_asks_who_what_how_and_the_papers() -> None:
    definition = form_rules.generic_form(Procedure())
    assert [step["key"] for step in definition["steps"]] == ["applicant", "request", "result", "papers"]
    assert {
        "applicant_name",
        "applicant_birth",
        "applicant_id",
        "applicant_phone",
        "applicant_email",
        "applicant_address",
        "request_content",
        "result_way",
    } <= keys(definition)
    assert definition["sample"] is True


def test_for_businesses_alone_the_organisation_comes_first_and_is_the_holder() -> None:
    definition = form_rules.generic_form(Procedure(for_citizens=False, for_businesses=True))
    assert definition["steps"][0]["key"] == "organisation"
    assert definition["holder"] == "organisation_name"
    assert {"organisation_name", "tax_code", "representative"} <= keys(definition)


def test_for_both_the_organisation_is_asked_only_of_its_representative() -> None:
    definition = form_rules.generic_form(Procedure(for_businesses=True))
    asked = {f["key"]: f for f in form_rules.fields_of(definition)}
    assert asked["tax_code"]["show_if"] == {"field": "applies_as", "equals": "organisation"}
    assert "holder" not in definition


def test_each_paper_is_asked_for_and_conditional_ones_are_optional() -> None:
    papers = [
        {"label": label}
        for label in (
            "Đơn đề nghị",
            "Văn bản ủy quyền",
            "Danh sách thành viên (nếu có)",
            "Trường hợp đã kết hôn: giấy chứng nhận",
            "Mẫu hộ tịch điện tử tương tác đăng ký",
            "Giấy tờ tuỳ thân",
        )
    ]
    asked = form_rules.generic_form(Procedure(papers=papers))["steps"][-1]["fields"]
    assert [(f["label"]["vi"], f["required"]) for f in asked] == [
        ("Đơn đề nghị", True),
        ("Văn bản ủy quyền", False),
        ("Danh sách thành viên (nếu có)", False),
        ("Trường hợp đã kết hôn: giấy chứng nhận", False),
        ("Giấy tờ tuỳ thân", True),
        ("Giấy tờ khác (nếu có)", False),
    ]
    assert asked[0]["label"]["en"] == "Application: “Đơn đề nghị”"


def test_a_record_without_papers_asks_for_them_in_one_place() -> None:
    asked = form_rules.generic_form(Procedure())["steps"][-1]["fields"]
    assert [(f["label"]["vi"], f["required"]) for f in asked] == [
        ("Hồ sơ theo thành phần quy định", True),
        ("Giấy tờ khác (nếu có)", False),
    ]


def test_every_procedure_gets_a_valid_generic_form() -> None:
    for row in reference.procedures():
        form_rules.check(form_rules.generic_form(row))


OWN_FORMS = reference.form_definitions()


def test_ten_procedures_have_a_form_of_their_own() -> None:
    assert set(OWN_FORMS) == {
        "1.001193",
        "1.004873",
        "1.004222",
        "1.004194",
        "2.000635",
        "1.001612",
        "3.000347",
        "2.000815",
        "1.000894",
        "1.000656",
    }
    assert set(OWN_FORMS) <= {p.code for p in reference.procedures() if p.detailed}


@pytest.mark.parametrize("code", sorted(OWN_FORMS))
def test_a_form_of_its_own_is_valid_a_sample_and_of_sensible_length(code: str) -> None:
    definition = OWN_FORMS[code]
    form_rules.check(definition)
    assert definition["sample"] is True
    assert 3 <= len(definition["steps"]) <= 6
    asked = form_rules.fields_of(definition)
    assert any("show_if" in f for f in asked)
    assert all("max" in f for f in asked if f["kind"] in ("text", "long_text"))
    prefilled = [f["prefill"] for f in asked if "prefill" in f]
    assert len(prefilled) == len(set(prefilled))


@pytest.mark.parametrize("code", sorted(OWN_FORMS))
def test_a_form_of_its_own_asks_for_the_papers_of_the_record(code: str) -> None:
    """The declaration itself is the form; every other paper of the record has its place."""
    record = next(p for p in reference.procedures() if p.code == code)
    declaration = ("Tờ khai", "Giấy đề nghị", "Đề nghị")
    listed = [
        p["label"].split("(")[0].strip().lower()[:18]
        for p in record.papers
        if not p["label"].startswith(declaration)
    ]
    asked = [f["label"]["vi"].lower() for f in OWN_FORMS[code]["steps"][-1]["fields"]]
    for start in listed:
        assert any(label.startswith(start) for label in asked), start
