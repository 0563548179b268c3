"""trafilatura keeps what was injected into an article's own paragraphs; it goes after it."""

from __future__ import annotations

from html import escape

import pytest
from engine_documents import FEW, engine, texts

trafilatura = engine("trafilatura")

from injectclean import Config, Scanner  # noqa: E402
from injectclean.errors import ConfigError, InputError  # noqa: E402
from injectclean.integrations.trafilatura import clean_extracted, clean_page  # noqa: E402

PAGE = """<!DOCTYPE html><html lang="vi"><head><title>Trang</title></head><body>
<nav><a href="/">Một</a> <a href="/hai">Hai</a></nav>
<main><article>{}</article></main><footer>Chân trang</footer></body></html>"""


def page(text: str) -> str:
    """A page with a paragraph for each line that is not blank."""
    return PAGE.format("".join(f"<p>{escape(p)}</p>" for p in text.splitlines() if p.strip()))


def test_pages_give_what_the_plain_loop_gives_of_the_extracted_text() -> None:
    scanner = Scanner()
    extracted = [trafilatura.extract(page(text)) for text in texts()[:FEW]]

    assert sum(given is not None for given in extracted) > 0.9 * FEW
    for text, given in zip(texts(), extracted, strict=False):
        if given is not None:
            assert clean_page(page(text)) == scanner.clean(given)


@pytest.mark.parametrize("output_format", ["txt", "markdown"])
def test_what_trafilatura_keeps_of_an_injection_is_taken_out(output_format: str) -> None:
    phrase = Scanner().scan(texts()[0]).findings[0].text
    extracted = trafilatura.extract(page(texts()[0]), output_format=output_format)
    assert phrase in extracted

    result = clean_page(page(texts()[0]), output_format=output_format)

    assert result.report.verdict == "block"
    assert phrase not in result.text


def test_text_of_any_extractor_is_cleaned_with_a_configuration() -> None:
    config = Config(gap="[???]")

    result = clean_extracted(texts()[0], config=config)

    assert result == Scanner(config=config).clean(texts()[0])
    assert "[???]" in result.text


@pytest.mark.parametrize("nothing", [None, "", " \n"])
def test_nothing_extracted_is_an_error_and_not_clean(nothing: str | None) -> None:
    with pytest.raises(InputError, match="found no text") as caught:
        clean_extracted(nothing)
    assert caught.value.kind == "missing"


def test_a_page_without_an_article_is_an_error() -> None:
    with pytest.raises(InputError, match="found no text"):
        clean_page("<html><body></body></html>")


@pytest.mark.parametrize("output_format", ["json", "xml"])
def test_a_format_whose_syntax_an_edit_could_cut_is_refused(output_format: str) -> None:
    with pytest.raises(ConfigError, match="not one of txt, markdown"):
        clean_page(page(texts()[0]), output_format=output_format)
