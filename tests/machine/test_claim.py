import os
import sys

import psutil
import pytest

from escalation.machine import claim


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it is told by the wall clock alone")
def test_a_process_is_the_same_after_the_clock_was_set(monkeypatch: pytest.MonkeyPatch):
    before = claim.born(os.getpid())
    monkeypatch.setattr(psutil.Process, "create_time", lambda _self: 0.0)  # an hour earlier, say

    assert claim.born(os.getpid()) == before
    assert before
