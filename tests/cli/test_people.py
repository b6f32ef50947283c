import pytest

from portal.cli.people import people
from portal.kit.db import session
from portal.people import actions, queries, second_factors
from tests import make


@pytest.fixture
def run(app):
    def run(*words):
        return app.test_cli_runner().invoke(people, words)

    return run


def test_an_officer_is_added_and_the_last_word_is_the_password(app, run):
    result = run("add-officer", "--name", "Lê Văn Ẩn", "--contact", "an.le@example.vn", "--agency", "H17")
    assert result.exit_code == 0, result.output
    person = actions.check("an.le@example.vn", result.output.split()[-1])
    [held] = person.roles
    assert (held.role, held.agency.key, held.unit_id, person.must_change_password) == (
        "case_officer", "H17", None, True)


def test_the_first_administrator_comes_from_here(app, run):
    result = run("add-administrator", "--name", "Lê Văn Ẩn", "--contact", "0912 345 678")
    person = actions.check("0912345678", result.output.split()[-1])
    assert [held.role for held in person.roles] == ["portal_administrator"]


@pytest.mark.parametrize("words", [
    ("add-officer", "--name", "Lê Văn Ẩn", "--contact", "an.le@example.vn", "--agency", "nowhere"),
    ("add-officer", "--name", "Lê Văn Ẩn", "--contact", "không", "--agency", "H17"),
    ("add-administrator", "--name", "", "--contact", "an.le@example.vn"),
])
def test_what_makes_no_sense_is_refused_in_words(app, run, words):
    result = run(*words)
    assert result.exit_code != 0
    assert "Traceback" not in result.output
    assert queries.person_by_contact("an.le@example.vn") is None


def test_a_contact_is_given_once(app, run):
    make.citizen(email="an.le@example.vn")
    result = run("add-administrator", "--name", "Lê Văn Ẩn", "--contact", "an.le@example.vn")
    assert result.exit_code == 1
    assert "already" in result.output


def test_asvs_v6_3_2_nobody_is_there_by_default(app, run):
    assert run("list").output == ""


def test_the_list_names_staff_without_their_contacts(app, run):
    officer = make.officer("H17", name="Lê Văn Ẩn")
    make.citizen()
    output = run("list").output
    assert output.splitlines() == [
        f"{officer.id}\tactive\tLê Văn Ẩn\t{officer.roles[0].id} case_officer {make.agency().name}"]


def test_an_officer_is_added_at_a_unit_named_or_by_its_code(app, run):
    for contact, named in (("a@example.vn", "Phường Hải Châu"), ("b@example.vn", "20242")):
        result = run("add-officer", "--name", "Lê Văn Ẩn", "--contact", contact, "--agency", "H17", "--unit", named,
                     "--role", "counter_officer")
        assert result.exit_code == 0, result.output
        [held] = queries.person_by_contact(contact).roles
        assert (held.role, held.unit.code) == ("counter_officer", "20242")
    assert run("add-officer", "--name", "Lê Văn Ẩn", "--contact", "c@example.vn", "--agency", "H17", "--unit",
               "hòa").exit_code == 1, "several fit"


def test_a_role_is_given_and_ended(app, run):
    person = make.officer()
    given = run("give-role", person.email, "agency_administrator", "--agency", "H17")
    assert given.exit_code == 0, given.output
    number = given.output.split()[-1]
    assert f"{number} agency_administrator" in run("list").output
    assert run("give-role", person.email, "agency_administrator", "--agency", "H17").exit_code == 1, "held already"
    assert run("give-role", person.email, "overseer", "--agency", "H17").exit_code == 1, "a national one"
    assert run("give-role", make.citizen().email, "clerk", "--agency", "H17").exit_code == 1, "a citizen"
    assert run("end-role", number).exit_code == 0
    assert "agency_administrator" not in run("list").output
    assert run("end-role", "99999").exit_code == 1


def test_units_are_listed(app, run):
    lines = run("list-units", "H17").output.splitlines()
    assert lines[0].split("\t")[1:] == ["central", "-", "Thành phố Đà Nẵng"]
    assert any(line.split("\t")[1:] == ["commune", "20242", "Phường Hải Châu"] for line in lines)
    assert run("list-units", "nowhere").exit_code == 1


def test_an_operator_lets_somebody_of_the_staff_begin_anew(app):
    person, citizen = make.officer(), make.citizen()
    make.app_of(person)
    contact, citizens = str(person.email), str(citizen.email)
    runner = app.test_cli_runner()
    done = runner.invoke(args=["people", "recover", contact])
    assert done.exit_code == 0, done.output
    session.expire_all()
    assert not second_factors.has_any(person)
    assert actions.check(contact, done.output.split()[-1]) is person
    assert runner.invoke(args=["people", "recover", citizens]).exit_code == 1
