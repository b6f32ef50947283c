"""The generic form of procedures that have none of their own."""

from dataclasses import dataclass, field
from typing import Any

from portal.catalogue import cases, reference
from portal.catalogue.cases import Case
from portal.catalogue.generic_form import generic_form
from portal.forms.definition import check, fields_of


@dataclass
class Procedure:
    name: str = "Cấp giấy phép"
    for_citizens: bool = True
    for_businesses: bool = False
    papers: list[dict[str, Any]] = field(default_factory=list)
    cases: tuple[Case, ...] = ()


def keys(definition: dict[str, Any]) -> set[str]:
    return {f["key"] for f in fields_of(definition)}


def test_the_generic_form_asks_who_what_how_and_the_papers() -> None:
    definition = generic_form(Procedure())
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


def test_where_the_law_tells_cases_apart_the_form_asks_which() -> None:
    asked = fields_of(generic_form(Procedure(cases=cases.listed()["1.004859"])))
    question = next(f for f in asked if f["key"] == "case")
    assert [option["value"] for option in question["options"]] == ["supplement", "change"]
    assert cases.chosen(cases.listed()["1.004859"], {"case": "change"}) == "change"
    assert "case" not in keys(generic_form(Procedure(cases=cases.listed()["2.000815"])))  # nobody files it here


def test_for_businesses_alone_the_organisation_comes_first_and_is_the_holder() -> None:
    definition = generic_form(Procedure(for_citizens=False, for_businesses=True))
    assert definition["steps"][0]["key"] == "organisation"
    assert definition["holder"] == "organisation_name"
    assert {"organisation_name", "tax_code", "representative"} <= keys(definition)


def test_for_both_the_organisation_is_asked_only_of_its_representative() -> None:
    definition = generic_form(Procedure(for_businesses=True))
    asked = {f["key"]: f for f in fields_of(definition)}
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
    asked = generic_form(Procedure(papers=papers))["steps"][-1]["fields"]
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
    asked = generic_form(Procedure())["steps"][-1]["fields"]
    assert [(f["label"]["vi"], f["required"]) for f in asked] == [
        ("Hồ sơ theo thành phần quy định", True),
        ("Giấy tờ khác (nếu có)", False),
    ]


def test_every_procedure_gets_a_valid_generic_form() -> None:
    for row in reference.procedures():
        check(generic_form(row))
