"""Choosing the commune: from the form's address, by search, by names of before July 2025; without scripts too."""
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.dossiers import actions, queries
from portal.dossiers.models import Dossier
from portal.kit.db import session
from portal.papers import queries as papers
from portal.people import queries as people
from tests import make

HAI_CHAU, HAI_VAN = "20242", "20195"
SignIn = Callable[[Any], FlaskClient]


@pytest.fixture
def draft(app: Flask) -> Dossier:
    made = make.draft()
    made.unit_id = None
    session.commit()
    return made


def page(client: FlaskClient, draft: Dossier, q: str = "") -> str:
    answer = client.get(f"/my/dossiers/{draft.id}/fill/commune", query_string={"q": q} if q else None)
    assert answer.status_code == 200
    return answer.text


def ticked(text: str) -> list[str]:
    """The codes of the choices that stand ticked."""
    return [part.split('value="')[1].split('"')[0] for part in text.split("<input")[1:] if " checked" in part
            .split(">")[0] and 'name="commune"' in part.split(">")[0]]


def test_the_address_in_the_form_is_offered_and_ticked(sign_in: SignIn, draft: Dossier) -> None:
    """The answers of test forms live in ward 20195, Hải Vân."""
    text = page(sign_in(draft.applicant), draft)
    assert "Phường Hải Vân" in text and "theo câu trả lời “" in text
    assert ticked(text) == [HAI_VAN]


def test_of_two_addresses_neither_is_ticked(sign_in: SignIn, app: Flask) -> None:
    """Who moves: from one ward to another, both of them offered."""
    draft = make.draft(service=make.service("1.004222"))
    draft.unit_id = None
    addresses = [q["key"] for step in draft.terms.form.definition["steps"] for q in step["fields"]
                 if q["kind"] == "address"]
    assert len(addresses) > 1
    draft.answers = {**draft.answers, addresses[0]: {"province": "48", "ward": HAI_CHAU, "line": "1 Bạch Đằng"}}
    session.commit()
    text = page(sign_in(draft.applicant), draft)
    assert "Phường Hải Châu" in text and "Phường Hải Vân" in text and ticked(text) == []


def test_an_old_name_finds_the_commune_of_today(sign_in: SignIn, draft: Dossier) -> None:
    text = page(sign_in(draft.applicant), draft, "phường bình thuận hải châu")
    assert "Phường Hòa Cường" in text and "trước tháng 7/2025: Phường Bình Thuận, Quận Hải Châu" in text


def test_a_name_that_fits_nothing_says_what_to_try(sign_in: SignIn, draft: Dossier) -> None:
    assert "khớp với “xyz”" in page(sign_in(draft.applicant), draft, "xyz")


def test_what_is_chosen_receives_the_dossier(sign_in: SignIn, draft: Dossier) -> None:
    client = sign_in(draft.applicant)
    answer = client.post(f"/my/dossiers/{draft.id}/fill/commune?q=hai+chau", data={"commune": HAI_CHAU})
    assert answer.location == f"/my/dossiers/{draft.id}/check"
    assert "Phường Hải Châu" in client.get(answer.location).text
    session.expire_all()
    assert ticked(page(client, draft)) == [HAI_CHAU]
    assert client.post(answer.location, data={"true": "1"}).location == f"/my/dossiers/{draft.id}"
    session.expire_all()
    assert draft.unit is not None and (draft.unit.code, draft.state) == (HAI_CHAU, "submitted")
    public = client.get(f"/progress/{draft.code}").text
    assert "Thành phố Đà Nẵng · Phường Hải Châu" in public


@pytest.mark.parametrize("given", ["", "00004", "agency", "nowhere"])  # 00004 is Ba Đình of Hà Nội
def test_what_does_not_receive_it_cannot_be_chosen(sign_in: SignIn, draft: Dossier, given: str) -> None:
    answer = sign_in(draft.applicant).post(f"/my/dossiers/{draft.id}/fill/commune?q=ba+dinh", data={"commune": given})
    assert answer.status_code == 422
    session.expire_all()
    assert draft.unit_id is None


def test_without_a_commune_it_is_not_handed_in(sign_in: SignIn, draft: Dossier) -> None:
    client = sign_in(draft.applicant)
    with pytest.raises(actions.Incomplete):
        actions.submit(draft, by=draft.applicant)
    session.rollback()
    refused = client.post(f"/my/dossiers/{draft.id}/check", data={"true": "1"})
    assert refused.status_code == 422
    assert f'href="/my/dossiers/{draft.id}/fill/commune' in refused.text
    assert "Phường, xã tiếp nhận hồ sơ" in client.get(f"/my/dossiers/{draft.id}/draft").text


def test_where_either_may_receive_it_the_province_is_a_choice(sign_in: SignIn, app: Flask) -> None:
    draft = make.draft(service=make.service("2.000635"))
    client = sign_in(draft.applicant)
    assert 'value="agency"' in page(client, draft)
    client.post(f"/my/dossiers/{draft.id}/fill/commune", data={"commune": "agency"})
    session.expire_all()
    assert draft.unit_id == people.central_unit(draft.agency_id).id


def test_where_no_commune_receives_it_nothing_is_asked(sign_in: SignIn, app: Flask) -> None:
    draft = make.draft(service=make.service("3.000347", "G01"))
    assert queries.unit_gaps(draft) == []
    answer = sign_in(draft.applicant).get(f"/my/dossiers/{draft.id}/fill/commune")
    assert answer.location == f"/my/dossiers/{draft.id}/check"


def test_the_agency_itself_refuses_another_agencys_unit(app: Flask, draft: Dossier) -> None:
    for unit in (make.commune("H26"), people.central_unit(draft.agency_id), make.department()):
        with pytest.raises(ValueError, match="does not receive"):
            actions.choose_unit(draft, unit, by=draft.applicant)


def test_a_sensitive_procedures_line_names_the_agency_alone(app: Flask, client: FlaskClient,
                                                            monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.dossiers.recording.is_sensitive", lambda code: True)
    monkeypatch.setattr("portal.progress.queries.is_sensitive", lambda code: True)
    dossier = make.dossier()
    assert "Hải Châu" not in client.get(f"/progress/{dossier.code}").text


def test_the_receipt_and_ones_own_page_name_agency_and_unit(app: Flask, sign_in: SignIn) -> None:
    dossier = make.dossier("received")
    [receipt] = papers.of(dossier.owner)
    assert (receipt.facts["parent_body"], receipt.facts["unit_name"]) == (
        "Thành phố Đà Nẵng", "Bộ phận Tiếp nhận và Trả kết quả Phường Hải Châu")
    assert "Thành phố Đà Nẵng · Phường Hải Châu" in sign_in(dossier.applicant).get(f"/my/dossiers/{dossier.id}").text
