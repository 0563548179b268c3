"""The pre-publish gate, with pre-commit itself, on a Markdown site that is kept in git."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from cli_tools import BODY, LEAD, ROOT, process

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed"),
]
INSTALL_TIME = 300  # seconds: pre-commit makes an environment and installs the package with pip
COPIED = "src", "models", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"
HOOK = """
repos:
  - repo: {folder}
    rev: {revision}
    hooks:
      - id: injectclean
"""
FRONT = "---\ntitle: Hội nghị tổng kết công tác dân vận\n---\n"
HONEST = f"Tham dự tại điểm cầu huyện có đồng chí Phó Bí thư Thường trực Huyện ủy. {LEAD}\n"
INJECTED = (
    "Tham dự tại điểm cầu sòng bài online uy tín\n, có đồng chí Phó Bí thư Huyện ủy. "
    f"{LEAD}\n\nTrong đó, sòng bài online uy tín\ncó 2 tập thể được nhận Bằng khen.\n"
)
REST = f"\n{BODY}\n"


@dataclass(frozen=True)
class Git:
    """A git repository, with an environment that no other repository or setting reaches."""

    folder: Path
    env: dict[str, str]

    def __call__(self, *arguments: object) -> subprocess.CompletedProcess[bytes]:
        words = ["git", *map(str, arguments)]
        return process(words, cwd=str(self.folder), env=self.env, timeout=INSTALL_TIME)

    def must(self, *arguments: object) -> str:
        """Run what has to work; returns what it printed."""
        done = self(*arguments)
        assert done.returncode == 0, (done.stdout + done.stderr).decode()
        return done.stdout.decode().strip()

    def subjects(self) -> list[str]:
        """The subjects of all commits, newest first."""
        return self.must("log", "--format=%s").splitlines()


def repository(folder: Path, home: Path) -> Git:
    """A new repository; ``home`` is pre-commit's."""
    env = {
        key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PYTHON"))
    }
    env |= {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "PRE_COMMIT_HOME": str(home),
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), env["PATH"])),
    }
    for role in ("AUTHOR", "COMMITTER"):
        env |= {f"GIT_{role}_NAME": "Test", f"GIT_{role}_EMAIL": "test@example.invalid"}
    folder.mkdir(exist_ok=True)
    git = Git(folder, env)
    git.must("init", "-q")
    return git


def working_tree() -> list[str]:
    """The files of this checkout that the hook needs, committed or not, but for ignored ones."""
    listed = process(
        ["git", "ls-files", "-z", "-co", "--exclude-standard", "--", *COPIED], cwd=str(ROOT)
    )
    names = listed.stdout.decode().split("\0") if listed.returncode == 0 else []
    if not names:  # not a clone: an unpacked source archive
        names = [
            str(path.relative_to(ROOT))
            for top in COPIED
            for path in ((ROOT / top).rglob("*") if (ROOT / top).is_dir() else [ROOT / top])
        ]
    return [name for name in names if (ROOT / name).is_file() and "__pycache__" not in name]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Git:
    """A site whose commits pass through the hook of this working tree, with one commit."""
    folder = tmp_path_factory.mktemp("gate")
    home = folder / "pre-commit"
    tool = repository(folder / "injectclean", home)
    for name in working_tree():
        target = tool.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    tool.must("add", "-A")
    tool.must("commit", "-q", "-m", "working tree")
    revision = tool.must("rev-parse", "HEAD")
    site = repository(folder / "site", home)
    (site.folder / "content").mkdir()
    configuration = HOOK.format(folder=tool.folder, revision=revision)
    (site.folder / ".pre-commit-config.yaml").write_text(configuration, encoding="utf-8")
    site.must("add", "-A")
    site.must("commit", "-q", "-m", "set up")
    for step in (["install"], ["install-hooks"]):
        done = process(
            [sys.executable, "-m", "pre_commit", *step],
            cwd=str(site.folder), env=site.env, timeout=INSTALL_TIME,
        )  # fmt: skip
        assert done.returncode == 0, (done.stdout + done.stderr).decode()
    return site


def publish(site: Git, text: str, subject: str) -> subprocess.CompletedProcess[bytes]:
    """Write the post and commit it, as an editor would."""
    (site.folder / "content" / "post.md").write_text(text, encoding="utf-8")
    site.must("add", "content/post.md")
    return site("commit", "-m", subject)


def test_a_post_with_an_injection_is_refused_with_its_place(site: Git) -> None:
    before = site.subjects()

    done = publish(site, FRONT + INJECTED + REST, "a bad post")

    printed = (done.stdout + done.stderr).decode()
    assert done.returncode == 1, printed
    assert "content/post.md:4:" in printed
    assert "sòng bài online uy tín" in printed
    assert site.subjects() == before


def test_a_clean_post_is_published(site: Git) -> None:
    done = publish(site, FRONT + HONEST + REST, "a good post")

    assert done.returncode == 0, (done.stdout + done.stderr).decode()
    assert site.subjects()[0] == "a good post"


def test_the_post_is_published_once_the_injection_is_gone(site: Git) -> None:
    refused = publish(site, FRONT + INJECTED + REST + "\nTái bút.\n", "at first")

    done = publish(site, FRONT + HONEST + REST + "\nTái bút.\n", "at second")

    assert (refused.returncode, done.returncode) == (1, 0)
    assert site.subjects()[0] == "at second"
    assert "at first" not in site.subjects()
