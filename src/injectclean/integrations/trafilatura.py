"""trafilatura: what it extracts of a page, cleaned (``injectclean[trafilatura]``).

An extractor drops furniture by its place in the page; promotional text inside an article's own
paragraphs it keeps.

>>> html = f"<html><body><article><p>{'Bà con được mùa. ' * 20}</p></article></body></html>"
>>> clean_page(html).report.verdict
'pass'
"""

from __future__ import annotations

from typing import Any

from injectclean.config import Config
from injectclean.errors import ConfigError, InputError, MissingExtraError
from injectclean.report import Cleaned
from injectclean.scanner import scanner_for

try:
    import trafilatura
except ImportError as error:
    raise MissingExtraError(f"{error}; pip install 'injectclean[trafilatura]'") from error

FORMATS = ("txt", "markdown")  # in the others an edit could cut through the format's own syntax


def clean_extracted(extracted: str | None, *, config: Config | None = None) -> Cleaned:
    """Clean the text that an extractor found, trafilatura or any other.

    Raises:
        InputError: the extractor found none (None, or nothing but blanks).
    """
    if extracted is None or not extracted.strip():
        raise InputError("missing", "the extractor found no text on the page")
    return scanner_for(Config() if config is None else config).clean(extracted)


def clean_page(
    html: str | bytes, *, config: Config | None = None, output_format: str = "txt", **options: Any
) -> Cleaned:
    """Extract the article of a page, and clean it.

    Args:
        html: the page.
        config: of injectclean; trafilatura's own is not for here.
        output_format: ``txt`` or ``markdown``.
        options: of ``trafilatura.extract``.

    Raises:
        ConfigError: another output format.
        InputError: trafilatura found no article.
    """
    if output_format not in FORMATS:
        raise ConfigError(f"output_format: {output_format!r} is not one of {', '.join(FORMATS)}")
    extracted = trafilatura.extract(html, output_format=output_format, **options)
    return clean_extracted(extracted, config=config)
