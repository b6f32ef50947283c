"""The form kit: what is typed is kept, what is wrong is named, and nothing odd gets through."""

import ast
import datetime
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask_wtf
import pytest
import time_machine
import wtforms
from flask import Flask
from werkzeug.datastructures import FileStorage, MultiDict

from portal.forms.types.address import AddressField
from portal.forms.types.citizen_id import CitizenIdField
from portal.forms.types.email import EmailField
from portal.forms.types.phone import PhoneField
from portal.kit import forms, i18n
from portal.kit.forms.fields import tidy
from portal.kit.forms.messages import BUILT_IN

NOON = datetime.datetime(2026, 11, 22, 5, 0, tzinfo=datetime.UTC)  # noon in Hà Nội
PROVINCES = [("01", "Hà Nội"), ("79", "TP. Hồ Chí Minh")]
WARDS = {"01": [("00004", "Phường Ba Đình")], "79": [("26734", "Phường Sài Gòn")]}


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """A bare application, in English, so that the tests read the rules and not the catalogue."""
    app = Flask("forms")
    app.config.update(SECRET_KEY="only for tests", WTF_CSRF_ENABLED=False, FILES_FOLDER="/", DISK_FREE_BYTES=0)
    i18n.init_app(app)
    with (
        app.test_request_context("/en/", method="GET", environ_overrides={"SCRIPT_NAME": "/en"}),
        time_machine.travel(NOON, tick=False),
    ):
        yield


def answer(field: Any, **posted: Any) -> Any:
    """The field, called `q`, after `posted` was judged; two underscores stand for a hyphen in a name."""
    values = MultiDict[str, Any]()
    for key, value in posted.items():
        values.setlist(key.replace("__", "-"), value if isinstance(value, list) else [value])
    asked = type("Asked", (forms.Form,), {"q": field})
    form = asked(formdata=values)
    form.validate()
    return form.q


def test_text_is_composed_and_trimmed() -> None:
    assert answer(forms.TextField("Name"), q="  Nguye\u0302\u0303n\u200b ").data == "Nguyễn"


@pytest.mark.parametrize("typed", ["a\x00b", "a\x1bb", "a\nb", "a\u202eb"])
def test_control_characters_are_refused_and_left_out_of_the_page(typed: str) -> None:
    field = answer(forms.TextField("Name"), q=typed)
    assert "control characters" in field.errors[0]
    assert field.shown() == "ab"


@pytest.mark.once
def test_marks_of_direction_that_come_with_a_pasted_number_are_dropped() -> None:
    field = answer(forms.TextField("Number"), q="\u202d\u2066001 099\u00a0012345\u2069\u202c\u2060")
    assert (field.data, field.errors) == ("001 099 012345", [])


@pytest.mark.once
def test_a_name_is_cleaned_and_letters_that_no_paper_prints_are_named() -> None:
    assert answer(forms.NameField("Name"), q="Y\u200b  Ƀlŏ 😀 Kpă 2").data == "Y Ƀlŏ Kpă"
    refused = answer(forms.NameField("Name"), q="Nguyễn 王 Аn")
    assert refused.errors == ["Papers cannot print 王, А in “Name”. Write it in Latin letters, as on the passport"]
    assert "Nguyễn 王 Аn" in refused()
    assert answer(forms.NameField("Name"), q="123 😀").errors == ["Write “Name” in letters"]
    assert answer(forms.NameField("Name", required=False), q=" ").errors == []


@pytest.mark.once
def test_a_text_that_papers_print_names_the_letters_they_lack() -> None:
    assert "😀" in answer(forms.LongText("Reason", printed=True), q="Thiếu giấy 😀").errors[0]


def test_lines_stay_in_long_text_and_each_counts_once() -> None:
    field = answer(forms.LongText("Why", max=3), q="a\r\nb")
    assert (field.data, field.errors) == ("a\nb", [])
    assert tidy("a\rb\tc", lines=True) == ("a\nb\tc", False)


def test_a_text_too_long_keeps_what_was_typed_and_names_the_limit() -> None:
    field = answer(forms.TextField("Name", max=5), q="Nguyễn")
    assert field.errors == ["“Name” may have at most 5 characters; it has 6 now"]
    assert 'value="Nguyễn"' in field()


def test_a_missing_answer_is_named_only_where_it_is_needed() -> None:
    assert answer(forms.TextField("Name")).errors == ["Fill in “Name”"]
    assert answer(forms.TextField("Name", required=False)).errors == []
    assert "(optional)" in answer(forms.TextField("Name", required=False))()


def test_a_file_sent_where_text_is_asked_is_no_answer() -> None:
    assert answer(forms.TextField("Name"), q=FileStorage(io.BytesIO(b"x"), "x.pdf")).errors == [
        "Fill in “Name”"
    ]


@pytest.mark.parametrize(
    "typed, value", [("12", 12), ("1.200", 1200), ("1,200", 1200), ("1 200 000", 1200000)]
)
def test_numbers_are_read_with_group_marks(typed: str, value: int) -> None:
    assert answer(forms.NumberField("Copies"), q=typed).data == value


@pytest.mark.parametrize("typed", ["1.5", "12a", "٣", "1.20", "9" * 16])
def test_what_is_not_a_whole_number_is_kept_but_not_taken(typed: str) -> None:
    field = answer(forms.NumberField("Copies"), q=typed)
    assert field.errors and field.data is None and field.shown() == typed


def test_numbers_outside_the_limits_are_refused_with_the_limit() -> None:
    assert answer(forms.NumberField("Copies", max=20), q="21").errors == ["“Copies” must be 20 or less"]
    assert answer(forms.NumberField("Copies", min=1), q="0").errors == ["“Copies” must be 1 or more"]


@pytest.mark.parametrize("typed", ["10000", "10.000", "10000 ₫", "10.000đ", "10,000 VND"])
def test_money_is_read_as_people_write_it(typed: str) -> None:
    assert answer(forms.MoneyField("Fee"), q=typed).data == 10000


@pytest.mark.parametrize(
    "day, month, year, message, box",
    [
        ("31", "2", "1990", "Day 31 of month 2 is not in the calendar", "q-day"),
        ("29", "2", "2023", "29 February 2023 is not in the calendar: 2023 is not a leap year", "q-day"),
        ("1", "13", "1990", "There is no month 13: enter 1 to 12", "q-month"),
        ("1", "1", "90", "Enter the year in four digits, for example 1990", "q-year"),
        ("1", "", "1990", "“Born” lacks the month", "q-month"),
        ("", "", "1990", "“Born” lacks the day and the month", "q-day"),
        ("x", "1", "1990", "Enter “Born” in digits, for example 27 3 1990", "q-day"),
    ],
)
def test_a_wrong_day_says_which_box_and_why(day: str, month: str, year: str, message: str, box: str) -> None:
    field = answer(forms.DateParts("Born"), q__day=day, q__month=month, q__year=year)
    assert (field.errors, field.first_id, field.data) == ([message], box, None)
    assert f'value="{year}"' in field()


def test_a_day_of_which_parts_were_never_posted_is_missing_not_a_crash() -> None:
    assert answer(forms.DateParts("Born")).errors == ["Fill in the day, month and year of “Born”"]
    assert answer(forms.DateParts("Born"), q__year="1990").errors == ["“Born” lacks the day and the month"]


def test_days_are_held_against_today_in_vietnam() -> None:
    tomorrow = {"q__day": "23", "q__month": "11", "q__year": "2026"}
    assert answer(forms.DateParts("Born", past=True), **tomorrow).errors
    assert not answer(forms.DateParts("Visit", future=True), **tomorrow).errors
    today = {**tomorrow, "q__day": "22"}
    assert not answer(forms.DateParts("Born", past=True), **today).errors
    assert not answer(forms.DateParts("Visit", future=True), **today).errors


def test_a_day_can_be_prefilled_from_the_stored_text() -> None:
    asked = type("Asked", (forms.Form,), {"q": forms.DateParts("Born")})
    assert asked(formdata=None, data={"q": "1990-03-27"}).q.typed == {
        "day": "27",
        "month": "3",
        "year": "1990",
    }


@pytest.mark.parametrize(
    "typed, message",
    [
        ("00109", "has 12 digits; 5 were given"),
        ("00109901234x", "has digits only"),
        ("003099012345", "003, are not a province code"),
        ("001234012345", "2034, which has not come yet"),
    ],
)
def test_a_wrong_citizen_number_says_what_is_wrong(typed: str, message: str) -> None:
    field = answer(CitizenIdField("Number"), q=typed)
    assert message in field.errors[0] and field.shown() == typed


def test_a_citizen_number_is_stored_as_twelve_digits() -> None:
    assert answer(CitizenIdField("Number"), q="001 099 012 345").data == "001099012345"
    assert answer(CitizenIdField("Number"), q="101190012345").data == "101190012345"  # born abroad


@pytest.mark.parametrize(
    "typed, stored",
    [
        ("0912 345 678", "+84912345678"),
        ("+84 912345678", "+84912345678"),
        ("024 3974 2222", "+842439742222"),
        ("+81 90 1234 5678", "+819012345678"),
    ],
)
def test_telephones_are_stored_in_one_form(typed: str, stored: str) -> None:
    assert answer(PhoneField("Phone"), q=typed).data == stored


def test_a_wrong_telephone_is_shown_again_as_typed() -> None:
    field = answer(PhoneField("Phone"), q="12")
    assert field.errors and 'value="12"' in field()


@pytest.mark.parametrize("typed", ["a", "a@b", "a b@c.vn", "a..b@c.vn", "a@c.vn\nBcc: x@y.vn", "a@-c.vn"])
def test_what_is_not_an_address_is_refused(typed: str) -> None:
    assert answer(EmailField("Mail"), q=typed).errors


def test_the_domain_of_a_mail_address_is_in_small_letters() -> None:
    assert answer(EmailField("Mail"), q="Anh.Nguyen@Example.VN").data == "Anh.Nguyen@example.vn"


def test_only_answers_offered_are_taken() -> None:
    offered = [(1, "One"), (2, "Two")]
    assert answer(forms.Select("Which", choices=offered, coerce=int), q="2").data == 2
    assert answer(forms.Select("Which", choices=offered, coerce=int), q="3").errors
    assert answer(forms.Select("Which", choices=offered, coerce=int), q="x").errors
    assert answer(forms.Choices("Which", choices=offered, coerce=int), q=["2", "1", "2"]).data == [2, 1]
    assert answer(forms.Choices("Which", choices=offered, coerce=int), q=["2", "9"]).errors
    assert answer(forms.Choices("Which", choices=offered)).errors == ["Choose an answer for “Which”"]


def test_no_is_an_answer() -> None:
    assert (answer(forms.YesNo("Married"), q="no").data, answer(forms.YesNo("Married"), q="no").errors) == (
        False,
        [],
    )
    assert answer(forms.YesNo("Married")).errors and answer(forms.YesNo("Married"), q="maybe").errors


def home(**more: Any) -> Any:
    return AddressField("Home", provinces=PROVINCES, wards=lambda code: WARDS.get(code, []), **more)


def test_a_full_address_is_one_answer() -> None:
    field = answer(home(), q__province="01", q__ward="00004", q__line="12 Đội Cấn")
    assert (field.data, field.errors) == ({"province": "01", "ward": "00004", "line": "12 Đội Cấn"}, [])


def test_another_province_brings_its_wards_and_asks_again() -> None:
    field = answer(home(), q__province="79", q__ward="00004", q__line="12 Đội Cấn")
    assert field.errors == ["Choose the ward or commune of “Home”"] and field.first_id == "q-ward"
    assert "Phường Sài Gòn" in field() and "Phường Ba Đình" not in field() and "12 Đội Cấn" in field()


def test_where_no_ward_list_exists_the_ward_is_typed() -> None:
    field = answer(
        AddressField("Home", provinces=PROVINCES), q__province="01", q__ward="Ba Đình", q__line="12"
    )
    assert not field.errors and 'value="Ba Đình"' in field()


def pdf(size: int = 10, name: str = "a.pdf") -> FileStorage:
    return FileStorage(io.BytesIO(b"x" * size), name)


def test_attachments_keep_their_limits() -> None:
    assert answer(forms.Attachment("Paper"), q=[pdf()]).errors == []
    assert "limit" in answer(forms.Attachment("Paper", max_bytes=9), q=[pdf(10)]).errors[0]
    assert "kinds" in answer(forms.Attachment("Paper"), q=[pdf(name="a.exe")]).errors[0]
    assert "empty" in answer(forms.Attachment("Paper"), q=[pdf(0)]).errors[0]
    assert "at most 1 files" in answer(forms.Attachment("Paper", max_files=1), q=[pdf(), pdf()]).errors[0]
    assert answer(forms.Attachment("Paper"), q=[""]).errors == ["Attach “Paper”"]


def test_a_file_kept_already_is_an_answer_until_it_is_removed() -> None:
    asked = type("Asked", (forms.Form,), {"q": forms.Attachment("Paper")})
    for posted, valid in (({}, True), ({"q-drop": "k1"}, False)):
        form = asked(formdata=MultiDict(posted))
        form.q.kept = [forms.Kept("k1", "birth.pdf", 2_400_000)]
        assert form.validate() is valid
        assert "birth.pdf" in form.q() and "2.4 MB" in form.q()


def test_a_password_is_not_trimmed_and_never_sent_back() -> None:
    field = answer(forms.Password("Password", min=4), q=" ab c ")
    assert field.data == " ab c " and "ab c" not in field()
    assert answer(forms.Password("Password", min=12), q="short").errors


def test_a_question_that_is_not_put_is_not_judged() -> None:
    asked = type(
        "Asked",
        (forms.Form,),
        {"married": forms.YesNo("Married"), "spouse": forms.TextField("Spouse", show_if=("married", "yes"))},
    )
    alone = asked(formdata=MultiDict({"married": "no", "spouse": "Lan"}))
    assert alone.validate() and alone.spouse.data is None
    assert not asked(formdata=MultiDict({"married": "yes"})).validate()


def test_what_is_typed_is_text_and_never_markup() -> None:
    field = answer(forms.LongText('<b>"Why"', help="<i>"), q="</textarea><script>")
    assert "<script>" not in field() and "<b>" not in field() and "<i>" not in field()


def test_an_error_is_tied_to_its_control() -> None:
    page = answer(forms.TextField("Name", help="As on the card"))()
    assert (
        'aria-describedby="q-help q-error"' in page
        and 'id="q-error"' in page
        and 'aria-invalid="true"' in page
    )


def test_the_summary_leads_to_the_first_box_that_is_wrong() -> None:
    asked = type("Asked", (forms.Form,), {"born": forms.DateParts("Born"), "name": forms.TextField("Name")})
    form = asked(formdata=MultiDict({"born-day": "1", "born-month": "13", "born-year": "1990"}))
    form.validate()
    assert [target for target, _message in form.problems()] == ["born-month", "name"]


def test_every_message_of_the_libraries_is_in_the_catalogue() -> None:
    """A new release of WTForms may bring a new message; it must not reach a reader in English."""
    theirs: set[str] = set()
    for package in (wtforms, flask_wtf):
        for source in Path(package.__file__).parent.rglob("*.py"):
            for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr in ("gettext", "ngettext")
                    and isinstance(node.args[0], ast.Constant)
                ):
                    theirs.add(str(node.args[0].value))
    assert theirs <= {str(message) for message in BUILT_IN}
