"""What the tests of the command line share: a folder whose findings no model decides."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "seeds"
SPAM = "nhà cái thử88 số một"
COUNTER = "bộ đếm thử nghiệm chín chín"
LEAD = (
    "Sáng nay, Ủy ban nhân dân xã tổ chức hội nghị tổng kết phong trào xây dựng nông thôn mới, "
    "với sự tham dự của hơn một trăm đại biểu đến từ mười hai thôn trong toàn xã."
)
BODY = (
    "Theo báo cáo, trong năm qua bà con đã hiến hơn ba nghìn mét vuông đất để mở rộng đường, "
    "sửa hai cây cầu và trồng thêm bốn cây số đường hoa dọc theo các tuyến đường liên thôn."
)
CLEAN = f"{LEAD}\n{BODY}\n"
INJECTED = (
    f"{LEAD}\nTham dự tại điểm cầu {SPAM}\n, có lãnh đạo huyện và đại diện các ban.\n{BODY}\n"
)
CLEANED = f"{LEAD}\nTham dự tại điểm cầu […], có lãnh đạo huyện và đại diện các ban.\n{BODY}\n"
FURNITURE = f"{LEAD}\n{BODY}\n{COUNTER}\n"
CONFIG = f"""
disable = ["injected", "boilerplate"]

[[rules]]
id = "house"
phrase = "{SPAM}"
category = "injected/gambling"
reason = "a made-up betting house"
match = ["đến {SPAM} ngay"]
no_match = ["nhà cái không phải là từ lạ"]

[[rules]]
id = "counter"
phrase = "{COUNTER}"
category = "boilerplate/visitor-counter"
reason = "a made-up counter"
match = ["{COUNTER}"]
no_match = ["bộ đếm này khác"]
"""
ALLOW = """
[[allow]]
text = "{text}"
reason = "the author wrote it so"
"""


class Run(NamedTuple):
    """What a run of the command line gave."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """Standard output as text."""
        return self.out.decode("utf-8", "surrogateescape")


def write_folder(path: Path, *, extra: str = "") -> Path:
    """Make a folder with the configuration, and nothing else yet."""
    path.mkdir(parents=True)
    (path / "injectclean.toml").write_text(CONFIG + extra, encoding="utf-8")
    return path


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def put(folder: Path, **texts: str) -> None:
    """Write documents: ``put(folder, a=INJECTED)`` makes ``a.txt``."""
    for name, text in texts.items():
        (folder / f"{name}.txt").write_bytes(text.encode("utf-8", "surrogateescape"))


def command(*arguments: object) -> list[str]:
    """The command line as a process's arguments."""
    return [sys.executable, "-m", "injectclean", *map(str, arguments)]


def environment(**changes: str) -> dict[str, str]:
    """This process's environment, with the package in reach, and changes."""
    return {**os.environ, "PYTHONPATH": str(ROOT / "src"), **changes}


def process(arguments: list[str], **options: object) -> subprocess.CompletedProcess[bytes]:
    """Run a process to its end, at most a minute."""
    settings = {"env": environment(), "capture_output": True, "timeout": 60, **options}
    return subprocess.run(arguments, check=False, **settings)  # type: ignore[call-overload, no-any-return]


def shell(script: str, *arguments: object, **options: object) -> subprocess.CompletedProcess[bytes]:
    """Run the command line as ``"$@"`` of a shell script, for redirections and limits."""
    return process(["/bin/sh", "-c", script, "sh", *command(*arguments)], **options)
