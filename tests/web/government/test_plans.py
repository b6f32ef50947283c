"""Plans on their pages: registered by the agency, withdrawn with a reason, public as far as the agency said."""
from io import BytesIO
from typing import Any

from sqlalchemy import select

from portal.cli import invented
from portal.kit import clock
from portal.kit.db import session, transaction
from portal.oversight import plans
from portal.oversight.models import ActionPlan
from tests import make

PLAN = {"agency": "H17", "programme": "36a/NQ-CP", "number": "120/KH-UBND", "issued_on-day": "2",
        "issued_on-month": "3", "issued_on-year": "2026", "title": "Kế hoạch thực hiện Nghị quyết 36a"}
ADDRESS = "/government/oversight/plans"


def file(content: bytes | None = None, name: str = "ke-hoach.pdf") -> dict[str, Any]:
    return {"file": (BytesIO(content or invented.paper("Kế hoạch")), name)}


def registered(sign_in: Any, **more: Any) -> ActionPlan:
    client = sign_in(make.staff("drafter", "H17"))
    answer = client.post(f"{ADDRESS}/new", data=PLAN | file() | more)
    assert answer.status_code == 303, answer.text
    return session.scalars(select(ActionPlan)).one()


def test_a_plan_is_registered_with_its_file_and_everybody_sees_that_it_is_there(sign_in: Any, app: Any) -> None:
    plan = registered(sign_in)
    page = sign_in(make.staff("leader", "H17")).get(f"{ADDRESS}/{plan.id}").text
    assert "ke-hoach.pdf" in page and "Cơ quan và bên theo dõi" in page
    anybody = app.test_client()
    public = anybody.get("/oversight/plans?programme=36a/NQ-CP").text
    assert "120/KH-UBND" in public and "Thành phố Hà Nội" in public and "ke-hoach.pdf" not in public
    assert anybody.get(f"/oversight/plans/{plan.id}/file").status_code == 404
    found = {one["agency"]: one["plan"] for one in anybody.get("/oversight/plans.json?on=2026-03-02").get_json()}
    assert found["H17"]["number"] == "120/KH-UBND" and found["H26"] is None
    before = anybody.get("/oversight/plans.json?on=2026-03-01").get_json()
    assert {one["plan"] for one in before} == {None}


def test_a_file_that_may_be_read_is_read_once_it_was_scanned(sign_in: Any, app: Any) -> None:
    plan, anybody = registered(sign_in, public="1"), app.test_client()
    address = f"/oversight/plans/{plan.id}/file"
    assert plan.public and anybody.get(address).status_code == 404, "nobody has looked it through"
    with transaction():
        kept = plans.file_of(plan)
        assert kept
        kept.file.cleared_at = clock.now()
    answer = anybody.get(address)
    assert answer.status_code == 200 and answer.data.startswith(b"%PDF")
    assert answer.headers["Cache-Control"] == "public, max-age=0, s-maxage=60" and "sandbox" in answer.headers[
        "Content-Security-Policy"]
    assert address in anybody.get("/oversight/plans").text


def test_what_is_lacking_or_wrong_is_named_and_nothing_is_kept(sign_in: Any) -> None:
    client = sign_in(make.staff("clerk", "H17"))
    bare = client.post(f"{ADDRESS}/new", data=PLAN)
    assert bare.status_code == 422 and "Hãy đính kèm kế hoạch" in bare.text and PLAN["title"] in bare.text
    fake = client.post(f"{ADDRESS}/new", data=PLAN | file(b"MZ", "ke-hoach.pdf"))
    assert fake.status_code == 422 and "ke-hoach.pdf" in fake.text
    late = client.post(f"{ADDRESS}/new", data=PLAN | file() | {"issued_on-year": "2036"})
    assert late.status_code == 422
    other = client.post(f"{ADDRESS}/new", data=PLAN | file() | {"agency": "H26"})
    assert other.status_code == 422, "an agency registers its own plans"
    assert session.scalar(select(ActionPlan.id)) is None


def test_the_same_plan_is_registered_once(sign_in: Any) -> None:
    registered(sign_in)
    again = sign_in(make.staff("clerk", "H17")).post(f"{ADDRESS}/new", data=PLAN | file())
    assert again.status_code == 422 and "đã đăng ký kế hoạch này rồi" in again.text


def test_a_plan_is_withdrawn_with_a_reason_by_its_agency_alone(sign_in: Any, app: Any) -> None:
    plan = registered(sign_in)
    for person, status in ((make.staff("overseer"), 403), (make.staff("leader", "H26"), 404)):
        answer = sign_in(person).post(f"{ADDRESS}/{plan.id}/withdraw", data={"reason": "x"})
        assert answer.status_code == status
    client = sign_in(make.staff("leader", "H17"))
    assert client.post(f"{ADDRESS}/{plan.id}/withdraw", data={"reason": " "}).status_code == 422
    said = {"reason": "Đăng ký nhầm số"}
    assert client.post(f"{ADDRESS}/{plan.id}/withdraw", data=said).status_code == 303
    twice = client.post(f"{ADDRESS}/{plan.id}/withdraw", data=said)
    assert twice.status_code == 409 and "đã được rút trước đó" in twice.text
    assert "Đăng ký nhầm số" in client.get(f"{ADDRESS}/{plan.id}").text
    assert "120/KH-UBND" not in app.test_client().get("/oversight/plans").text


def test_a_day_that_is_none_is_said(app: Any) -> None:
    answer = app.test_client().get("/oversight/plans?on=31/03/2026")
    assert answer.status_code == 422


def test_days_to_come_show_what_is_known_today(sign_in: Any, app: Any) -> None:
    registered(sign_in)
    for form in ("", ".json"):
        answer = app.test_client().get(f"/oversight/plans{form}?on=9999-12-31")
        assert answer.status_code == 200 and "120/KH-UBND" in answer.get_data(as_text=True)
