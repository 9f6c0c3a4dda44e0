"""All of a real recording, where there is one: RECORDED_RUNS names it, else ../shared/data holds it."""

import io
import json
import os
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import call_command

from escalation.machine.bootstrap import ROOT
from escalation.models import Case, Evidence

BESIDE = Path(ROOT).parent / "shared/data/airline-runs.jsonl"
RECORDING = Path(os.environ.get("RECORDED_RUNS") or BESIDE)


@pytest.mark.django_db
@pytest.mark.skipif(not RECORDING.exists(), reason=f"there is no recording at {RECORDING}")
def test_every_call_of_a_real_recording_passes_the_one_door(tmp_path):
    said, truth = io.StringIO(), tmp_path / "truth.jsonl"

    call_command("import_runs", str(RECORDING), json=True, truth=truth, stdout=said)

    runs = [json.loads(line) for line in RECORDING.read_text(encoding="utf-8").splitlines()]
    calls = [
        (run["run"], act["step"], act.get("correct")) for run in runs for act in run["actions"]
    ]
    assert json.loads(said.getvalue())["opened"] == len(calls) == Case.objects.count()
    known = [json.loads(line) for line in truth.read_text(encoding="utf-8").splitlines()]
    assert [(one["run"], one["step"], one["correct"]) for one in known] == calls
    assert Counter(Case.objects.values_list("run", flat=True)) == Counter(run for run, *_ in calls)
    assert all(case.firings.exists() for case in Case.objects.all())
    # what a call answered is known only after it was made, and so is what was right
    for case in Case.objects.all():
        step = case.state["step"]
        keys = Evidence.objects.filter(case=case, key__startswith="s").values_list("key", flat=True)
        assert all(int(key[1:]) < step for key in keys)
        assert not {"correct", "reward"} & set(json.loads(bytes(case.packages.get().body)))
