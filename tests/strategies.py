"""Hypothesis strategies: Vietnamese text as it is met, and as it is disguised and damaged.

What they draw shrinks towards plain words, so that a failing example reads as a text.
"""

from __future__ import annotations

import unicodedata

from hypothesis import strategies as st

SYLLABLES = (
    "anh",
    "bà",
    "các",
    "của",
    "điểm",
    "đồng",
    "chí",
    "đội",
    "được",
    "giữa",
    "hội",
    "nghị",
    "học",
    "huyện",
    "khóa",
    "làng",
    "lễ",
    "mùa",
    "màng",
    "năm",
    "người",
    "nông",
    "dân",
    "ông",
    "quê",
    "sáng",
    "sông",
    "Hồng",
    "tại",
    "tỉnh",
    "thôn",
    "trẻ",
    "trường",
    "ủy",
    "ban",
    "vùng",
    "xã",
    "xuân",
    "ý",
    "kiến",
    "và",
    "với",
    "là",
)
PHRASES = (
    "sòng bài online uy tín",
    "nhà cái bet88",
    "casino trực tuyến số 1",
    "vay tiền nhanh 24/7",
    "link vào kubet mới nhất",
    "tải app tài xỉu đổi thưởng",
    "thuốc cường dương giá rẻ",
)
PROMOTIONS = (
    "Nhà cái uy tín nhất hiện nay, đăng ký ngay nhận thưởng 100k tại bet88.com!",
    "Chơi game bài đổi thưởng tại sòng bài online uy tín, rút tiền nhanh chóng.",
    "Liên hệ zalo 0912 345 678 để vay tiền nhanh, không cần thế chấp.",
)
FURNITURE = (
    "Đăng nhập",
    "Tin khác",
    "Lượt đọc: 7665",
    "anh tin bai",
    "IMG_4018.jpg",
    "1 2 3 4 5 ...",
    "Thống kê truy cập",
    "• Đang online: 1",
    "Thứ năm, 25/04/2024, 20:37 [GMT+7]",
    "Trang chủ | Giới thiệu | Liên hệ",
    "Bình luận",
    "Gửi bình luận của bạn",
    ">> Xem thêm: Tin nổi bật trong ngày",
)
PARAGRAPHS = (
    "Sáng 22/8, huyện tổ chức hội nghị tổng kết mười năm thực hiện nghị quyết về công tác dân vận, "
    "với sự tham dự của đại diện các xã, các ban ngành và đông đảo bà con trong vùng.",
    "Theo ông Nguyễn Văn Minh, chủ tịch xã, vụ lúa năm nay được mùa nhờ thời tiết thuận lợi, "
    "nước về đủ từ đầu vụ và bà con đã chuyển sang những giống mới có sức chống chịu tốt hơn.",
    "Nhà trường cho biết học sinh sẽ trở lại lớp vào đầu tuần sau, sau khi các phòng học "
    "bị ngập được dọn dẹp, bàn ghế được lau khô và hệ thống điện được kiểm tra an toàn.",
)
CARRIERS = (
    "Tham dự tại điểm cầu {}\n, có đồng chí Tẩn Thị Quế, bí thư huyện ủy.",
    "Các công trình trên địa bàn {}\n… đã hoàn thành trong năm.",
    "Trong đó, {}\ncó 2 tập thể, 2 cá nhân được nhận bằng khen.",
    "Bà con tại {} cho biết vụ mùa năm nay được hơn năm trước.",
    "Đoàn công tác đã đến thăm {}, sau đó làm việc với xã.",
)
INVISIBLE = ("\u200b", "\u200d", "\u2060", "\u00ad", "\u202e", "\u202c", "\ufeff", "\ufe0f")
ODD_BLANKS = (" ", "  ", "\t", "\u00a0", "\u2009", "\u3000", "\u202f")
EMOJI = ("🎉", "👍🏽", "👨‍👩‍👧", "🇻🇳", "❤️")
SURROGATES = ("\ud800", "\udfff", "\udcc3", "\udca9")
MARKUP = ("<", ">", "<b>", "</p>", "&", "&amp;", "](", "[", "]", "<!--", "-->", "<scr", "ipt>", ";")
NEWLINES = ("\n", "\r\n", "\r", "\n\n", "\n  \n", "\r\n\r\n")

newlines = st.sampled_from(NEWLINES)
phrases = st.sampled_from(PHRASES)
words = st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=12).map(" ".join)
oddities = st.sampled_from((*INVISIBLE, *ODD_BLANKS, *EMOJI, *SURROGATES, *MARKUP, *NEWLINES))


@st.composite
def sentences(draw: st.DrawFn) -> str:
    """One honest sentence of known syllables, in no order that a language model would like."""
    body = draw(words)
    return body[0].upper() + body[1:] + draw(st.sampled_from((".", ".", "!", "?", "…", ":")))


@st.composite
def injected_sentences(draw: st.DrawFn) -> str:
    """A sentence of an article in which a phrase took a place, mostly with a scar."""
    return draw(st.sampled_from(CARRIERS)).format(draw(phrases))


@st.composite
def paragraphs(draw: st.DrawFn) -> str:
    """A line of an article: a paragraph, some sentences, or promotional text among them."""
    parts = draw(
        st.lists(
            st.one_of(
                sentences(),
                injected_sentences(),
                st.sampled_from(PARAGRAPHS),
                st.sampled_from(PROMOTIONS),
            ),
            min_size=1,
            max_size=4,
        )
    )
    return draw(st.sampled_from((" ", "  ", "\u00a0"))).join(parts)


@st.composite
def disguises(draw: st.DrawFn, plain: str) -> str:
    """The same text to the eye, in other code points."""
    form = draw(st.sampled_from(("NFC", "NFD", "mixed", "wide", "split")))
    if form == "mixed":
        half = len(plain) // 2
        return plain[:half] + unicodedata.normalize("NFD", plain[half:])
    if form == "wide":
        return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in plain)
    if form == "split":
        return draw(st.sampled_from(INVISIBLE)).join(plain)
    return unicodedata.normalize(form, plain)


@st.composite
def damaged(draw: st.DrawFn, plain: str) -> str:
    """A text with odd characters put in at some places."""
    places = draw(st.lists(st.integers(0, len(plain)), max_size=5))
    for place in sorted(places, reverse=True):
        plain = plain[:place] + draw(oddities) + plain[place:]
    return plain


@st.composite
def pages(draw: st.DrawFn) -> str:
    """A page as an extractor gives it: lines of an article and of furniture, mixed."""
    lines = draw(
        st.lists(
            st.one_of(
                st.sampled_from(FURNITURE),
                st.sampled_from(FURNITURE),
                st.sampled_from(PARAGRAPHS),
                paragraphs(),
                phrases,
                st.just(""),
                words,
            ),
            max_size=14,
        )
    )
    end = draw(newlines)
    return end.join(lines) + draw(st.sampled_from(("", end)))


@st.composite
def scarred(draw: st.DrawFn) -> str:
    """An article in which one phrase stands several times, as in seeds/000."""
    phrase = draw(phrases)
    carriers = draw(st.lists(st.sampled_from(CARRIERS), min_size=2, max_size=4))
    return "\n".join([PARAGRAPHS[0], *(carrier.format(phrase) for carrier in carriers)])


documents = st.one_of(
    pages(),
    scarred(),
    paragraphs(),
    st.one_of(pages(), scarred()).flatmap(disguises),
    st.one_of(pages(), scarred()).flatmap(damaged),
    st.text(max_size=80),
)
# Any text at all that a file can hold: what bytes decode to, byte for byte.
raw_bytes = st.one_of(
    st.binary(max_size=200),
    documents.map(lambda text: text.encode("utf-8", "surrogatepass")),
)
