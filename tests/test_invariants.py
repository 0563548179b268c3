"""The ten invariants (docs: design, section 5), on texts as they are met, disguised and damaged.

They hold whatever the model says: a scanner that acts on next to nothing and one that acts on the
faintest suspicion must both keep them, and one whose findings come from rules alone.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import re
import subprocess
import sys
import unicodedata
from collections import Counter
from functools import cache
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import strategies
from checks import check_seams
from hypothesis import given, settings
from hypothesis import strategies as st

import injectclean
from injectclean import Report, Scanner, restore
from injectclean.config import make_config
from injectclean.document import decode, encode
from injectclean.errors import InputError, RestoreError
from injectclean.parts import Parts
from injectclean.report import CATEGORIES, VERDICTS
from injectclean.spans import apply_edits

SEEDS = sorted((Path(__file__).parents[1] / "seeds").glob("*.txt"))
RULES = [
    {
        "id": f"phrase {number}",
        "phrase": phrase,
        "category": "injected/other",
        "match": [phrase],
        "no_match": ["bà con được mùa"],
    }
    for number, phrase in enumerate(strategies.PHRASES)
]
LEVELS = (0.3, 0.5, 0.6, 0.8)  # of doubt, twice; from which findings are reported; and acted on
EAGER = {"report_threshold": 0.02, "clean_threshold": 0.05}
CONFIGS: dict[str, dict[str, Any]] = {
    "default": {},
    "doubtful": {"report_threshold": LEVELS[0], "clean_threshold": 0.8},
    "eager": EAGER,
    "eager, no gap": {**EAGER, "gap": ""},
    "rules": {"rules": RULES},
    "rules, no gap": {"rules": RULES, "gap": "", "disable": ["boilerplate"]},
    "rules alone, no gap": {"rules": RULES, "gap": "", "disable": ["boilerplate", "injected"]},
}
CONFIGS["flags"] = {
    "rules": [{**rule, "action": "flag"} for rule in RULES],
    "disable": ["boilerplate"],
}
EXAMPLES = settings(deadline=None, derandomize=True, max_examples=80)

scanners = st.sampled_from(sorted(CONFIGS))
seeds_and_scanners = pytest.mark.parametrize("name", sorted(CONFIGS))
each_seed = pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.stem[:3])


@cache
def scanner(name: str) -> Scanner:
    return Scanner(config=make_config(CONFIGS[name]))


@cache
def seed_text(path: Path) -> str:
    return path.read_bytes().decode()


def as_json(report: Report, text: str) -> str:
    return json.dumps(report.to_dict(text), ensure_ascii=True, allow_nan=False)


def test_the_five_seeds_are_there() -> None:
    assert len(SEEDS) == 5


def test_the_examples_do_make_edits() -> None:
    # Otherwise all below would hold of nothing.
    for name in sorted({*CONFIGS} - {"flags"}):
        edited = []
        for phrase in strategies.PHRASES:
            carriers = (carrier.format(phrase) for carrier in strategies.CARRIERS)
            edited += scanner(name).scan("\n".join([*strategies.PARAGRAPHS, *carriers])).edits
        assert edited, name


# 1. Findings lie in the text, and say what stands there.


def check_findings(report: Report, text: str) -> None:
    for finding in report.findings:
        assert 0 <= finding.span.start < finding.span.end <= len(text)
        assert finding.text == text[finding.span.start : finding.span.end]
        assert finding.category in CATEGORIES
        assert 0.0 <= finding.score <= 1.0
        assert finding.reason
        assert (finding.action == "flag") or finding.edit is not None
        if finding.edit is not None:
            edit = report.edits[finding.edit]
            assert edit.start <= finding.span.start
            assert finding.span.end <= edit.end
    places = [(f.span.start, -f.span.end, f.category) for f in report.findings]
    assert places == sorted(places)
    assert report.verdict in VERDICTS


@EXAMPLES
@given(strategies.documents, scanners)
def test_findings_say_what_stands_at_their_place(text: str, name: str) -> None:
    check_findings(scanner(name).scan(text), text)


@each_seed
@seeds_and_scanners
def test_findings_in_the_seeds_say_what_stands_at_their_place(seed: Path, name: str) -> None:
    check_findings(scanner(name).scan(seed_text(seed)), seed_text(seed))


# 2. The edits of the report alone make the cleaned text.


def check_edits(text: str, name: str) -> None:
    result = scanner(name).clean(text)
    edits = result.report.edits
    assert all(a.end <= b.start for a, b in itertools.pairwise(edits))
    assert all(text[e.start : e.end] == e.original != e.replacement for e in edits)
    assert apply_edits(text, edits) == result.text
    named = {finding.edit for finding in result.report.findings}
    assert named >= set(range(len(edits))), "every edit has a finding that asked for it"


@EXAMPLES
@given(strategies.documents, scanners)
def test_edits_alone_make_the_cleaned_text(text: str, name: str) -> None:
    check_edits(text, name)


@each_seed
@seeds_and_scanners
def test_edits_alone_make_the_cleaned_seeds(seed: Path, name: str) -> None:
    check_edits(seed_text(seed), name)


# 3. What was cleaned can be restored, to the byte; what was not is an error.


@EXAMPLES
@given(strategies.documents, scanners)
def test_restore_gives_the_text_back(text: str, name: str) -> None:
    result = scanner(name).clean(text)

    assert restore(result.text, result.report) == text


@EXAMPLES
@given(
    strategies.raw_bytes,
    st.sampled_from([("", "utf-8"), ("\ufeff", "utf-8"), ("\ufeff", "utf-16-le")]),
    scanners,
)
def test_restore_gives_the_files_bytes_back(data: bytes, form: tuple[str, str], name: str) -> None:
    mark, encoding = form
    if encoding != "utf-8":
        data = data.decode("utf-8", "ignore").encode(encoding)
    data = mark.encode(encoding) + data
    try:
        document = decode(data)
    except InputError:
        return

    result = scanner(name).clean_document(document)
    written = encode(result.text, document.source)
    again = decode(written)

    assert encode(restore(again.text, result.report), document.source) == data


@each_seed
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_restore_gives_the_seeds_bytes_back(seed: Path, newline: str, encoding: str) -> None:
    data = seed_text(seed).replace("\n", newline).encode(encoding)
    document = decode(data)

    result = scanner("default").clean_document(document)
    again = decode(encode(result.text, document.source))

    assert encode(restore(again.text, result.report), document.source) == data


@EXAMPLES
@given(strategies.documents, scanners, st.data())
def test_another_text_is_never_restored(text: str, name: str, data: st.DataObject) -> None:
    result = scanner(name).clean(text)
    place = data.draw(st.integers(0, len(result.text)))
    other = result.text[:place] + "x" + result.text[place:]

    with pytest.raises(RestoreError):
        restore(other, result.report)


def test_a_report_whose_edits_were_changed_restores_nothing() -> None:
    text = f"{strategies.PARAGRAPHS[0]}\nTham dự tại {strategies.PHRASES[0]}, có đồng chí."
    result = scanner("rules").clean(text)
    data = result.report.to_dict(text)
    data["edits"][0]["original"] = data["edits"][0]["original"].upper()

    with pytest.raises(RestoreError, match="do not give its source back"):
        restore(result.text, Report.from_dict(data))


# 4. Cleaning the cleaned text changes nothing.


def check_settled(text: str, name: str) -> None:
    once = scanner(name).clean(text)
    twice = scanner(name).clean(once.text)
    assert twice.text == once.text
    assert twice.report.edits == ()
    assert all(finding.action == "flag" for finding in twice.report.findings)


@EXAMPLES
@given(strategies.documents, scanners)
def test_cleaning_twice_is_cleaning_once(text: str, name: str) -> None:
    check_settled(text, name)


@each_seed
@seeds_and_scanners
def test_cleaning_the_seeds_twice_is_cleaning_once(seed: Path, name: str) -> None:
    check_settled(seed_text(seed), name)


def test_a_removal_that_uncovers_a_phrase_is_followed_by_another() -> None:
    inner, outer = strategies.PHRASES[0], strategies.PHRASES[1]
    head, tail = outer.split(" ", 1)
    text = f"{strategies.PARAGRAPHS[0]}\nĐoàn đến thăm {head} {inner} {tail} vào sáng nay."

    result = scanner("rules alone, no gap").clean(text)

    assert result.text == f"{strategies.PARAGRAPHS[0]}\nĐoàn đến thăm vào sáng nay."
    check_settled(text, "rules alone, no gap")
    check_settled(text, "rules, no gap")


# 5. Nothing outside an edit changes.

HONEST = [
    "\n".join(strategies.PARAGRAPHS),
    "\r\n".join(strategies.PARAGRAPHS) + "\r\n",
    "\r".join(strategies.PARAGRAPHS),
    unicodedata.normalize("NFD", "\n".join(strategies.PARAGRAPHS)),
    "  \ufeff" + "\n\n\n\t".join(strategies.PARAGRAPHS).replace(" vụ", "\u00a0 vụ") + "\n \n",
    "\u200b".join(strategies.PARAGRAPHS) + " 👍🏽 \ud800",
]


@pytest.mark.parametrize("text", HONEST)
def test_clean_text_comes_out_as_it_went_in(text: str) -> None:
    result = scanner("default").clean(text)

    assert result.text == text
    assert result.report.edits == ()
    assert result.report.verdict == "pass"


@EXAMPLES
@given(strategies.documents, scanners)
def test_what_lies_outside_the_edits_is_in_the_cleaned_text_unchanged(text: str, name: str) -> None:
    result = scanner(name).clean(text)
    edits = result.report.edits

    bounds = [0, *(place for e in edits for place in (e.start, e.end)), len(text)]
    kept = [text[a:b] for a, b in zip(bounds[::2], bounds[1::2], strict=True)]

    pattern = re.escape(kept[0])
    for edit, part in zip(edits, kept[1:], strict=True):
        pattern += re.escape(edit.replacement) + re.escape(part)
    assert re.fullmatch(pattern, result.text)


# 6. The same input gives the same report, whatever else is done.

SCRIPT = """
import json, sys
import injectclean
texts = json.load(sys.stdin)
order = list(range(len(texts)))
if sys.argv[1] == "backwards":
    order.reverse()
found = {}
for index in order:
    result = injectclean.clean(texts[index])
    found[index] = [result.text, result.report.to_dict(texts[index])]
json.dump([found[index] for index in range(len(texts))], sys.stdout)
"""


def mixed_texts() -> list[str]:
    rng = random.Random(6)
    texts = [seed_text(path) for path in SEEDS]
    for phrase in strategies.PHRASES:
        lines = [*strategies.PARAGRAPHS, *strategies.FURNITURE, *strategies.PROMOTIONS]
        lines += [carrier.format(phrase) for carrier in strategies.CARRIERS]
        rng.shuffle(lines)
        texts.append("\n".join(lines))
    return texts


def run_script(order: str, hash_seed: str, folder: Path) -> bytes:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    source = Path(injectclean.__file__).parents[1]
    environment["PYTHONPATH"] = os.pathsep.join([str(source), environment.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, order],
        input=json.dumps(mixed_texts()).encode(),
        capture_output=True,
        check=True,
        env=environment,
        cwd=folder,
    )
    return done.stdout


def test_reports_do_not_depend_on_hash_seed_order_or_folder(tmp_path: Path) -> None:
    first = run_script("forwards", "0", Path.cwd())

    assert run_script("backwards", "1", tmp_path) == first
    assert run_script("forwards", "4711", tmp_path) == first


def test_reports_do_not_depend_on_the_number_of_jobs() -> None:
    texts = mixed_texts()
    one = list(scanner("default").clean_many(texts, jobs=1))

    two = list(scanner("default").clean_many(texts, jobs=2))

    assert [as_json(r.report, t) for r, t in zip(two, texts, strict=True)] == [
        as_json(r.report, t) for r, t in zip(one, texts, strict=True)
    ]
    assert [r.text for r in two] == [r.text for r in one]


@EXAMPLES
@given(st.lists(strategies.documents, max_size=4), strategies.documents, scanners)
def test_a_report_does_not_depend_on_what_was_scanned_before(
    before: list[str], text: str, name: str
) -> None:
    first = as_json(scanner(name).scan(text), text)

    for other in before:
        scanner(name).scan(other)

    assert as_json(scanner(name).scan(text), text) == first


def test_a_report_says_nothing_of_time_or_place() -> None:
    text = seed_text(SEEDS[0])
    report = as_json(scanner("default").scan(text), text)

    assert str(Path.cwd()) not in report
    assert not re.search(r"\b20[2-9]\d-\d\d-\d\dT", report)


# 7. Honest text elsewhere does not dilute a finding.


def honest_words(count: int, seed: int) -> str:
    """Sentences of an article: ``count`` words at least, in an order of their own."""
    rng = random.Random(seed)
    found: list[str] = []
    while sum(len(line.split()) for line in found) < count:
        found.append(" ".join(rng.sample(strategies.PARAGRAPHS, len(strategies.PARAGRAPHS))))
    return "\n".join(found)


@pytest.mark.parametrize("phrase", strategies.PHRASES[:3])
def test_three_hundred_honest_words_on_either_side_lose_no_injected_phrase(phrase: str) -> None:
    text = "\n".join(carrier.format(phrase) for carrier in strategies.CARRIERS)
    text = f"{strategies.PARAGRAPHS[1]}\n{text}\n{strategies.PARAGRAPHS[2]}"
    before, after = honest_words(300, 1) + "\n", "\n" + honest_words(300, 2)
    padded = before + text + after

    assert sum(reported(text, LEVELS[0])[word] for word in phrase.split()) > 0, "nothing is proved"
    for level in LEVELS:
        assert reported(text, level) <= reported(padded, level), level


def test_three_hundred_honest_words_on_either_side_lose_no_finding_of_seed_000() -> None:
    text = seed_text(SEEDS[0])
    before, after = honest_words(300, 3) + "\n", "\n" + honest_words(300, 4)

    for level in LEVELS:
        assert reported(text, level) <= reported(before + text + after, level), level


def reported(text: str, level: float) -> Counter[str]:
    """How often each word stands in injected findings of at least such a score."""
    found = scanner("doubtful").scan(text).findings
    words = [f.text.split() for f in found if f.is_injected and f.score >= level]
    return Counter(word for some in words for word in some)


# 8. Work grows with the size of the text, and with nothing else.

SHAPES = {
    "seeds": lambda: seed_text(SEEDS[0]) + "\n",
    "one line": lambda: " ".join(seed_text(SEEDS[0]).split()) + " ",
    "injected lines": lambda: strategies.CARRIERS[0].format(strategies.PHRASES[0]) + "\n",
    "injected line": lambda: strategies.CARRIERS[3].format(strategies.PHRASES[0]) + " ",
    "promotions": lambda: "\n".join(strategies.PROMOTIONS) + "\n",
    "furniture": lambda: "\n".join(strategies.FURNITURE) + "\n",
    "page": lambda: "\n".join([*strategies.FURNITURE, *strategies.PARAGRAPHS]) + "\n",
    "decomposed": lambda: unicodedata.normalize("NFD", seed_text(SEEDS[0])) + "\n",
    "addresses": lambda: "bet88.com ",
    "quoted": lambda: '"sòng bài" ',
    "letters": lambda: "a",
    "blanks": lambda: " ",
    "no-break spaces": lambda: "\u00a0",
    "line breaks": lambda: "\n",
    "CRLF": lambda: "x\r\n",
    "zero-width": lambda: "\u200b",
    "marks": lambda: "\u0301",
    "dots": lambda: ".",
    "dashes": lambda: "- ",
    "arrows": lambda: "a >> ",
    "brackets": lambda: "[(<",
    "ampersands": lambda: "&amp",
    "ideographs": lambda: "赌",
}


def calls(name: str, text: str) -> int:
    """Calls made for one look at a text: a measure of work that no other process disturbs."""
    count = 0

    def profile(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        scanner(name)._look(text, Parts(scanner(name)._see, scanner(name)._see_rules))
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("shape", SHAPES)
def test_eight_times_the_text_is_eight_times_the_work(shape: str) -> None:
    unit = SHAPES[shape]()
    units = max(1, 10_000 // len(unit))
    article = "\n" + "\n".join(strategies.PARAGRAPHS * 3)
    text = unit * 8 * units
    scanner("rules").scan(text + article)  # so that the caches know every token

    least = calls("rules", article)
    small = calls("rules", unit * units + article) - least
    large = calls("rules", text + article) - least

    # What is worth a second look differs by a third between sizes; a power of 1.1 would be 9.8.
    assert large <= 8.8 * small


def test_two_megabytes_on_one_line_are_scanned_to_both_ends() -> None:
    honest = " ".join(strategies.PARAGRAPHS)
    phrase = strategies.PHRASES[0]
    text = f"{phrase} {honest * (2_000_000 // len(honest.encode()))} {phrase}"

    report = scanner("flags").scan(text)

    assert report.complete
    places = {f.span.start for f in report.findings if f.text == phrase}
    assert places == {0, len(text) - len(phrase)}


def test_twenty_thousand_lines_are_scanned() -> None:
    lines = [*strategies.FURNITURE, *strategies.PARAGRAPHS]
    text = "\n".join(lines * (20_000 // len(lines)))

    result = scanner("default").clean(text)

    assert result.report.complete
    assert restore(result.text, result.report) == text


RUNTIME = [
    f"injectclean.{path.stem}"
    for path in sorted(Path(injectclean.__file__).parent.glob("*.py"))
    if path.stem not in ("__main__", "cli")
]


def unbounded(tree: Any, *, inside: bool = False) -> bool:
    """Whether an unbounded repeat stands inside an unbounded repeat of a parsed pattern."""
    for operator, argument in tree:
        name = str(operator)
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            _low, high, body = argument
            is_unbounded = high == re._constants.MAXREPEAT  # type: ignore[attr-defined]
            if (is_unbounded and inside) or unbounded(body, inside=inside or is_unbounded):
                return True
        elif name == "BRANCH":
            if any(unbounded(branch, inside=inside) for branch in argument[1]):
                return True
        elif name in ("SUBPATTERN", "ASSERT", "ASSERT_NOT", "ATOMIC_GROUP"):
            body = argument if name == "ATOMIC_GROUP" else argument[-1]
            if unbounded(body, inside=inside):
                return True
    return False


@pytest.mark.parametrize("module", RUNTIME)
def test_no_regular_expression_has_a_repeat_in_a_repeat(module: str) -> None:
    patterns = [v for v in vars(import_module(module)).values() if isinstance(v, re.Pattern)]

    for pattern in patterns:
        parsed = re._parser.parse(pattern.pattern, pattern.flags)  # type: ignore[attr-defined]
        assert not unbounded(parsed), pattern.pattern


@pytest.mark.parametrize("pattern", ["(a+)+", "(a*b)*", "(?:a|b+)*c", "(?=(x+)*)"])
def test_the_check_of_regular_expressions_finds_repeats_in_repeats(pattern: str) -> None:
    assert unbounded(re._parser.parse(pattern))  # type: ignore[attr-defined]


# 9. scan and clean, and every way to call them, say the same.


@EXAMPLES
@given(strategies.documents, scanners)
def test_scan_and_clean_give_the_same_report(text: str, name: str) -> None:
    report = scanner(name).scan(text)

    assert scanner(name).clean(text).report == report
    (many,) = scanner(name).clean_many([text])
    assert many.report == report


@EXAMPLES
@given(strategies.documents)
def test_the_functions_give_the_report_of_a_scanner(text: str) -> None:
    report = scanner("default").scan(text)

    assert injectclean.scan(text) == report
    assert injectclean.clean(text).report == report


@EXAMPLES
@given(strategies.documents, scanners)
def test_a_report_survives_json(text: str, name: str) -> None:
    report = scanner(name).scan(text)

    assert Report.from_dict(json.loads(as_json(report, text))) == report


# 10. A removal leaves no trace but its gap.


@EXAMPLES
@given(strategies.documents, scanners)
def test_a_removal_leaves_no_trace(text: str, name: str) -> None:
    check_seams(text, scanner(name).scan(text).edits)


@each_seed
@seeds_and_scanners
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_removal_leaves_no_trace_in_the_seeds(seed: Path, name: str, newline: str) -> None:
    text = seed_text(seed).replace("\n", newline)

    check_seams(text, scanner(name).scan(text).edits)


def test_a_phrase_behind_long_leaders_does_not_take_its_line_along() -> None:
    dots = "." * 250
    first, second, third = strategies.PARAGRAPHS[:3]
    text = f"{first}\n{second} {dots} {strategies.PHRASES[0]} {dots} {third}"

    cleaned = scanner("rules").clean(text).text

    assert all(paragraph in cleaned for paragraph in (first, second, third))
    assert strategies.PHRASES[0] not in cleaned
