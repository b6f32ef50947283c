"""The page of services says first what this catalogue does not have."""
from flask.testing import FlaskClient


def test_what_is_asked_for_elsewhere_names_the_ministry(client: FlaskClient) -> None:
    page = client.get("/services", query_string={"q": "mở trường mầm non tư thục"}).text
    assert "Có lẽ không có trong danh mục này: Giáo dục, trường học." in page
    assert page.index("Có lẽ không có") < page.index('class="results"' if 'class="results"' in page else "</main>")


def test_what_is_found_by_its_name_says_nothing_of_it(client: FlaskClient) -> None:
    assert "Có lẽ không có" not in client.get("/services", query_string={"q": "đăng ký khai sinh"}).text
