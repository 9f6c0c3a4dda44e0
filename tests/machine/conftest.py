import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder that a server's socket can stand in; its path is short, as a socket's must be."""
    folder = Path(tempfile.mkdtemp(prefix="m-", dir=os.environ["RECOURSE_VAR"]))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
