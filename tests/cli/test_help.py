"""What the commands are for is told at once: none of them is imported for it."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from ebook_pipeline.cli import COMMANDS, ebooks

ASK = """
import sys
from ebook_pipeline.cli import ebooks
try:
    ebooks(["--help"])
finally:
    names = {f"ebook_pipeline.cli.{name}" for name in sys.argv[1:]}
    sys.exit(f"imported: {names & sys.modules.keys()}" if names & sys.modules.keys() else 0)
"""


def test_help_imports_no_command() -> None:
    command = [sys.executable, "-c", ASK, *set(COMMANDS.values())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_of_each_command_what_it_says_itself(name: str) -> None:
    shown = " ".join(CliRunner().invoke(ebooks, ["--help"]).output.split())
    itself = CliRunner().invoke(ebooks, [name, "--help"]).output.split("\n\n")[1]
    assert f" {name} {' '.join(itself.split())}" in shown
