"""``injectclean profile``: learn the lines that repeat across the pages of one site."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from injectclean.commands.inputs import find_inputs, read_input
from injectclean.commands.outfile import FileOut, require_apart
from injectclean.commands.streams import Stdout, say
from injectclean.config import Config
from injectclean.document import decode, shown
from injectclean.errors import ConfigError, InputError
from injectclean.profile import LEAST_PAGES, SiteProfile, learn_profile


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what profile takes."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="pages of one site, or folders")
    parser.add_argument("-o", "--output", metavar="FILE", help="profile to write (default: stdout)")
    parser.add_argument("--encoding", help="the pages' encoding (default: UTF-8)")


def run(options: argparse.Namespace) -> int:
    """Learn from the pages, and return the exit code: 3 where one was not read."""
    require_apart(options.output, (given.path for given in find_inputs(options.paths)))
    pages = _Pages(options)
    profile = learn_profile(pages)
    if profile.pages < LEAST_PAGES:
        raise ConfigError(
            f"{LEAST_PAGES} pages at least make a profile; {profile.pages} could be read"
        )
    _write(profile, options.output)
    say(f"pages: {profile.pages}, lines that repeat: {len(profile.lines)}")
    return 3 if pages.unread else 0


class _Pages:
    """The texts of the pages that can be read; the others are named."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self.unread = 0

    def __iter__(self) -> Iterator[str]:
        for given in find_inputs(self._options.paths):
            try:
                if given.problem is not None:
                    raise InputError(given.problem.kind, given.problem.message)
                data = read_input(given.path, Config().max_bytes).data
                document = decode(data, path=shown(given.path), encoding=self._options.encoding)
                if document.source.problem is not None:
                    problem = document.source.problem
                    raise InputError(problem.kind, problem.message)
                yield document.text
            except InputError as error:
                say(str(error))
                self.unread += 1


def _write(profile: SiteProfile, path: str | None) -> None:
    with Stdout() if path is None else FileOut(path) as out:
        out.write(profile.to_json().encode("utf-8"))
