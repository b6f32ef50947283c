"""Ids, dates, codes, lists and what a document does: every shape that the field writes is understood."""
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from portal.cli.exchange import as_object
from portal.exchange.edxml import shapes
from portal.exchange.edxml.message import Business, Code, DocumentId, Refused
from portal.kit.clock import VN
from tests.exchange.edxml.letters import RECALL, A, between, changed, letter, sample, status, understood

pytestmark = pytest.mark.once
UUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


@pytest.mark.parametrize(("said", "organ", "day", "code", "noted"), [
    ("H99.01,2026/11/02,120/CV-STN", "H99.01", date(2026, 11, 2), "120/CV-STN", None),
    ("000.00.01.H99,2026/11/02,120/CV-STN", "000.00.01.H99", date(2026, 11, 2), "120/CV-STN", None),
    ("H99.01,2026-11-02,120/CV-STN", "H99.01", date(2026, 11, 2), "120/CV-STN", "document_id_date"),
    ("H99.01,2026-11-02+07:00,120/CV-STN", "H99.01", date(2026, 11, 2), "120/CV-STN", "document_id_date"),
    ("H99.01,02/11/2026,120/CV-STN", "H99.01", date(2026, 11, 2), "120/CV-STN", "document_id_date"),
    ("H99.01,2/11/2026,120/CV-STN", "H99.01", date(2026, 11, 2), "120/CV-STN", "document_id_date"),
    ("H99.01,20261102,120/CV-STN", "H99.01", date(2026, 11, 2), "120/CV-STN", "document_id_date"),
    ("H99.01,2026-11-02T08:00:00,120/CV-STN", "H99.01", date(2026, 11, 2), "120/CV-STN", "document_id_date"),
    ("H99.01,2026-11-02T08:00:00+07:00,120/CV-STN", "H99.01", date(2026, 11, 2), "120/CV-STN", "document_id_date"),
    (" H99.01 , 2026/11/02 , 120/CV-STN ", "H99.01", date(2026, 11, 2), "120/CV-STN", None),
    ("H99.01;2026/11/02;120/CV-STN", "H99.01", date(2026, 11, 2), "120/CV-STN", None),
    ("H99.01,2026/11/02,120/QĐ-UBND, bản 2", "H99.01", date(2026, 11, 2), "120/QĐ-UBND, bản 2", None),
    ("H99.01,2026/02/30,120/CV-STN", "H99.01", None, "120/CV-STN", "document_id_date"),
    ("120/CV-STN", None, None, "120/CV-STN", "document_id_form"),
    ("H99.01,120/CV-STN", None, None, "H99.01,120/CV-STN", "document_id_form")])
def test_a_document_id_says_organ_day_and_code_in_every_shape(tmp_path, said, organ, day, code, noted):
    message = understood(letter(f"<DocumentId>{said}</DocumentId>"), tmp_path)
    assert message.document_id == DocumentId(said.strip(), organ, day, code)
    assert [name for name in message.seen.deviations if name in ("document_id_date", "document_id_form")] == (
        [noted] if noted else [])


@pytest.mark.parametrize(("said", "uuid"), [(UUID, UUID), (UUID.upper(), UUID.upper()), (f"{{{UUID}}}", UUID),
                                            (f"urn:uuid:{UUID}", UUID), (UUID.replace("-", ""), UUID)])
def test_a_uuid_is_a_document_id(tmp_path, said, uuid):
    message = understood(letter(f"<DocumentId>{said}</DocumentId>"), tmp_path)
    assert message.document_id == DocumentId(said, uuid=uuid)
    assert message.seen.dialect == "gateway"
    assert as_object(message)["document_id"] == {"uuid": uuid}


def test_an_id_that_stands_in_bussiness_alone_is_the_documents(tmp_path):
    id_ = "<DocumentId>H99.01,2026/11/02,120/CV-STN</DocumentId>"
    message = understood(letter(business=f"<Bussiness>{id_}<BussinessDocType>1</BussinessDocType></Bussiness>"),
                         tmp_path)
    assert message.document_id.said == "H99.01,2026/11/02,120/CV-STN"
    assert "document_id_in_business" in message.seen.deviations


@pytest.mark.parametrize("change", [("<edXML:PromulgationDate>2026/11/02", "<edXML:PromulgationDate>2026/11/03"),
                                    ("<edXML:CodeNumber>120", "<edXML:CodeNumber>121"),
                                    ("<edXML:DocumentId>H99.01", "<edXML:DocumentId>H99.07")])
def test_an_id_that_says_something_else_than_the_fields_is_noted(tmp_path, change):
    assert "document_id_differs" not in understood(sample(A).encode(), tmp_path).seen.deviations
    assert "document_id_differs" in understood(changed(A, change), tmp_path).seen.deviations


def test_an_id_in_the_old_form_of_the_same_sender_does_not_differ(tmp_path):
    message = understood(changed(A, ("<edXML:DocumentId>H99.01,", "<edXML:DocumentId>000.00.01.H99,")), tmp_path)
    assert "document_id_differs" not in message.seen.deviations


@pytest.mark.parametrize(("said", "day", "noted"), [
    ("2026/11/02", date(2026, 11, 2), None), ("2026-11-02", date(2026, 11, 2), "date_form"),
    ("02/11/2026", date(2026, 11, 2), "date_form"), ("02-11-2026", date(2026, 11, 2), "date_form"),
    ("2.11.2026", date(2026, 11, 2), "date_form"), ("20261102", date(2026, 11, 2), "date_form"),
    ("2026/1/2", date(2026, 1, 2), "date_form"), ("2026/11/02 00:00:00", date(2026, 11, 2), "date_form"),
    ("2026-11-02T00:00:00.000Z", date(2026, 11, 2), "date_form"), ("", None, None),
    ("2026-12-31T17:00:00Z", date(2027, 1, 1), "date_form"), ("2026-12-31T16:59:59Z", date(2026, 12, 31), "date_form"),
    ("2027-01-01T00:00:00+07:00", date(2027, 1, 1), "date_form"), ("2026-11-02Z", date(2026, 11, 2), "date_form"),
    ("2026-11-02+07:00", date(2026, 11, 2), "date_form"), ("2026-11-02-05:00", date(2026, 11, 2), "date_form"),
    ("2026-11-02-05", None, "date_unreadable"),
    ("31/11/2026", None, "date_unreadable"), ("11/25/2026", None, "date_unreadable"),
    ("0001-01-01T00:00:00", None, "date_unreadable"), ("hôm qua", None, "date_unreadable"),
    ("2026/11/02 10:00" + " " * 100_000 + "x", None, "date_unreadable"), ("2026/11-02", None, "date_unreadable"),
    ("٢٠٢٦/١١/٠٢", None, "date_unreadable")])
def test_a_date_is_read_in_every_shape_and_never_guessed(said, day, noted):
    assert shapes.day(said) == (day, noted)


AT = datetime(2026, 11, 2, 9, 10, 0, tzinfo=VN)


@pytest.mark.parametrize(("said", "at", "noted"), [
    ("2026/11/02 09:10:00", AT, ()), ("2026-11-02 09:10:00", AT, ("stamp_form",)),
    ("02/11/2026 09:10:00", AT, ("stamp_form",)), ("02/11/2026 09:10", AT, ("stamp_form",)),
    ("2026-11-02T09:10:00", AT, ("stamp_form",)), ("09:10:00 02/11/2026", AT, ("stamp_form",)),
    ("02/11/2026 9:10:00 AM", AT, ("stamp_form",)), ("02/11/2026 9:10:00 SA", AT, ("stamp_form",)),
    ("20261102091000", AT, ("stamp_form",)), ("2026/11/02", AT.replace(hour=0, minute=0), ("stamp_form",)),
    ("2/11/2026 9:10:00 PM", AT.replace(hour=21), ("stamp_form",)),
    ("2026-11-02T09:10:00.123", AT.replace(microsecond=123000), ("stamp_form",)),
    ("2026-11-02T09:10:00.1234567", AT.replace(microsecond=123456), ("stamp_form",)),
    ("2026-11-02T09:10:00Z", AT.replace(tzinfo=UTC), ("stamp_form", "stamp_zone")),
    ("2026-11-02T09:10:00+07:00", AT.replace(tzinfo=timezone(timedelta(hours=7))), ("stamp_form", "stamp_zone")),
    ("2026-11-02T09:10:00.000+0700", AT.replace(tzinfo=timezone(timedelta(hours=7))), ("stamp_form", "stamp_zone")),
    ("2026/11/02 25:00:00", None, ("date_unreadable",)), ("gần đây", None, ("date_unreadable",)), ("", None, ())])
def test_a_moment_is_read_in_every_shape_and_is_vietnams_where_no_zone_is_said(said, at, noted):
    assert shapes.stamp(said) == (at, noted)


@pytest.mark.parametrize(("said", "printed"), [("2026/11/02 09:10:00", "2026-11-02T09:10:00"),
                                               ("02/11/2026 09:10:00", "2026-11-02T09:10:00"),
                                               ("2026-11-02T09:10:00+07:00", "2026-11-02T09:10:00+07:00"),
                                               ("2026-11-02T02:10:00Z", "2026-11-02T02:10:00+00:00"), ("?", None)])
def test_the_command_prints_a_moment_with_the_zone_that_was_sent(tmp_path, said, printed):
    message = understood(status("<ResponseFor><OrganId>H99</OrganId><DocumentId>1/A</DocumentId></ResponseFor>"
                                "<From><OrganId>H99.02</OrganId></From><StatusCode>01</StatusCode>"
                                f"<Timestamp>{said}</Timestamp>"), tmp_path)
    assert as_object(message)["status_at"] == printed


@pytest.mark.parametrize(("said", "code"), [
    ("<CodeNumber>120</CodeNumber><CodeNotation>CV-STN</CodeNotation>", Code("120", "CV-STN")),
    ("120/CV-STN", Code("120", "CV-STN")), ("<CodeNumber>120/CV-STN</CodeNumber>", Code("120", "CV-STN")),
    ("<CodeNumber>120/CV-STN</CodeNumber><CodeNotation/>", Code("120", "CV-STN")),
    ("<CodeNotation>CV/STN</CodeNotation><CodeNumber>120</CodeNumber>", Code("120", "CV/STN")),
    ("120", Code("120", "")), ("CV-STN", Code("", "CV-STN")), ("/", Code("", "/")),
    ("", Code())])
def test_number_and_notation_are_told_apart(tmp_path, said, code):
    assert understood(letter(f"<Code>{said}</Code>"), tmp_path).code == code


@pytest.mark.parametrize("said", [
    "<ReferenceCodes>H1-261101-0001</ReferenceCodes><ReferenceCodes>H1-261101-0002</ReferenceCodes>",
    "<ReferenceCodes>H1-261101-0001;H1-261101-0002</ReferenceCodes>",
    "<ReferenceCodes>H1-261101-0001, H1-261101-0002</ReferenceCodes>",
    "<ReferenceCodes>\n H1-261101-0001\n H1-261101-0002\n</ReferenceCodes>",
    "<ReferenceCodes><ReferenceCode>H1-261101-0001</ReferenceCode><ReferenceCode>H1-261101-0002</ReferenceCode>"
    "</ReferenceCodes>"])
def test_reference_codes_are_told_apart_however_they_are_listed(tmp_path, said):
    message = understood(letter(f"<OtherInfo>{said}</OtherInfo>"), tmp_path)
    assert message.other.reference_codes == ("H1-261101-0001", "H1-261101-0002")


def test_markup_in_a_field_loses_no_words(tmp_path):
    message = understood(letter("<Content><p>Kính gửi:</p><p>Sở <b>Nội vụ</b></p></Content><Subject>V/v</Subject>"),
                         tmp_path)
    assert (message.content, message.subject) == ("Kính gửi: Sở Nội vụ", "V/v")
    assert "unknown_element" in message.seen.deviations


def test_other_info_is_read_whole(tmp_path):
    other = understood(letter(
        "<OtherInfo><Priority>3</Priority><SphereOfPromulgation>Nội vụ</SphereOfPromulgation><TyperNotation>NVA"
        "</TyperNotation><PromulgationAmount>5</PromulgationAmount><PageAmount>2</PageAmount><Direction>1</Direction>"
        "<ReplyFors><ReplyFor>1/A</ReplyFor><ReplyFor>2/B</ReplyFor></ReplyFors>"
        "<Appendixes><Appendix>Phụ lục 1</Appendix><Appendix>Phụ lục 2</Appendix></Appendixes></OtherInfo>"),
        tmp_path).other
    assert (other.priority, other.sphere, other.typer, other.amount, other.pages, other.direction) == (
        "3", "Nội vụ", "NVA", "5", "2", "1")
    assert (other.reply_fors, other.appendixes) == (("1/A", "2/B"), ("Phụ lục 1", "Phụ lục 2"))


@pytest.mark.parametrize(("said", "type_"), [("0", Business.new), ("1", Business.recall), ("2", Business.update),
                                             ("3", Business.replacing), ("01", Business.recall), ("00", Business.new),
                                             (" 2 ", Business.update), ("Thu hồi", Business.recall),
                                             ("THAY THẾ", Business.replacing)])
@pytest.mark.parametrize("name", ["Bussiness", "Business"])
def test_what_a_document_does_is_read_in_both_spellings(tmp_path, name, said, type_):
    message = understood(letter(business=f"<{name}><{name}DocType>{said}</{name}DocType><{name}DocReason>vì"
                                         f"</{name}DocReason></{name}>"), tmp_path)
    assert (message.business.type, message.business.reason) == (type_, "vì")
    assert ("spelling_business" in message.seen.deviations) is (name == "Business")


@pytest.mark.parametrize("said", ["4", "9", "-1", "thu", "1x"])
def test_what_a_document_does_is_never_guessed(tmp_path, said):
    with pytest.raises(Refused, match="business"):
        understood(letter(business=f"<Bussiness><BussinessDocType>{said}</BussinessDocType></Bussiness>"), tmp_path)


def test_spellings_may_be_mixed(tmp_path):
    message = understood(letter(business="<Bussiness><BusinessDocType>2</BusinessDocType><BussinessDocReason>vì"
                                         "</BussinessDocReason></Bussiness>"), tmp_path)
    assert message.business.type is Business.update


def test_both_spellings_that_disagree_are_refused(tmp_path):
    with pytest.raises(Refused, match="repeated"):
        understood(letter(business="<Bussiness><BussinessDocType>0</BussinessDocType><BusinessDocType>1"
                                   "</BusinessDocType></Bussiness>"), tmp_path)


TRACE = ("<TraceHeader><OrganId>H99.01</OrganId><Timestamp>2026/11/02 08:00:00</Timestamp><Business><BusinessName>{}"
         "</BusinessName><BusinessCode>{}</BusinessCode></Business><StaffInfo><StaffName>Cán Bộ</StaffName><StaffCode>7"
         "</StaffCode></StaffInfo></TraceHeader>")


@pytest.mark.parametrize(("name", "code", "type_", "noted"), [
    ("Văn bản mới", "0", Business.new, "business_in_trace"), ("Thu hồi", "1", Business.recall, "business_in_trace"),
    ("Thu hồi", "", Business.recall, "business_in_trace"), ("Thay thế", "TT", Business.replacing, "business_in_trace"),
    ("", "update", Business.update, "business_in_trace"), ("Gửi", "VB_DI", Business.new, "business_unread")])
def test_gateways_say_it_in_the_trace_header(tmp_path, name, code, type_, noted):
    message = understood(letter(business=TRACE.format(name, code)), tmp_path)
    [trace] = message.trace
    assert (message.business.type, trace.business, trace.staff.name, trace.staff.id) == (
        type_, (code, name), "Cán Bộ", "7")
    assert noted in message.seen.deviations
    assert message.seen.dialect == "gateway"


def test_trace_headers_that_disagree_are_refused(tmp_path):
    with pytest.raises(Refused, match="business"):
        understood(letter(business=TRACE.format("a", "0") + TRACE.format("b", "1")), tmp_path)


REPLACES = ("<Bussiness><BussinessDocType>3</BussinessDocType>{}<ReplacementInfoList><ReplacementInfo><DocumentId>"
            "H99.01,2026/10/01,99/CV</DocumentId><OrganIdList><OrganId>H99.02</OrganId><OrganId>H99.03</OrganId>"
            "</OrganIdList></ReplacementInfo><ReplacementInfo><DocumentId>" + UUID + "</DocumentId></ReplacementInfo>"
            "</ReplacementInfoList></Bussiness>")


def test_what_is_replaced_is_listed_each_for_whom(tmp_path):
    message = understood(letter("<DocumentId>H99.01,2026/11/02,120/CV</DocumentId>", business=REPLACES.format("")),
                         tmp_path)
    first, second = message.business.replacements
    assert (first.document_id.code, first.organs, second.organs) == ("99/CV", ("H99.02", "H99.03"), ())
    said = as_object(message)
    assert (said["business"], said["document_id"]["code"]) == ("replace", "120/CV")
    assert said["replaces"] == [{"organ": "H99.01", "date": "2026-10-01", "code": "99/CV"}, {"uuid": UUID}]


def test_without_a_list_bussiness_names_what_is_replaced(tmp_path):
    other = "<DocumentId>H99.01,2026/10/01,99/CV</DocumentId>"
    content = letter("<DocumentId>H99.01,2026/11/02,120/CV</DocumentId>",
                     business=f"<Bussiness>{other}<BussinessDocType>3</BussinessDocType></Bussiness>")
    assert as_object(understood(content, tmp_path))["replaces"] == [
        {"organ": "H99.01", "date": "2026-10-01", "code": "99/CV"}]


def test_a_recall_replaces_nothing(tmp_path):
    said = as_object(understood(sample(RECALL).encode(), tmp_path))
    assert (said["business"], said["replaces"], said["document_id"]["code"]) == ("recall", [], "120/CV-STN")


def test_a_list_of_replaced_documents_that_names_none_is_refused(tmp_path):
    content = letter(business="<Bussiness><BussinessDocType>3</BussinessDocType><ReplacementInfoList><ReplacementInfo>"
                              "<OrganIdList/></ReplacementInfo></ReplacementInfoList></Bussiness>")
    with pytest.raises(Refused, match="replaces"):
        understood(content, tmp_path)


def test_an_update_says_who_is_added_and_who_is_taken_out(tmp_path):
    receivers = "".join(f"<Receiver><ReceiverType>{type_}</ReceiverType><OrganId>{organ}</OrganId></Receiver>"
                        for organ, type_ in (("H99.02", "0"), ("H99.04", "1")))
    message = understood(letter(business="<Bussiness><BussinessDocType>2</BussinessDocType><BussinessDocumentInfo>"
                                         "<DocumentInfo>1</DocumentInfo><DocumentReceiver>1</DocumentReceiver>"
                                         f"<ReceiverList>{receivers}</ReceiverList></BussinessDocumentInfo>"
                                         "</Bussiness>"), tmp_path)
    assert [(each.organ, each.type) for each in message.business.receivers] == [("H99.02", "0"), ("H99.04", "1")]
    assert message.business.document_info == "1"


def test_several_documents_may_be_answered(tmp_path):
    about = between("06_reply_with_dossier_code", "<edXML:ResponseFor>", "</edXML:ResponseFor>")
    other = about.replace("77", "78").replace("G99", "000.00.00.G99")
    content = changed("06_reply_with_dossier_code", (about, about + other))
    assert [(each["organ"], each["code"]) for each in as_object(understood(content, tmp_path))["response_for"]] == [
        ("G99", "77/BM-VP"), ("000.00.00.G99", "78/BM-VP")]


def test_what_is_answered_may_be_named_by_its_code_or_by_its_id_alone(tmp_path):
    message = understood(letter("<ResponseFor><OrganId>G99</OrganId><Code>77/BM-VP</Code></ResponseFor><ResponseFor>"
                                "<DocumentId>G99,2026/10/30,78/BM-VP</DocumentId></ResponseFor><ResponseFor/>"),
                         tmp_path)
    assert as_object(message)["response_for"] == [
        {"organ": "G99", "code": "77/BM-VP", "document_id": None, "date": None},
        {"organ": None, "code": None, "date": None,
         "document_id": {"organ": "G99", "date": "2026-10-30", "code": "78/BM-VP"}}]


@pytest.mark.parametrize(("said", "noted"), [("H99.01", None), ("000.00.01.H99", "organ_old"),
                                             ("Sở Nội vụ", "organ_unknown"), ("G22", None),
                                             ("000.00.00.G22", "organ_old")])
def test_agency_ids_are_kept_as_they_were_sent(tmp_path, said, noted):
    message = understood(letter(organ=said), tmp_path)
    assert message.sender.id == said
    assert [name for name in message.seen.deviations if name.startswith("organ_")] == ([noted] if noted else [])
