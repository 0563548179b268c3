"""Disguised words: what they read as, where the reading stands, and what is left alone."""

from __future__ import annotations

import random
import unicodedata

import pytest
import strategies
from cli_tools import SEEDS
from hypothesis import given, settings
from hypothesis import strategies as st
from shipped import finder, scanner

from injectclean.evaluation.disguises import DISGUISES
from injectclean.injected import InjectedFinder
from injectclean.model import load_model
from injectclean.normalize import View
from injectclean.tokens import find_tokens, fold

EXAMPLES = settings(deadline=None, derandomize=True, max_examples=100)
# Texts of what disguises are made of.
TEXTS = st.text(st.sampled_from("aàsgnhui  ...--_@14!&;#x<b>/\n\u200b\u0300🔥о"), max_size=80)
PHRASE = "sòng bài online uy tín"
HONEST = [
    "Sáng 12/8, đoàn công tác của Sở Y tế kiểm tra 24 cơ sở tại TP.HCM, Hà Nội và Đắk Lắk.",
    "Nồng độ CO2 và SO2 tăng; virus H5N1, biến chủng B12 và Covid-19 được theo dõi qua mạng 4G.",
    "Kênh VTV3, VTV1 phát U23 Việt Nam - U22 Thái Lan; bà K'Sor H'Bia, ông Ronaldo, bà Shinawatra.",
    "He has his cars, was at the news desk, and for her this is as good as it gets on A.B.C.",
    "Mục I, II, III, VIII; điểm a, b, c; bảng A - B - C - D; trang 1 2 3 4 5 6; lớp 12A1, 12A2.",
    "Liên hệ toasoan@bao-moi.example.com, https://bao-moi.example.com/tin-tuc/the-thao-24h.html",
    "Ca F0, F1 ở quận 4; lớp A4, phòng B3; @toasoan; giá 5$ hay $5; YouTube, McDonald, TikTok.",
    "Dây dày 1.5mm và 2,5mm, cắt từng đoạn 0.5m; màn hình 6.1inch.",
    "남-녀 40명, 2021년 3월; พ.ศ. 2567; 12/10/2020, 0-9-1-2; ngày 1.2.2020; tỷ số 2-1, 3-0 và 4-4.",
    "Công ty TNHH MTV Xuất-Nhập khẩu R&D; xe 29A-123.45; vở “Ồồồ…”; tiếng kêu “meo meo”.",
]


def seed() -> str:
    """The first seed, which has four injections."""
    return min(SEEDS.glob("*.txt")).read_text(encoding="utf-8")


def view_of(text: str) -> View:
    return finder().view(text)


def folds(text: str) -> list[str]:
    return [fold(token) for token in find_tokens(text)]


def disguised(name: str, text: str) -> str:
    return DISGUISES[name](text, random.Random(name))


@pytest.mark.parametrize("name", DISGUISES)
@pytest.mark.parametrize("phrase", [PHRASE, "nhà cái tặng thưởng", "thuốc cường dương"])
def test_a_disguised_phrase_reads_as_the_plain_one(name: str, phrase: str) -> None:
    text = f"Tại {disguised(name, phrase)} hôm nay"

    assert folds(view_of(text).text) == ["tai", *folds(phrase), "hom", "nay"]


def test_what_chunks_are_may_be_forgotten_at_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "sòng-bài-online\n" + "\n".join(f"tổ {number} họp" for number in range(20))
    read = view_of(text).text
    monkeypatch.setattr("injectclean.readings.MAX_CHUNKS", 3)

    assert view_of(text).text == read
    assert read.startswith("sòng bài online\n")


@pytest.mark.parametrize("name", DISGUISES)
def test_a_reading_stands_where_the_disguised_phrase_does(name: str) -> None:
    written = disguised(name, PHRASE)
    text = f"Tại {written} hôm nay"
    view = view_of(text)

    start = view.text.index(" ") + 1
    end = len(view.text) - len(" hôm nay")
    low, high = view.span(start, end)

    assert text[low:high] == written


@pytest.mark.parametrize("text", HONEST)
def test_what_is_no_disguise_stays(text: str) -> None:
    assert view_of(text).text == text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("n h a c a i u y t i n", "nha cai uy tin"),
        ("S.Ò.N.G B.À.I", "SÒNG BÀI"),
        ("sòng-bài-online", "sòng bài online"),
        ("Tổngthống Mỹ", "Tổng thống Mỹ"),
        ("nhàcáifun88vn", "nhà cái fun88vn"),
        ("nhacaiuytin", "nha cai uy tin"),
        ("C@sin0 tr4ng", "Casino trang"),
        ("Mu4 71ền Fak3", "Mua tiền Fake"),
        ("Nhaf cais uy tins", "Nhà cái uy tín"),
        ("nha2 ca1i uy ti1n", "nhà cái uy tín"),
        ("kèo nhà kái", "kèo nhà cái"),
        ("sòoooong bàiiii", "sòng bài"),
        ("nh&agrave; c&amp;#225;i", "nhà cái"),
        ("nh<b>à</b> c<span style='x'>ái</span>", "nhà cái"),
        ("R_U_N_Z_O99 a_d_u_l_t v_i_d_e_o", "RUNZO99 adult video"),
        ("88R.I.N.G P.L.A.Y", "88RING PLAY"),
        ("v i p c h a t 0 4 1 1 2 2", "vip chat 041122"),
        ("ĐôVàoChikkha", "Đô Vào Chikkha"),
        ("CuốiThángnhậnthưởng", "Cuối Tháng nhận thưởng"),
        ("Mumbaihousewifeescorts", "Mumbai housewife escorts"),
        ("tr4i s4u múi ở H4 N0i", "trai sau múi ở HA Noi"),
        ("nh@n 7!m c0n nợ", "nhan tim con nợ"),
        ("ا_ل_ع_ب ر_و_ل_ي_ت", "العب روليت"),
        ("커_플 이_미_테_이_션", "커플 이미테이션"),
        ("ส_ล็_อ_ต ไ_ม่โ_ย_โ_ย่", "สล็อต ไม่โยโย่"),
    ],
)
def test_words_are_read(written: str, read: str) -> None:
    assert view_of(f"Hôm nay {written} mở cửa").text == f"Hôm nay {read} mở cửa"


@EXAMPLES
@given(st.one_of(strategies.documents, TEXTS))
def test_every_character_of_the_view_stands_somewhere(text: str) -> None:
    view = view_of(text)

    places = [view.span(index, index + 1) for index in range(len(view.text))]

    assert all(0 <= start < end <= len(text) for start, end in places)
    assert places == sorted(places)


@EXAMPLES
@given(st.one_of(strategies.documents, TEXTS))
def test_lines_of_the_view_are_lines_of_the_text(text: str) -> None:
    view = view_of(text)

    breaks = [view.span(i, i + 1)[0] for i, c in enumerate(view.text) if c == "\n"]

    assert breaks == [index for index, c in enumerate(text) if c == "\n"]


@EXAMPLES
@given(st.one_of(strategies.documents, TEXTS))
def test_what_was_read_before_changes_no_reading(text: str) -> None:
    fresh = InjectedFinder(load_model(None)).view(text)

    assert fresh.text == view_of(text).text


@pytest.mark.parametrize("name", DISGUISES)
def test_the_injections_of_a_seed_are_found_in_disguise(name: str) -> None:
    plain = unicodedata.normalize("NFC", seed())
    text = plain.replace(PHRASE, disguised(name, PHRASE))

    found = [finding for finding in scanner().scan(text).findings if finding.is_injected]

    assert [finding.text for finding in found] == [disguised(name, PHRASE)] * 4
    assert all(finding.edit is not None for finding in found)


@pytest.mark.parametrize("name", DISGUISES)
def test_an_honest_article_in_disguise_has_nothing_injected(name: str) -> None:
    honest = scanner().clean(seed()).text.replace(" […]", "")
    text = disguised(name, unicodedata.normalize("NFC", honest))

    assert [f.text for f in scanner().scan(text).findings if f.is_injected] == []
