"""A year of invented documents between agencies, told in the order of time: sent, fetched, entered, given out, answered
in time or late, sent back, forgotten."""
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush
from itertools import count

from portal.catalogue import queries as catalogue
from portal.cli import invented_participants, invented_troubles
from portal.cli.invented_participants import ON_PAGES, Circle
from portal.cli.invented_post import Letter, Post
from portal.dossiers.models import Dossier
from portal.exchange import flows, queries
from portal.exchange.models import Copy, Document, Participant
from portal.kit import clock
from portal.kit.jobs import queue
from portal.people.models import Person

Progress = Callable[[int, int, str], None]
DOCUMENTS = 100
STRIDE = 10
FIRST, LAST = timedelta(days=360), timedelta(hours=5)
#: What people here and senders are told of is told at once; of a year ago nobody is told any more.
TOLD_FOR = timedelta(days=3)
TELLING = ("exchange.tell_people", "exchange.tell_status")
ANSWERED, LATE = 0.55, 0.2  # of those of which an answer is awaited


@dataclass(frozen=True)
class Theme:
    """What is written about: from which group to which, to how many at least and at most (None: to all), how often of
    so many documents, within how many days an answer is awaited."""

    senders: str
    receivers: str
    fewest: int
    most: int | None
    times: int
    due_in: int | None
    notation: str
    type_name: str
    subjects: tuple[str, ...]
    priority: int = 0


THEMES = (
    Theme("office", "provinces", 1, None, 3, 15, "VPCP-KSTT", "Công văn", (
        "V/v đẩy mạnh tiếp nhận, giải quyết thủ tục hành chính trên môi trường điện tử",
        "V/v báo cáo tình hình thực hiện chế độ báo cáo điện tử quý",
        "V/v rà soát, công bố danh mục dịch vụ công trực tuyến toàn trình")),
    Theme("office", "ministries", 1, None, 4, 10, "VPCP-KSTT", "Công văn", (
        "V/v đơn giản hóa quy định liên quan đến hoạt động kinh doanh",
        "V/v tái cấu trúc quy trình thủ tục hành chính liên thông",
        "Thông báo kết luận của Thủ tướng Chính phủ tại phiên họp về chuyển đổi số"), 1),
    Theme("ministries", "provinces", 1, None, 3, 20, "BTP-HTQTCT", "Công văn", (
        "V/v rà soát dữ liệu hộ tịch điện tử", "V/v hướng dẫn cấp Phiếu lý lịch tư pháp trực tuyến",
        "V/v tổng kết thi hành Luật Hộ tịch")),
    Theme("ministries", "anybody", 2, 6, 26, 12, "BTC-QLG", "Công văn", (
        "V/v góp ý dự thảo Nghị định về phí, lệ phí", "V/v lấy ý kiến dự thảo Thông tư hướng dẫn chế độ báo cáo",
        "V/v phối hợp kết nối cơ sở dữ liệu chuyên ngành", "V/v cử cán bộ tham gia tổ soạn thảo",
        "V/v cung cấp số liệu phục vụ báo cáo Chính phủ")),
    Theme("provinces", "ministries", 1, 2, 30, None, "UBND-KSTT", "Công văn", (
        "V/v đề nghị hướng dẫn áp dụng mức thu lệ phí", "Báo cáo kết quả cải cách hành chính quý",
        "V/v xin ý kiến về phương án sắp xếp đơn vị sự nghiệp", "V/v tháo gỡ vướng mắc khi kết nối liên thông văn bản",
        "Báo cáo tình hình thực hiện dịch vụ công trực tuyến")),
    Theme("provinces", "provinces", 1, 2, 22, 7, "UBND-NC", "Công văn", (
        "V/v phối hợp xác minh thông tin hộ tịch", "V/v xác minh văn bằng, chứng chỉ",
        "V/v trao đổi kinh nghiệm triển khai một cửa", "V/v chuyển hồ sơ theo thẩm quyền"), 1),
    Theme("main", "units", 2, 4, 12, 8, "UBND-KSTT", "Công văn", (
        "V/v khắc phục hồ sơ trễ hạn", "V/v niêm yết công khai thủ tục hành chính",
        "V/v báo cáo kết quả số hóa hồ sơ", "V/v cử đầu mối quản trị tài khoản"), 1),
    Theme("units", "main", 1, 1, 10, None, "BC", "Báo cáo", (
        "Báo cáo kết quả giải quyết thủ tục hành chính tháng", "V/v đề xuất ủy quyền giải quyết thủ tục hành chính",
        "V/v xin ý kiến xử lý hồ sơ liên thông")))
ANSWER = Letter("", "Cơ quan nhận được văn bản nêu trên và có ý kiến trả lời như sau. (Nội dung minh họa.)", "UBND-TH")


class Year:
    """What happens when, in the order of time; what would be after now is not told."""

    def __init__(self, post: Post) -> None:
        self.post, self.calendar = post, catalogue.calendar()
        self._heap: list[tuple[datetime, int, Callable[[], object]]] = []
        self._n = count()

    def at(self, moment: datetime, do: Callable[[], object]) -> None:
        if moment < self.post.now:
            heappush(self._heap, (moment, next(self._n), do))

    def after(self, moment: datetime, least: int, most: int) -> datetime:
        """So many working minutes later."""
        return self.calendar.add_minutes(moment, self.post.dice.randint(least, most))

    def run(self) -> None:
        while self._heap:
            _moment, _n, do = heappop(self._heap)
            do()

    # lives

    def send(self, letter: Letter, sender: Participant, receivers: Sequence[Participant], at: datetime,
             then: Callable[[Document], None] | None = None) -> None:
        """Send it, and let each receiver live with it as receivers do; or as `then` says."""
        def do() -> None:
            document = self.post.send(letter, sender, receivers, at)
            self.post.arrive(document.message_id, at)
            for copy in queries.copies_of(document.id):
                self._receive(copy, at, letter.due_in)
            if then:
                then(document)
        self.at(at, do)

    def _receive(self, copy: Copy, sent_at: datetime, due_in: int | None) -> None:
        dice = self.post.dice
        at = self.after(sent_at, 30, 420)
        fate = dice.random()
        if fate < 0.05:
            return  # nobody enters it
        if fate < 0.09:
            self._tell(copy, "02", at, "Văn bản không thuộc thẩm quyền giải quyết của cơ quan.")
            return
        road = [("03", 0, 0), ("04", 20, 500), ("05", 30, 900)][:1 if fate < 0.13 else 2 if fate < 0.2 else 3]
        for code, least, most in road:
            at = self.after(at, least, most)
            self._tell(copy, code, at)
        if len(road) < 3:
            return  # it lies where it is
        if due_in and dice.random() < ANSWERED:
            self._answer(copy, sent_at, due_in, at)
        elif fate < 0.85:
            self._tell(copy, "06", self.after(at, 300, 4000))

    def _answer(self, copy: Copy, sent_at: datetime, due_in: int, begun_at: datetime) -> None:
        """In time or some days late, and the matter is done. Only some of a long list answer by a document."""
        if copy.receiver.code not in ON_PAGES and self.post.dice.random() < 0.6:
            self._tell(copy, "06", self.after(begun_at, 300, 4000))
            return
        late = self.post.dice.random() < LATE
        share = self.post.dice.uniform(1.1, 1.6) if late else self.post.dice.uniform(0.4, 0.95)
        at = max(self.calendar.add_minutes(sent_at, int(share * due_in * 340)), begun_at + timedelta(minutes=5))

        def do() -> None:
            asked = copy.document
            letter = Letter(f"V/v trả lời Công văn số {asked.number}/{asked.notation}", ANSWER.content,
                            _notation(copy.receiver), file=copy.receiver.code in ON_PAGES)
            answer = self.post.send(letter, copy.receiver, [asked.sender], at, answers=asked)
            self.post.arrive(answer.message_id, at)
            for came in queries.copies_of(answer.id):
                self._tell(came, "03", self.after(at, 30, 400))
            self._tell(copy, "06", self.after(at, 5, 60))
        self.at(at, do)

    def _tell(self, copy: Copy, code: str, at: datetime, note: str | None = None) -> None:
        self.at(at, lambda: self.post.tell(copy, code, at, note))


def load(dice: random.Random, clerks: dict[str, Person], workers: dict[int, Person], dossiers: Sequence[Dossier],
         progress: Progress) -> Post:
    """Everybody who takes part, and what they wrote to each other; `dossiers`: those about which opinions are asked."""
    circle, now = invented_participants.load(dice), clock.now()
    post = Post(dice, circle, {code: one for code, one in clerks.items() if code in circle.by_code}, workers, now)
    year, done = Year(post), count(1)

    def told(_document: Document) -> None:
        n = next(done)
        if n % STRIDE == 0 or n == DOCUMENTS:
            progress(n, DOCUMENTS, "documents between agencies")

    for at, sender, receivers, letter in _plan(dice, circle, now):
        year.send(letter, sender, receivers, at, told)
    post.later = year.at
    invented_troubles.plan(post)
    invented_troubles.ask_opinions(post, dossiers)
    year.run()
    post.count()
    queue.forget(TELLING, before=now - TOLD_FOR)
    invented_participants.fall_silent(circle)
    flows.fold(clock.day_of(now))
    return post


def _plan(dice: random.Random, circle: Circle,
          now: datetime) -> Iterator[tuple[datetime, Participant, list[Participant], Letter]]:
    """When who writes what to whom: in working hours of the year, some of it today."""
    themes = [theme for theme in THEMES for _time in range(theme.times)]
    dice.shuffle(themes)
    for n, theme in enumerate(themes[:DOCUMENTS]):
        recent = n % 6 == 0 and theme.most is not None
        back = timedelta(days=dice.uniform(0.3, 20)) if recent else timedelta(days=dice.uniform(20, FIRST.days))
        at = min(_in_hours(dice, clock.day_of(now - back)), now - LAST)
        there = circle.since(at)
        senders, receivers = _group(theme.senders, there), _group(theme.receivers, there)
        if not senders or not receivers:
            continue
        sender = _one(dice, senders)
        others = [one for one in receivers if one is not sender]
        chosen = others if theme.most is None else _some(dice, others, dice.randint(theme.fewest, theme.most))
        if chosen:
            subject = dice.choice(theme.subjects)
            yield at, sender, chosen, Letter(
                subject, f"{subject.removeprefix('V/v ').capitalize()}. (Nội dung minh họa.)",
                theme.notation if theme.senders != "units" else f"{_notation(sender)}-{theme.notation}",
                theme.type_name, theme.due_in, theme.priority, file=dice.random() < 0.5)


def _group(name: str, there: Sequence[Participant]) -> list[Participant]:
    """Who of those that take part belongs to a group."""
    tests: dict[str, Callable[[Participant], bool]] = {
        "office": lambda one: one.code == "G22", "ministries": lambda one: one.code[0] == "G",
        "provinces": lambda one: one.code[0] == "H" and "." not in one.code, "anybody": lambda one: "." not in one.code,
        "main": lambda one: one.code == "H17", "units": lambda one: "." in one.code}
    return [one for one in there if tests[name](one)]


def _one(dice: random.Random, some: Sequence[Participant]) -> Participant:
    """Those that can be looked round as more often than others."""
    shown = [one for one in some if one.code in ON_PAGES]
    return dice.choice(shown) if shown and dice.random() < 0.35 else dice.choice(some)


def _some(dice: random.Random, others: Sequence[Participant], n: int) -> list[Participant]:
    found: dict[str, Participant] = {}
    for _n in range(3 * n):
        one = _one(dice, others) if others else None
        if one is not None and len(found) < n:
            found[one.code] = one
    return list(found.values())


def _notation(one: Participant) -> str:
    """What stands behind the numbers of an office."""
    if one.unit is not None:
        return "".join(word[0].upper() for word in one.unit.name.split()[:3])
    return "UBND-TH" if one.code[0] == "H" else f"{one.agency.abbreviation or 'CQ'}-VP" if one.agency else "CQ"


def _in_hours(dice: random.Random, day: date) -> datetime:
    """A working moment of the day, or of the next that is one."""
    at = datetime.combine(day, time(dice.choice((8, 9, 10, 14, 15, 16)), dice.randint(0, 29)), clock.VN)
    return catalogue.calendar().next_opening(at)
