"""The forms that come with the portal."""

import pytest

from portal.catalogue import reference
from portal.forms.definition import check, fields_of

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
