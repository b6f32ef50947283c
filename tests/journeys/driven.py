"""Firefox and WebKit by WebDriver, behind as much of Playwright's page as the journeys use; they run unchanged."""
import os
import re
import shutil
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import ElementNotInteractableException, TimeoutException, WebDriverException
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.firefox.service import Service as Gecko
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait
from selenium.webdriver.webkitgtk.service import Service as WebKit

from tests.journeys.conftest import Visitor

PATIENCE_S = 30
IN_VIEW = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' });"
CHOOSE = """arguments[0].selected = true;
            arguments[0].closest("select").dispatchEvent(new Event("change", { bubbles: true }));"""
MINI_BROWSERS = ("/usr/lib/*/webkit2gtk-4.*/MiniBrowser", "/usr/lib*/webkit2gtk-4.*/MiniBrowser",
                 "/usr/libexec/webkit2gtk-4.*/MiniBrowser")


def firefox(scripted: bool) -> WebDriver:
    options = webdriver.FirefoxOptions()
    options.add_argument("-headless")
    options.binary_location = shutil.which("firefox-esr") or shutil.which("firefox") or ""
    options.set_preference("intl.accept_languages", "vi")
    options.set_preference("javascript.enabled", scripted)
    driver = os.environ.get("PORTAL_TEST_GECKODRIVER") or shutil.which("geckodriver")
    return webdriver.Firefox(options=options, service=Gecko(driver))


def webkit(scripted: bool) -> WebDriver:
    """Its driver works by scripts itself, so that they are not turned off here: see `without_scripts`."""
    options = webdriver.WebKitGTKOptions()
    options.binary_location = str(next(place for pattern in MINI_BROWSERS for place in Path("/").glob(pattern[1:])))
    options.add_argument("--automation")
    return webdriver.WebKitGTK(options=options, service=WebKit(shutil.which("WebKitWebDriver") or ""))


ENGINES: dict[str, Callable[[bool], WebDriver]] = {"Firefox": firefox, "WebKit": webkit}


def without_scripts(app: Any) -> Any:
    """The same pages, with every script taken out on the way."""
    def plain(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        told: list[Any] = []
        body = app({**environ, "HTTP_ACCEPT_ENCODING": "identity"}, lambda *answer: told.append(answer))
        whole = b"".join(body)
        getattr(body, "close", lambda: None)()
        status, headers = told[-1][:2]
        if "text/html" in dict(headers).get("Content-Type", ""):
            whole = re.sub(rb"<script\b.*?</script>", b"", whole, flags=re.S)
            headers = [(n, str(len(whole)) if n == "Content-Length" else v) for n, v in headers]
        start(status, headers)
        return [whole]
    return plain


@dataclass
class Found:
    """What a selector finds, when it is asked."""

    page: "Page"
    selector: str
    place: int | None = None
    element: WebElement | None = None

    def all(self) -> list["Found"]:
        return [Found(self.page, self.selector, element=one) for one in self.page.elements(self.selector)]

    def count(self) -> int:
        return len(self.page.elements(self.selector))

    def nth(self, place: int) -> "Found":
        return Found(self.page, self.selector, place)

    @property
    def first(self) -> "Found":
        return self.nth(0)

    def one(self) -> WebElement:
        return self.element or self.page.element(self.selector, self.place or 0)

    def get_attribute(self, name: str) -> str | None:
        value: str | None = self.one().get_dom_attribute(name)
        origin = "/".join(self.page.url.split("/")[:3])
        return value and value.removeprefix(origin)  # WebKit's driver gives whole addresses

    def inner_text(self) -> str:
        return self.one().text

    def select_option(self, value: str) -> None:
        self.page.select_option(self.selector, value)


class Keyboard:
    def __init__(self, driver: WebDriver) -> None:
        self.driver = driver

    def press(self, key: str) -> None:
        ActionChains(self.driver).send_keys(getattr(Keys, key.upper(), key)).perform()


class Page:
    def __init__(self, driver: WebDriver) -> None:
        self.driver = driver
        self.keyboard = Keyboard(driver)

    def until(self, question: Callable[[], Any], words: str) -> Any:
        return WebDriverWait(self.driver, PATIENCE_S, 0.1, (WebDriverException,)).until(lambda _: question(), words)

    def elements(self, selector: str) -> list[WebElement]:
        """`:visible` is Playwright's own: whoever takes up room is seen."""
        found = self.driver.find_elements(By.CSS_SELECTOR, selector.replace(":visible", ""))
        return [one for one in found if one.size["height"] > 1] if ":visible" in selector else found

    def element(self, selector: str, place: int = 0) -> WebElement:
        found: WebElement = self.until(lambda: self.elements(selector)[place:][:1], f"no {selector}")[0]
        return found

    def goto(self, url: str) -> None:
        self.driver.get(url)

    @property
    def url(self) -> str:
        return self.driver.current_url

    def fill(self, selector: str, words: str) -> None:
        element = self.shown(selector)
        element.clear()
        element.send_keys(words)

    def press(self, selector: str, key: str) -> None:
        self.element(selector).send_keys(getattr(Keys, key.upper()))

    def click(self, selector: str) -> None:
        self.shown(selector).click()

    def shown(self, selector: str) -> WebElement:
        """In view: WebKit's driver does not always bring there what it is to press or to type into."""
        element = self.element(selector)
        if self.driver.capabilities["browserName"] != "firefox":
            self.driver.execute_script(IN_VIEW, element)
        return element

    def check(self, selector: str) -> None:
        element = self.shown(selector)
        if not element.is_selected():
            element.click()

    def select_option(self, selector: str, value: str | None) -> None:
        option = self.element(f"{selector} option[value='{value}']")
        try:
            option.click()
        except ElementNotInteractableException:  # WebKit's driver opens no list that it finds covered
            self.driver.execute_script(CHOOSE, option)

    def set_input_files(self, selector: str, file: Path) -> None:
        self.element(selector).send_keys(str(file))

    def input_value(self, selector: str) -> str:
        return str(self.element(selector).get_property("value"))

    def inner_text(self, selector: str) -> str:
        return self.element(selector).text

    def content(self) -> str:
        return self.driver.page_source

    def locator(self, selector: str) -> Found:
        return Found(self, selector)

    def evaluate(self, script: str) -> Any:
        called = f"({script})()" if script.startswith("(") else script
        return self.driver.execute_script(f"return {called}")

    def wait_for_selector(self, selector: str, state: str = "visible") -> None:
        self.element(selector)

    def wait_for_url(self, pattern: str) -> None:
        self.until(lambda: fnmatch(self.url, pattern), f"not at {pattern}")


class Driven(Visitor):
    """A person at such a browser. Barriers are looked for in Chromium."""

    page: Any

    def press(self, selector: str) -> None:
        before = self.page.driver.find_element(By.TAG_NAME, "html")
        self.page.click(selector)

        def gone() -> bool:
            try:
                before.is_enabled()
            except WebDriverException:
                return True
            return False
        try:
            self.page.until(gone, f"no page came after {selector}")
        except TimeoutException as stuck:
            seen = " ".join(self.page.inner_text("body").split())
            raise AssertionError(f"{selector} brought no page: {self.page.url}: {seen[:1500]}") from stuck
        self.page.element("main")

    def examine(self, name: str) -> None:
        return

    def fetch(self, url: str) -> bytes:
        cookies = "; ".join(f"{one['name']}={one['value']}" for one in self.page.driver.get_cookies())
        asked = urllib.request.Request(url if url.startswith("http") else self.portal.url + url,
                                       headers={"Cookie": cookies})
        with urllib.request.urlopen(asked, timeout=PATIENCE_S) as answer:
            return bytes(answer.read())
