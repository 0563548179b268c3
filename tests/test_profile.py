"""Site profiles: what repeats on a site's pages is told, as evidence and no more."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_tools import BODY, LEAD, Run

from injectclean import Config, Scanner
from injectclean.boilerplate import told
from injectclean.errors import ConfigError
from injectclean.profile import learn_profile, read_profile

Cli = Callable[..., Run]
HEAD = "Cổng làng Thượng\nNhà văn hóa xóm Đông"
TAIL = "Quỹ khuyến học làng Thượng\nHội đồng hương tại thành phố\nLượt ghé thăm: {}"
PARAGRAPHS = [
    (LEAD, BODY),
    (BODY, "Các thôn đã bình xét công khai, rồi gửi danh sách lên xã trước ngày mười lăm, kèm biên "
     "bản họp dân và ý kiến của mặt trận, để hội đồng xem xét trong kỳ họp cuối năm nay."),
    (LEAD, "Đoàn thanh niên nhận dọn vệ sinh ba tuyến đường, mỗi tháng hai lần vào sáng thứ bảy, "
     "còn phụ nữ các thôn trồng hoa và chăm sóc trong suốt mùa khô, như đã hẹn từ đầu năm."),
]  # fmt: skip
PAGES = [
    "\n".join((HEAD, f"Bài thứ {name}", *paragraphs, TAIL.format(count), ""))
    for (name, count), paragraphs in zip(
        (("nhất", 12), ("hai", 408), ("ba", 77)), PARAGRAPHS, strict=True
    )
]


def write_profile(folder: Path) -> Path:
    path = folder / "site.json"
    path.write_text(learn_profile(PAGES).to_json())
    return path


def test_lines_of_two_pages_repeat_whatever_their_numbers_and_marks() -> None:
    profile = learn_profile([*PAGES, "Trang khác"])

    assert profile.pages == 4
    assert profile.share("  • lượt ghé thăm: 9") == 0.5
    assert profile.share("Bài thứ nhất") == 0.0
    assert profile.share("Trang khác") == 0.0
    assert learn_profile(["12/5/2024 - 8:30", "1/6/2024 - 9:15"]).lines == {}


def test_a_line_twice_on_one_page_is_on_one_page() -> None:
    assert learn_profile(["Một\nMột", "Hai"]).lines == {}


def test_places_are_means_from_the_first_line_to_the_last() -> None:
    lines = learn_profile(["a1\nb\nc", "x\nb\nc"]).lines

    assert (lines["b"].place, lines["c"].place) == (0.5, 1.0)


def test_the_order_of_the_pages_changes_no_byte() -> None:
    written = {learn_profile(pages).to_json() for pages in itertools.permutations(PAGES)}

    assert len(written) == 1


def test_a_profile_that_was_written_is_read(tmp_path: Path) -> None:
    assert read_profile(str(write_profile(tmp_path))) == learn_profile(PAGES)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"schema": "injectclean/profile/2", "pages": 1, "lines": {}}',
     '{"schema": "injectclean/profile/1", "pages": 1, "lines": {"a": [2, 0.5]}}',
     '{"schema": "injectclean/profile/1", "pages": 1, "lines": {"a": 2}}', "\ufeff{", "[" * 99999],
)  # fmt: skip
def test_what_is_no_profile_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "site.json"
    path.write_text(content)

    with pytest.raises(ConfigError, match="not a site profile"):
        Scanner(config=Config(profile=str(path)))


def test_a_profile_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_profile(str(tmp_path / "nowhere.json"))


def test_the_more_pages_have_a_line_the_more_it_is_furniture() -> None:
    chances = [told(0.3, share) for share in (0.0, 0.1, 0.5, 1.0)]

    assert chances[0] == 0.3
    assert chances == sorted(chances)
    assert told(0.001, 1.0) < 0.05
    assert told(1.0, 1.0) == pytest.approx(1.0)


def test_repeated_lines_go_with_a_profile_and_the_article_stays(tmp_path: Path) -> None:
    with_profile = Scanner(config=Config(profile=str(write_profile(tmp_path))))

    gone = [with_profile.clean(page).text for page in PAGES]

    for page, text in zip(PAGES, gone, strict=True):
        assert page.split("\n")[3] in text
        assert page.split("\n")[4] in text
        assert page.split("\n")[2] in text
        assert "Lượt ghé thăm" not in text
    without = Scanner().clean(PAGES[0]).report.findings
    assert sum(f.score for f in without) <= sum(
        f.score for f in with_profile.clean(PAGES[0]).report.findings
    )


def test_findings_say_that_the_site_has_the_line(tmp_path: Path) -> None:
    scanner = Scanner(config=Config(profile=str(write_profile(tmp_path))))

    found = [f for f in scanner.scan(PAGES[0]).findings if "Lượt ghé thăm" in f.text]

    assert found
    assert any(name == "pages of its site" for name, _, _ in found[0].evidence)


def test_profile_is_learned_and_used_on_the_command_line(run: Cli, tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    for number, page in enumerate(PAGES):
        (site / f"{number}.txt").write_text(page)
    path = tmp_path / "site.json"

    learned = run("profile", site, "-o", path)
    used = run("scan", site, "--profile", path, "--format", "jsonl", "--isolated")
    printed = run("profile", site)

    assert learned.code == 0
    assert "pages: 3, lines that repeat: 7" in learned.err
    assert printed.out == path.read_bytes()
    assert json.loads(path.read_text())["pages"] == 3
    assert all(
        "Lượt ghé thăm" in "".join(f["text"] for f in json.loads(line)["findings"])
        for line in used.out.splitlines()
    )


def test_a_page_that_cannot_be_read_is_named_and_one_page_is_no_site(
    run: Cli, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text(PAGES[0])
    (tmp_path / "b.txt").write_text(PAGES[1])
    (tmp_path / "c.txt").write_bytes(b"\xff\xfe\x00\xd8")

    result = run("profile", tmp_path, "-o", tmp_path / "site.json")

    assert result.code == 3
    assert "c.txt" in result.err
    assert run("profile", tmp_path / "a.txt").code == 2
