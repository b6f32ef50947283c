"""The forms that come with the portal."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from portal.catalogue import reference, renewal
from portal.forms import examples
from portal.forms.application import Application
from portal.forms.definition import check, fields_of, rules_of
from portal.forms.expressions import years_after
from portal.forms.step import form_for, right_answers
from portal.kit import clock

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
    check(definition)
    assert definition["sample"] is True
    assert 3 <= len(definition["steps"]) <= 6
    asked = fields_of(definition)
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


@pytest.mark.parametrize("code", sorted(OWN_FORMS))
def test_a_declaration_cannot_be_answered_with_no(code: str) -> None:
    declared = [f for f in fields_of(OWN_FORMS[code]) if f["key"] == "declared"]
    assert all((f["kind"], f["required"]) == ("confirmation", True) for f in declared)
    answers = examples.answers(OWN_FORMS[code])
    for field in declared:
        assert field["key"] in {gap.key for gap in Application(OWN_FORMS[code], {**answers, "declared": False}).gaps}


def test_eight_forms_are_declared_true_by_who_fills_them_in() -> None:
    with_it = {code for code, form in OWN_FORMS.items() if any(f["key"] == "declared" for f in fields_of(form))}
    assert with_it == set(OWN_FORMS) - {"1.001193", "2.000635"}


MEMBER: dict[str, Any] = {"name": "Lan", "birth": "1990-02-03", "sex": "female", "id": "048190000001",
                        "relationship": "vợ"}
PARTNER = {"name": "Lan", "birth": "1990-02-03", "id": "048190000001", "share": 40}
OTHER = {"name": "Tuấn", "birth": "1990-02-03", "id": "048090000002", "share": 61}

#: For each rule of each form, answers that break it and no other.
BREAKING: list[tuple[str, str, dict[str, Any]]] = [
    ("1.000894", "bride_age", {"bride_birth": "2009-01-01"}), ("1.000894", "groom_age", {"groom_birth": "2007-01-01"}),
    ("1.000894", "two_people", {"bride_id": "048090001234", "groom_id": "048090001234"}),
    ("1.000894", "bride_first", {"bride_before": "never", "bride_times": 2}),
    ("1.000894", "groom_first", {"groom_before": "never", "groom_times": 2}),
    ("1.000894", "bride_again", {"bride_before": "divorced", "bride_times": 1}),
    ("1.000894", "groom_again", {"groom_before": "widowed", "groom_times": 1}),
    ("1.000656", "death_after_birth", {"deceased_birth": "1950-01-02", "death_date": "1950-01-01"}),
    ("1.000656", "notice_after_death", {"notice_exists": True, "deceased_birth": "1950-01-01",
                                        "death_date": "2020-01-02", "notice_date": "2020-01-01"}),
    ("1.000656", "applicant_is_another", {"applicant_id": "048090001234", "deceased_id": "048090001234"}),
    ("1.001193", "mother_older", {"mother_stated": True, "child_birth": "2020-01-01", "mother_birth": "2020-01-01"}),
    ("1.001193", "father_older", {"father_stated": True, "child_birth": "2020-01-01", "father_birth": "2020-01-02"}),
    ("1.001193", "two_parents", {"mother_stated": True, "father_stated": True, "mother_id": "048090001234",
                                 "father_id": "048090001234"}),
    ("1.001193", "mother_applies", {"relationship": "mother", "mother_stated": False, "parents_married": False}),
    ("1.001193", "father_applies", {"relationship": "father", "father_stated": False, "parents_married": False}),
    ("1.001193", "married_mother", {"parents_married": True, "mother_stated": False}),
    ("1.001193", "married_father", {"parents_married": True, "father_stated": False, "relationship": "mother"}),
    ("1.004873", "for_oneself", {"for_whom": "self", "holder_id": "048190000001", "applicant_id": "048090001234"}),
    ("1.004873", "period_in_life", {"holder_birth": "1990-01-02", "period_from": "1990-01-01"}),
    ("1.004873", "period_order", {"holder_birth": "1990-01-01", "period_from": "2020-01-02",
                                  "period_to": "2020-01-01"}),
    ("2.000635", "registered_in_life", {"event_kind": "birth", "subject_birth": "1990-01-02",
                                        "registered_on": "1990-01-01"}),
    ("2.000635", "death_after_birth", {"event_kind": "death", "relationship": "child", "subject_birth": "1990-01-02",
                                       "death_date": "1990-01-01", "registered_on": "1990-01-03"}),
    ("2.000635", "registered_after_death", {"event_kind": "death", "relationship": "child",
                                            "subject_birth": "1950-01-01", "death_date": "2020-01-02",
                                            "registered_on": "2020-01-01"}),
    ("2.000635", "for_oneself", {"relationship": "self", "subject_id": "048190000001",
                                 "applicant_id": "048090001234"}),
    ("1.004194", "minor", {"is_minor": True, "applicant_birth": "1990-01-01"}),
    ("1.004194", "guardian_is_another", {"is_minor": True, "applicant_birth": "2015-01-01",
                                         "applicant_id": "048090001234", "guardian_id": "048090001234"}),
    ("1.004194", "owner_agrees", {"dwelling": "rented", "owner_consent": False}),
    ("1.004194", "stay_order", {"stay_from": "2090-01-02", "stay_to": "2090-01-02"}),
    ("1.004194", "stay_two_years", {"stay_from": "2090-01-02", "stay_to": "2092-01-03"}),
    ("1.004194", "members_differ", {"with_members": True, "members": [MEMBER, MEMBER], "applicant_id": "048090001234"}),
    ("1.004194", "members_are_others", {"with_members": True, "members": [MEMBER], "applicant_id": MEMBER["id"]}),
    ("1.004222", "minor", {"is_minor": False, "applicant_birth": "2015-01-01"}),
    ("1.004222", "guardian_is_another", {"is_minor": True, "applicant_birth": "2015-01-01",
                                         "applicant_id": "048090001234", "guardian_id": "048090001234"}),
    ("1.004222", "owner_agrees", {"dwelling": "rented", "owner_consent": False}),
    ("1.004222", "members_differ", {"with_members": True, "members": [MEMBER, MEMBER], "applicant_id": "048090001234"}),
    ("1.004222", "members_are_others", {"with_members": True, "members": [MEMBER], "applicant_id": MEMBER["id"]}),
    ("1.001612", "adult", {"applicant_birth": "2010-01-01"}),
    ("1.001612", "members_differ", {"founded_by": "family", "family_members": [PARTNER, PARTNER], "capital": 80}),
    ("1.001612", "members_adult", {"founded_by": "family", "capital": 101,
                                   "family_members": [PARTNER, {**OTHER, "birth": "2015-01-01"}]}),
    ("1.001612", "shares_within_capital", {"founded_by": "family", "family_members": [PARTNER, OTHER],
                                           "capital": 100}),
    ("1.001612", "trades_differ", {"trades": [{"code": "5610", "name": "Nhà hàng"}, {"code": "5610", "name": "Quán"}]}),
    ("2.000815", "legalised_first", {"document_origin": "foreign", "legalised": False}),
    ("3.000347", "licence_in_life", {"applicant_birth": "1990-01-01", "licence_issued": "1990-01-01",
                                     "licence_until": "2030-01-01"}),
    ("3.000347", "licence_order", {"applicant_birth": "1990-01-01", "licence_issued": "2020-01-01",
                                   "licence_until": "2020-01-01"}),
    ("3.000347", "former_classes", {"licence_classes": ["b2"], "applicant_birth": "1990-01-01",
                                    "licence_issued": "2025-01-01", "licence_until": "2035-01-01"}),
    ("3.000347", "licence_valid", {"licence_origin": "abroad", "licence_country": "Lào", "reason": "foreign",
                                   "applicant_birth": "1990-01-01", "licence_issued": "2015-01-01",
                                   "licence_until": "2025-01-01"}),
    ("3.000347", "reason_fits", {"licence_origin": "transport", "reason": "foreign"}),
]


def test_a_form_that_makes_no_sense_is_not_loaded_and_the_file_and_place_are_named(
        monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = copy.deepcopy(OWN_FORMS)
    wrong["1.000894"]["rules"][0]["require"] = {"less": [{"field": "bride_birth"}, 18]}
    monkeypatch.setattr(reference, "form_definitions", lambda: wrong)
    with pytest.raises(ValueError, match=r"^forms/1\.000894\.json: rules\.bride_age\.require\.less: a date does not"):
        renewal.form_contents([])


def test_every_rule_of_every_form_is_tried() -> None:
    assert sorted((code, key) for code, key, _answers in BREAKING) == sorted(
        (code, rule.key) for code, form in OWN_FORMS.items() for rule in rules_of(form).rules)


@pytest.mark.parametrize("code, key, answers", BREAKING, ids=[f"{code}-{key}" for code, key, _answers in BREAKING])
def test_a_rule_is_broken_alone_and_says_what_was_answered(code: str, key: str, answers: dict[str, Any]) -> None:
    form = OWN_FORMS[code]
    application = Application(form, {**examples.answers(form), **answers})
    assert [rule.key for rule, _problem in application.broken] == [key]
    [(_rule, problem)] = application.broken
    assert "{" not in problem.message and problem.step in {step["key"] for step in form["steps"]}


def test_on_the_day_itself_the_law_is_kept() -> None:
    marriage, today = OWN_FORMS["1.000894"], clock.today()
    of_age = {"bride_birth": years_after(today, -18), "groom_birth": years_after(today, -20)}
    answers = {**examples.answers(marriage), **{key: str(day) for key, day in of_age.items()}}
    assert Application(marriage, answers).errors == []
    stay = {**examples.answers(OWN_FORMS["1.004194"]), "stay_from": "2090-06-30", "stay_to": "2092-06-30"}
    assert Application(OWN_FORMS["1.004194"], stay).errors == []


def problems(code: str, **answers: Any) -> set[str]:
    form = OWN_FORMS[code]
    return {problem.key for problem in Application(form, {**examples.answers(form), **answers}).errors}


@pytest.mark.parametrize("name", ["Phở Hòa", "Hộ kinh doanh", "Hộ kinh doanh Công ty Hòa", "hộ kinh doanhHòa",
                                  "Hộ kinh doanh Doanh  nghiệp Hòa"])
def test_the_name_of_a_household_business_is_of_its_kind(name: str) -> None:
    assert problems("1.001612", business_name=name) == {"business_name"}
    assert problems("1.001612", business_name="HỘ KINH DOANH PHỞ HÒA") == set()


@pytest.mark.parametrize("code", ["561", "56101", "56A0", "٥٦١٠"])
def test_a_line_of_business_has_its_code(code: str) -> None:
    assert problems("1.001612", trades=[{"code": code, "name": "Nhà hàng"}]) == {"trades-0-code"}


def test_former_classes_of_licence_can_be_told() -> None:
    assert problems("3.000347", licence_classes=["a2", "b2", "fc"], applicant_birth="1980-01-01",
                    licence_issued="2015-05-06", licence_until="2030-01-01") == set()


@pytest.fixture
def asked(app: Flask) -> Iterator[Flask]:
    with app.test_request_context():
        yield app


def test_foreigners_give_their_passport_wherever_a_form_is_open_to_them(asked: Flask) -> None:
    for code in ("1.000656", "1.001193", "1.004873", "2.000635", "2.000815", "3.000347"):
        page = form_for(OWN_FORMS[code]["steps"][0])
        field = page(MultiDict({"applicant_id": " c 123–4567\u200b"}), meta={"csrf": False}).applicant_id
        assert (field.data, field.process_errors) == ("C1234567", []), code


def test_of_a_person_of_whom_the_year_alone_is_known_no_day_is_invented(asked: Flask) -> None:
    form, step = OWN_FORMS["1.000656"], OWN_FORMS["1.000656"]["steps"][1]
    page = form_for(step)(MultiDict({"deceased_birth-year": "1931"}), meta={"csrf": False})
    page.validate()
    assert right_answers(step, page)["deceased_birth"] == "1931"
    application = Application(form, {**examples.answers(form), "deceased_birth": "1931", "death_date": "2020-01-02",
                                     "notice_date": "2020-01-03"})
    assert application.errors == [] and application.words_of("deceased_birth") == "1931"
    again = form_for(step)(data=application.answers, meta={"csrf": False}).deceased_birth
    assert again.typed == {"day": "", "month": "", "year": "1931"}
    assert problems("1.000656", deceased_birth="2021", death_date="2020-01-02", notice_date="2020-01-03") == {
        "death_date"}
    marriage = form_for(OWN_FORMS["1.000894"]["steps"][0])(MultiDict({"bride_birth-year": "1990"}),
                                                           meta={"csrf": False})
    assert marriage.bride_birth.process_errors  # the law asks for the day: she must be 18 on it
