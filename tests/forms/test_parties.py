"""Who is who: what a paper says of somebody belongs to that one."""
from typing import Any

import pytest

from portal.catalogue.reference import form_definitions as forms
from portal.forms import examples
from portal.forms.application import Application
from portal.forms.parties import Parties, Party, of
from tests.forms.test_types import words

pytestmark = [pytest.mark.once, pytest.mark.usefixtures("app")]
ACCOUNT = Party("Trần Thị Bình", phone="0912 345 678", email="binh@example.vn")


def form(*keys: str, holder: str = "") -> dict[str, Any]:
    kinds = {"id": "text", "name": "name", "phone": "text", "email": "text", "address": "text"}
    return {"holder": holder, "steps": [{"key": "who", "title": words("Ai"), "fields": [
        {"key": key, "kind": kinds.get(key.rsplit("_", 1)[-1], "text"), "label": words(key), "required": False}
        for key in keys]}]}


def named(definition: dict[str, Any], account: Party = ACCOUNT, **answers: Any) -> Parties:
    return of(Application(definition, answers), account)


def test_the_applicant_is_who_the_form_says_with_that_ones_number_and_nothing_of_the_account() -> None:
    found = named(form("applicant_name", "applicant_id", "applicant_address"), applicant_name="Lê Văn Cường",
                  applicant_id="048090001234", applicant_address="1 Bạch Đằng")
    assert found.applicant == Party("Lê Văn Cường", "048090001234", "1 Bạch Đằng")
    assert found.holder == found.applicant and found.representative == ""


def test_the_accounts_contact_stands_beside_the_accounts_own_name_however_it_is_typed() -> None:
    assert named(form("applicant_name"), applicant_name="TRẦN THỊ  BÌNH").applicant.phone == "0912 345 678"
    assert named(form("applicant_name"), applicant_name="Lê Văn Cường").applicant.phone == ""


def test_at_a_marriage_the_account_has_no_number_of_bride_or_groom_unless_it_is_one_of_them() -> None:
    marriage = form("bride_name", "bride_id", "bride_address", "groom_name", "groom_id", "groom_address",
                    "applicant_phone", holder="bride_name")
    given = {"bride_name": "Phạm Thị Dung", "bride_id": "1", "bride_address": "Huế", "groom_name": "Trần Văn Em",
             "groom_id": "2", "groom_address": "Vinh", "applicant_phone": "0999"}
    other = named(marriage, **given)
    assert other.applicant == Party("Trần Thị Bình", "", "", "0999", "binh@example.vn")
    assert other.holder == Party("Phạm Thị Dung", "1", "Huế")
    bride = named(marriage, Party("Phạm Thị Dung"), **given)
    assert bride.applicant == Party("Phạm Thị Dung", "1", "Huế", "0999") and bride.holder == bride.applicant
    groom = named(marriage, Party("Trần Văn Em"), **given)
    assert (groom.applicant.number, groom.holder.number) == ("2", "1")


def test_of_a_child_the_number_of_the_parent_is_not_the_holders() -> None:
    found = named(form("applicant_name", "applicant_id", "child_name", holder="child_name"),
                  applicant_name="Trần Thị Bình", applicant_id="7", child_name="Lê Bình An")
    assert (found.applicant.number, found.holder) == ("7", Party("Lê Bình An"))


@pytest.mark.parametrize(("answers", "representative"), [
    ({"relationship": "authorised"}, "Lê Văn Cường"), ({"relationship": "father"}, ""),
    ({"for_whom": "other"}, "Lê Văn Cường"), ({"representative": "Võ Văn Giàu"}, "Võ Văn Giàu"),
    ({"guardian_name": "Lê Thị Hoa"}, "Lê Thị Hoa")])
def test_who_acts_for_the_holder(answers: dict[str, str], representative: str) -> None:
    keys = ("applicant_name", "holder_name", "relationship", "for_whom", "representative", "guardian_name")
    found = named(form(*keys, holder="holder_name"), applicant_name="Lê Văn Cường", holder_name="Lê Văn Khoa",
                  **answers)
    assert found.representative == representative


def test_for_an_organisation_the_applicant_represents_it() -> None:
    found = named(form("applicant_name", "applies_as", "organisation_name"), applicant_name="Lê Văn Cường",
                  applies_as="organisation", organisation_name="Công ty Sông Hàn")
    assert (found.holder.name, found.holder.number, found.representative) == ("Công ty Sông Hàn", "", "Lê Văn Cường")


@pytest.mark.parametrize("code", sorted(forms()))
def test_every_form_names_an_applicant_whose_facts_are_the_applicants_own(code: str) -> None:
    definition = forms()[code]
    found = named(definition, **examples.answers(definition))
    keys = {q["key"] for step in definition["steps"] for q in step["fields"]}
    assert found.applicant.name and found.holder.name
    if "applicant_id" in keys:
        assert found.applicant.number and (found.applicant.address or not any("address" in key for key in keys - {
            "result_address"}))
