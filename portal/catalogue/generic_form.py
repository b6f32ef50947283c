"""The good generic form for a procedure that has none of its own."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from portal.catalogue.cases import Case
from portal.catalogue.wording import is_conditional, paper_in_english
from portal.forms.definition import PAPERS, check

#: The field whose answer is a key of `data/cases.csv`.
CASE = "case"
#: The interactive form on screen is itself this paper of the list, so nobody uploads it.
_ON_SCREEN = "điện tử tương tác"


class HasPapers(Protocol):
    """What the generic form is made from; `papers` are {"label", "conditional"?} of the record."""

    @property
    def name(self) -> str: ...

    @property
    def for_citizens(self) -> bool: ...

    @property
    def for_businesses(self) -> bool: ...

    @property
    def papers(self) -> list[dict[str, Any]]: ...

    @property
    def cases(self) -> Sequence[Case]: ...


def generic_form(procedure: HasPapers) -> dict[str, Any]:
    """The form for a procedure without one of its own.

    One attachment for each paper of the record, required unless its label says that only some cases need it;
    without a list everything goes in one place. Where the law tells cases apart, it asks which. A procedure for
    businesses alone asks for the organisation first; one for both asks who applies.
    """
    only_businesses = procedure.for_businesses and not procedure.for_citizens
    first = [_organisation_step()] if only_businesses else []
    definition: dict[str, Any] = {
        "title": {"vi": procedure.name, "en": f"Application: {procedure.name}"},
        "sample": True,
        "steps": [
            *first,
            _applicant_step(procedure),
            _content_step(procedure.cases),
            _return_step(),
            _papers_step(procedure.papers),
        ],
    }
    if only_businesses:
        definition["holder"] = "organisation_name"
    check(definition)
    return definition


def _field(key: str, kind: str, vi: str, en: str, required: bool = True, **more: Any) -> dict[str, Any]:
    return {"key": key, "kind": kind, "label": {"vi": vi, "en": en}, "required": required, **more}


def _step(key: str, vi: str, en: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {"key": key, "title": {"vi": vi, "en": en}, "fields": fields}


def _organisation_step() -> dict[str, Any]:
    return _step("organisation", "Tổ chức, doanh nghiệp", "Organisation or business", _organisation_fields())


def _organisation_fields(**more: Any) -> list[dict[str, Any]]:
    return [
        _field(
            "organisation_name",
            "text",
            "Tên tổ chức, doanh nghiệp",
            "Name of the organisation or business",
            max=200,
            printed=True,
            autocomplete="organization",
            **more,
        ),
        _field(
            "tax_code",
            "text",
            "Mã số thuế hoặc mã số doanh nghiệp",
            "Tax code or business number",
            min=10,
            max=14,
            help={
                "vi": "10 chữ số; đơn vị phụ thuộc: 13 chữ số, có thể có dấu gạch ngang.",
                "en": "10 digits; 13 for a dependent unit, with or without the dash.",
            },
            **more,
        ),
        _field(
            "representative", "name", "Người đại diện theo pháp luật", "Legal representative", max=100, **more
        ),
        _field("head_office", "address", "Địa chỉ trụ sở", "Head office address", **more),
    ]


def _applicant_step(procedure: HasPapers) -> dict[str, Any]:
    asked = [
        _field(
            "applicant_name",
            "name",
            "Họ, chữ đệm, tên",
            "Full name",
            max=100,
            autocomplete="name",
            prefill="name",
        ),
        _field("applicant_birth", "date", "Ngày sinh", "Date of birth", past=True, autocomplete="bday"),
        _field(
            "applicant_id",
            "citizen_id",
            "Số định danh cá nhân",
            "Citizen identification number",
            help={"vi": "12 chữ số trên thẻ căn cước.", "en": "The 12 digits on the identity card."},
        ),
        _field(
            "applicant_phone", "phone", "Số điện thoại", "Phone number", autocomplete="tel", prefill="phone"
        ),
        _field(
            "applicant_email",
            "email",
            "Thư điện tử",
            "Email address",
            required=False,
            autocomplete="email",
            prefill="email",
        ),
        _field("applicant_address", "address", "Nơi ở hiện nay", "Current address"),
    ]
    if procedure.for_citizens and procedure.for_businesses:
        asked += _on_behalf()
    return _step("applicant", "Người nộp hồ sơ", "Person applying", asked)


def _on_behalf() -> list[dict[str, Any]]:
    who = _field(
        "applies_as",
        "choice",
        "Nộp hồ sơ với tư cách",
        "Applying as",
        options=[
            {"value": "person", "label": {"vi": "Cá nhân", "en": "A private person"}},
            {
                "value": "organisation",
                "label": {"vi": "Đại diện tổ chức, doanh nghiệp", "en": "For an organisation or business"},
            },
        ],
    )
    return [who, *_organisation_fields(show_if={"field": "applies_as", "equals": "organisation"})]


def _which_case(cases: Sequence[Case]) -> list[dict[str, Any]]:
    """The question which of the cases it is, where the law names those that it tells apart."""
    asked = [case for case in cases if case.field == CASE and case.name]
    options = [{"value": case.equals, "label": dict(case.name or {})} for case in asked]
    return [_field(CASE, "choice", "Trường hợp", "Case", options=options)] if asked else []


def _content_step(cases: Sequence[Case]) -> dict[str, Any]:
    return _step(
        "request",
        "Nội dung đề nghị",
        "Your request",
        [
            *_which_case(cases),
            _field(
                "request_content",
                "long_text",
                "Nội dung đề nghị giải quyết",
                "What you ask for",
                max=3000,
                help={
                    "vi": "Viết ngắn gọn việc đề nghị và lý do.",
                    "en": "Say briefly what you ask for and why.",
                },
            )
        ],
    )


def _return_step() -> dict[str, Any]:
    way = _field(
        "result_way",
        "choice",
        "Cách nhận kết quả",
        "How to receive the result",
        options=[
            {
                "value": "online",
                "label": {"vi": "Bản điện tử trên Cổng", "en": "Electronic copy on this portal"},
            },
            {"value": "post", "label": {"vi": "Qua bưu chính công ích", "en": "By public post"}},
            {"value": "counter", "label": {"vi": "Tại bộ phận một cửa", "en": "At the one-stop counter"}},
        ],
    )
    where = _field(
        "result_address",
        "address",
        "Địa chỉ nhận kết quả",
        "Address to send the result to",
        show_if={"field": "result_way", "equals": "post"},
    )
    return _step("result", "Nhận kết quả", "Receiving the result", [way, where])


def _papers_step(papers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    asked = [paper for paper in papers if _ON_SCREEN not in paper["label"].lower()]
    fields = [
        _field(
            f"paper_{number}",
            "attachment",
            paper["label"],
            paper_in_english(paper["label"]),
            required=not paper.get("conditional", is_conditional(paper["label"])),
        )
        for number, paper in enumerate(asked, 1)
    ]
    if not fields:
        fields.append(
            _field(
                "paper_1",
                "attachment",
                "Hồ sơ theo thành phần quy định",
                "The papers that the procedure asks for",
            )
        )
    fields.append(
        _field("paper_other", "attachment", "Giấy tờ khác (nếu có)", "Other papers (if any)", required=False)
    )
    return _step(PAPERS, "Giấy tờ kèm theo", "Papers", fields)
