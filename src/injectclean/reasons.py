"""Evidence in plain words: what a reader is told of a finding."""

from __future__ import annotations

from collections.abc import Iterable

from injectclean.features import KIND_OF

MIN_TERM = 0.25  # nats; a term below says nothing worth a reader's time
MAX_TERMS = 3
# Length has no words here: it tells what the others are worth, and is no evidence by itself.
_PLAIN = {
    "words_hot": "promotional words",
    "words_mean": "promotional words",
    "words_contrast": "promotional words",
    "words_peak": "a strongly promotional word",
    "words_cold": "no ordinary word in it",
    "content": "promotional words",
    "content_mean": "promotional words",
    "left_unseen": "its first word never follows the word before it in ordinary text",
    "right_unseen": "its last word never precedes the word after it in ordinary text",
    "left_pull": "its first word never follows the word before it in ordinary text",
    "right_pull": "its last word never precedes the word after it in ordinary text",
    "joined_pull": "the sentence closes without it",
    "closes": "the sentence closes without it",
    "inner_unseen": "words that ordinary text does not put side by side",
    "inner_pull": "words that ordinary text does not put side by side",
    "inner_break": "words that ordinary text does not put side by side",
    "edges": "it begins and ends like a foreign body",
    "name_slot": "it stands where a name would",
    "capital_missing": "it stands where a name would",
    "scar": "a line break was left inside the sentence",
    "plain_contrast": "no diacritics in a text that has them",
    "foreign": "another script than the document's",
    "foreign_contrast": "another script than the document's",
    "brand": "a brand of letters and digits",
    "address": "a link, a handle or a telephone number",
    "upper_contrast": "capitals unlike the rest",
    "codes": "it is no number or sign of a document",
    "bracketed": "it is not in brackets",
    "capitals": "it is written unlike a name",
    "repeats": "the same phrase stands in the document several times",
    "another": "other promotional text was put into the document, too",
    "others": "other promotional text was put into the document, too",
    "shared_words": "other promotional text was put into the document, too",
    "own_line": "it stands on a line of its own",
    "own_sentence": "it is a sentence of its own",
    "line_end": "it ends its line",
    "document_heat": "the document speaks of something else",
    "heat_contrast": "the document speaks of something else",
    "echo_words": "the rest of the document does not use its words",
    "echo_pairs": "the rest of the document does not use its words",
    "context": "nothing around it reports on the subject",
    "quoted": "it is not quoted",
}
_CATEGORY = {
    "boilerplate/banner": "the site's banner",
    "boilerplate/navigation": "a menu or a list of links",
    "boilerplate/clock": "the portal's clock, not the article's date",
    "boilerplate/visitor-counter": "visitor statistics",
    "boilerplate/view-counter": "a view counter",
    "boilerplate/related": "other news, not this article",
    "boilerplate/comments": "a comment form or readers' comments",
    "boilerplate/pagination": "page numbers",
    "boilerplate/image-placeholder": "what was left where a picture stood",
    "boilerplate/login": "a log-in or registration box",
    "boilerplate/share": "share, print or rating controls",
    "boilerplate/footer": "the publisher's footer",
    "boilerplate/advert": "the site's own advertising",
    "boilerplate/widget": "a widget (weather, tags, poll, player, …)",
    "boilerplate/other": "page furniture",
}


def injected_reason(terms: Iterable[tuple[str, float, float]]) -> str:
    """One sentence of the loudest terms that speak for an injection."""
    said: list[str] = []
    for name, _, weight in terms:
        plain = _PLAIN.get(name)
        if plain is not None and weight >= MIN_TERM and plain not in said:
            said.append(plain)
    said = said[:MAX_TERMS] or ["promotional words"]
    return "promotional text that does not belong here: " + "; ".join(said)


def boilerplate_reason(category: str, lines: int, alone: float, shared: float) -> str:
    """One sentence on a run of lines, of which ``shared`` of their site's pages have each."""
    size = "1 line" if lines == 1 else f"{lines} lines"
    basis = "by its words" if alone >= 0.5 else "by its place and its neighbours"
    if shared >= 0.5:
        basis = "most pages of its site have it"
    return f"{_CATEGORY[category]} ({size}, {basis})"


def piece_reason(category: str) -> str:
    """One sentence on a piece of a line."""
    return f"{_CATEGORY[category]}, glued to a line of the article"


def is_corroborated(terms: Iterable[tuple[str, float, float]]) -> bool:
    """Whether the evidence is enough to act on.

    The text itself must look promotional (its words or its form), and something else must agree:
    its slot, a scar, repetition, its place, or what the rest of the document speaks of. What can't
    be said in words does not count.
    """
    sums: dict[str, float] = {}
    for name, _, weight in terms:
        if name in _PLAIN:
            kind = KIND_OF.get(name, name)
            sums[kind] = sums.get(kind, 0.0) + weight
    loud = {kind for kind, weight in sums.items() if weight >= MIN_TERM}
    return bool(loud & {"words", "form"}) and len(loud) >= 2
