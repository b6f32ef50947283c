"""The pages for everybody, as a stranger's browser gets them."""
import re
from datetime import date
from urllib.parse import quote

import pytest
import time_machine

from portal.catalogue import queries
from portal.catalogue.models import ServiceVersion
from portal.dossiers import papers
from portal.kit.db import session
from portal.web.public.views import bp
from tests import make

PAGES = ["/", "/services", "/services?q=khai+sinh&agency=H17&level=4&audience=citizen&sector=ho-tich",
         "/procedures/1.001193", "/services/H17/1.001193", "/services/H17/2.000815", "/services/H17/1.001193/form",
         "/agencies", "/sectors", "/about"]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_shows_in_both_languages(client, page):
    vietnamese, english = client.get(page), client.get("/en" + page)
    assert (vietnamese.status_code, english.status_code) == (200, 200)
    assert '<html lang="vi"' in vietnamese.text and '<html lang="en"' in english.text
    assert vietnamese.text.count("<h1") == 1


@pytest.mark.parametrize("page", [*PAGES, "/services/suggest?q=khai", "/wards/48.json", "/robots.txt"])
def test_a_stranger_s_answer_may_be_kept_and_sets_no_cookie(client, page):
    first = client.get(page)
    assert first.headers["Cache-Control"].startswith("public, max-age=")
    assert "Set-Cookie" not in first.headers
    again = client.get(page, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and not again.data
    # a browser may put the new policy beside the kept page: its scripts must still run
    assert again.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]


def test_the_nonce_in_the_page_is_the_one_in_the_policy(client):
    answer = client.get("/")
    nonces = set(re.findall(r'nonce="([^"]+)"', answer.text))
    assert len(nonces) == 1 and f"'nonce-{nonces.pop()}'" in answer.headers["Content-Security-Policy"]


def test_the_nonce_changes_with_the_page_and_cannot_be_guessed_from_another(client):
    pages = (client.get("/services?q=a").text, client.get("/services?q=b").text)
    assert len({re.findall(r'nonce="([^"]+)"', page)[0] for page in pages}) == 2


def test_with_a_cookie_nothing_is_kept(client):
    client.set_cookie("portal", "something")
    answer = client.get("/")
    assert answer.headers["Cache-Control"] == "no-store" and "ETag" not in answer.headers


def test_search_finds_without_marks_and_by_code(client):
    for asked in ("Đăng ký khai sinh", "dang ky khai sinh", "sinh khai", "1.001193"):
        assert "Đăng ký khai sinh</a>" in client.get(f"/services?q={quote(asked)}").text, asked


def test_filters_combine_and_each_can_be_taken_away(client):
    page = client.get("/services?q=khai&agency=H17&level=4").text
    assert 'href="/services?q=khai&amp;level=4"' in page or 'href="/services?level=4&amp;q=khai"' in page
    assert "/services/H17/1.001193" in page


def test_unknown_filters_are_left_out(client):
    page = client.get("/services?level=9&agency=H99&sector=none&audience=cats&after=-5")
    assert page.status_code == 200
    assert "Đăng ký khai sinh" in page.text


@pytest.mark.parametrize("after", ["x", "99999999999999999999", "", "1.5"])
def test_a_place_that_is_none_still_shows_a_page(client, after):
    assert client.get(f"/services?after={after}").status_code == 200


def test_nothing_found_helps(client):
    page = client.get("/services?q=qqqq").text
    assert "/sectors" in page and "/agencies" in page


def test_what_was_typed_is_shown_as_text(client):
    page = client.get("/services?q=" + quote('"><script>alert(1)</script>')).text
    assert "<script>alert" not in page


def test_a_very_long_query_is_answered(client):
    assert client.get("/services?q=" + "a+" * 2000).status_code == 200


def test_suggestions_while_typing(client):
    answer = client.get("/services/suggest?q=khai+si")
    assert answer.json[0] == {"name": "Đăng ký khai sinh", "code": "1.001193", "sector": "Hộ tịch",
                              "url": "/procedures/1.001193"}
    assert client.get("/services/suggest").json == []
    assert client.get("/en/services/suggest?q=khai").json[0]["url"].startswith("/en/")


def test_one_agency_leads_straight_to_its_sheet(client):
    answer = client.get("/procedures/3.000347")
    assert answer.status_code == 302 and answer.location == "/services/G01/3.000347"


def test_a_procedure_lists_where_it_is_offered(client):
    page = client.get("/procedures/1.001193").text
    for key in ("H17", "H26", "H29"):
        assert f"/services/{key}/1.001193" in page


def test_the_sheet_shows_what_must_be_known(client):
    page = client.get("/services/G01/3.000347").text
    assert "115.000\xa0₫" in page and "135.000" not in page
    assert "không phải nộp nếu là người nộp trực tuyến" in page  # the condition stands beside the amount
    assert "5 ngày làm việc" in page and "Giấy phép lái xe" in page and "Bộ Công an" in page
    assert "/apply/G01/3.000347" in page


def test_codes_of_several_results_can_stand_on_several_lines(client):
    codes = re.findall(r'<span class="code">(KQ[^<]*)</span>', client.get("/services/H17/1.004222").text)
    assert len(codes) == 4 and not any(" " in code for code in codes)  # a code is never broken


def test_the_sheet_says_what_is_a_sample_and_what_was_assumed(client):
    page = client.get("/en/services/H17/1.001193").text
    assert "sample" in page and "derived" in page and "Decree 118/2025" in page
    assert "does not say which days" in page


FEES = {
    "1.004222": "10.000\xa0₫", "1.004873": "Do Hội đồng nhân dân cấp tỉnh quy định",
    "1.001193": "Miễn phí (theo bản ghi quốc gia, chưa kiểm chứng)",
    "1.001456": "Cấp mới: 100.000\xa0₫; Cấp lại do hỏng, mất: 200.000\xa0₫"}


@pytest.mark.parametrize("code", FEES)
@time_machine.travel("2026-11-30 03:00:00+00:00", tick=False)
def test_lists_the_sheet_and_the_receipt_say_the_fee_in_the_same_words(client, code):
    """Never "free" for want of knowing."""
    words = FEES[code]
    assert words in client.get(f"/procedures/{code}").text
    assert words in client.get(f"/services?q={code}&agency=H17").text
    sheet = client.get(f"/services/H17/{code}").text
    assert all(line in sheet for line in words.split("; ")) and "Miễn phí<" not in sheet
    dossier = make.draft(service=make.service(code))
    dossier.answers = dossier.answers | {"case": None}
    assert papers.fee_text(dossier).startswith(words)


def test_the_receipt_says_the_fee_of_the_case_that_the_form_names(client):
    dossier = make.draft(service=make.service("1.001456"))
    dossier.answers = dossier.answers | {"case": "replaced"}
    with time_machine.travel("2026-11-30 03:00:00+00:00", tick=False):
        assert papers.fee_text(dossier) == "Cấp lại do hỏng, mất: 200.000\xa0₫ (Hai trăm nghìn đồng)"


def test_a_dossier_of_older_terms_pays_the_fee_of_its_day(client):
    dossier = make.draft(service=make.service("1.004873"))
    old = dossier.terms
    new = ServiceVersion(procedure_id=old.procedure_id, number=old.number + 1, level=old.level, level_derived=True,
                         service_class=old.service_class, limit_amount=5, limit_unit="working_day", channels=[],
                         form_id=old.form_id, rates=[{"kind": "known", "amount": 12_000}])
    session.add(new)
    make.service("1.004873").version = new
    session.flush()
    assert papers.fee_text(dossier) == "12.000\xa0₫ (Mười hai nghìn đồng)"
    assert papers.limit_text(dossier) == "3 ngày làm việc"


def test_the_fee_of_the_page_is_that_of_its_day(client):
    with time_machine.travel("2027-01-04 03:00:00+00:00", tick=False):
        page = client.get("/services/H17/1.001456").text
    assert "Cấp mới: 200.000\xa0₫" in page and "Cấp lại do hỏng, mất: 400.000\xa0₫" in page
    with time_machine.travel("2027-03-01 03:00:00+00:00", tick=False):
        assert "không phải nộp" not in client.get("/services/H17/1.001456").text


@pytest.mark.parametrize(("at", "cited", "not_cited"), [
    ("2026-11-30", "Luật 148/2025/QH15, Nghị định 224/2026/NĐ-CP", "42/2022"),
    ("2026-06-30", "Nghị định 42/2022/NĐ-CP", "224/2026")])
def test_the_law_that_a_page_cites_is_that_of_its_day(client, at, cited, not_cited):
    with time_machine.travel(f"{at} 03:00:00+00:00", tick=False):
        page = client.get("/services/H17/1.001193").text
    assert cited in page and not_cited not in page


def test_the_sheet_shows_the_limit_of_every_case(client):
    version = queries.service("H17", "1.001193").version
    version.cases = [{"key": "5-working-day", "limit": {"amount": 5, "unit": "working_day", "assumed": False}},
                     {"key": "20-working-day", "limit": {"amount": 20, "unit": "working_day", "assumed": False}}]
    session.flush()
    page = client.get("/services/H17/1.001193").text
    assert "Theo trường hợp: 5 ngày làm việc; 20 ngày làm việc." in page and "hạn dài nhất được dùng để hẹn" in page


def test_level_two_offers_the_form_and_no_apply_button(client):
    page = client.get("/services/H17/2.000815").text
    assert "/services/H17/2.000815/form" in page and "/apply/" not in page


def test_before_the_opening_day_there_is_no_button_but_the_day(client):
    queries.service("H17", "1.001193").opens_on = date(2030, 1, 2)
    session.flush()
    page = client.get("/services/H17/1.001193").text
    assert "/apply/" not in page and "02/01/2030" in page


@time_machine.travel("2025-06-30 10:00:00+00:00", tick=False)
def test_the_day_is_counted_in_vietnam(client):
    assert "/apply/" not in client.get("/services/H17/1.001193").text
    with time_machine.travel("2025-06-30 17:30:00+00:00", tick=False):
        assert "/apply/" in client.get("/services/H17/1.001193").text


@pytest.mark.parametrize("address", ["/services/H17/9.999999", "/services/H99/1.001193", "/procedures/nothing",
                                     "/services/H17/9.9/form", "/services/G15/1.001193"])
def test_an_unknown_service_is_a_helpful_404(client, address):
    answer = client.get(address)
    assert answer.status_code == 404
    assert 'name="q"' in answer.text


def test_an_agency_that_does_not_offer_it_leads_to_those_that_do(client):
    assert "/procedures/1.001193" in client.get("/services/G15/1.001193").text


def test_the_blank_form_has_every_question(client):
    page = client.get("/services/H17/1.001193/form").text
    for step in queries.service("H17", "1.001193").version.form.definition["steps"]:
        for field in step["fields"]:
            assert field["label"]["vi"] in page.replace("&#39;", "'").replace("&#34;", '"')


def test_agencies_are_counted_by_level(client):
    counts, nation = queries.level_counts()
    page = client.get("/agencies").text
    assert f'/services?agency=H17&amp;level=4">{counts["H17"][4]}<' in page
    assert sum(nation.values()) == sum(sum(levels.values()) for levels in counts.values())


def test_wards_are_a_list_for_the_address_question(client):
    wards = client.get("/wards/48.json").json
    assert set(wards[0]) == {"code", "name"} and wards == client.get("/wards/48").json
    assert client.get("/wards/00.json").status_code == 404


def test_the_home_page_asks_where_a_dossier_is(client):
    assert re.search(r'action="/progress"[^>]*>', client.get("/").text)


def test_every_route_says_that_anyone_may_enter(app):
    views = [f for name, f in app.view_functions.items() if name.startswith(f"{bp.name}.")]
    assert views and all(f.guard == "anyone" for f in views)


def test_the_levels_at_home_come_to_the_number_of_the_list(client):
    listed = re.search(r"count-line\">([\d.]+) thủ tục", client.get("/services").text)[1]
    for page in ("/", "/about"):
        assert f"Tất cả {listed} thủ tục" in client.get(page).text, page
    page, total = client.get("/").text, int(listed.replace(".", ""))
    counted = [int(n.replace(".", "")) for n in re.findall(r"tabular\">([\d.]+) thủ tục", page)]
    assert len(counted) == 4
    assert (f"trong đó {total - sum(counted)} thủ tục chưa cơ quan nào" in page) == (total > sum(counted))


def test_english_pages_name_procedures_in_english_beside_the_official_name(client):
    page = client.get("/en/services/H17/1.004222").text
    assert "<h1>Permanent residence registration</h1>" in page
    assert '<p class="quiet small" lang="vi">Đăng ký thường trú</p>' in page
    assert "residence" not in client.get("/services/H17/1.004222").text


@pytest.mark.parametrize(("asked", "first"), [
    ("residence", {"1.004222", "1.004194"}), ("temporary residence", {"1.004194"}),
    ("birth registration", {"1.001193"}), ("driving licence", {"3.000347"}),
    ("marriage", {"1.000894"}), ("passport", {"1.001456"})])
def test_english_words_find(app, asked, first):
    found = queries.search(asked)
    assert first <= {item.procedure.code for item in found.items[:4]}, [i.procedure.code for i in found.items[:4]]
    assert not found.corrected


def test_the_source_of_a_sheet_is_in_words_and_dated_with_its_technical_name_folded(client):
    page = client.get("/services/H17/1.001193").text
    said, _fold, folded = page.partition("Tên kỹ thuật của nguồn")
    assert "khoảng tháng 7/2026" in said
    assert "chatbot" not in said and "chatbot" in folded
