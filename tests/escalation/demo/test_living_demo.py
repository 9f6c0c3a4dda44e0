"""What a stranger does with ``up --demo``: signs in, decides, and sees the agent go on."""

import os
import re
from contextlib import closing
from pathlib import Path

import pytest

from escalation.machine.programs import until
from tests.fixtures.callers import ReviewerCaller, read_form
from tests.fixtures.living_desk import LivingDesk

pytestmark = pytest.mark.living


def test_a_stranger_signs_in_decides_and_sees_the_agent_go_on(tmp_path: Path):
    # the socket of PostgreSQL stands in this folder, and a socket's path may not be long
    desk = LivingDesk(Path(os.environ["RECOURSE_VAR"]) / "demo", "--demo", "--port", "0")
    desk.up()
    try:
        with closing(ReviewerCaller(desk)) as visitor:
            look_around(desk, visitor)
    finally:
        desk.stop()


def look_around(desk: LivingDesk, visitor: ReviewerCaller) -> None:
    form = read_form(visitor.client.get("/sign-in/").text).fields
    form |= {"username": "reviewer", "password": "reviewer"}
    assert visitor.client.post("/sign-in/", data=form).status_code == 302
    references = sorted(
        reference
        for view in ("", "?view=held", "?view=asked")
        for reference in set(re.findall(r"ESC-\d+", visitor.client.get(f"/queue/{view}").text))
    )
    assert len(references) == len(set(references)) >= 18
    for reference in references:
        assert visitor.client.get(f"/cases/{reference}/").status_code == 200

    chat = next(
        reference
        for reference in references
        if "Who takes this chat?" in visitor.client.get(f"/cases/{reference}/").text
    )
    assert visitor.decide(chat, "me").status_code == 302

    goes_on = f"{chat}: Took the way that was chosen instead: me."
    assert until(lambda: goes_on in desk.said(), 60), desk.said()
    assert until(lambda: "I stop and ask: ESC-" in desk.said(), 60), desk.said()
    assert until(lambda: resumed(desk, chat), 60)
    desk.kill("agent")
    assert until(lambda: desk.said().count("from before") == 2, 60), desk.said()


def resumed(desk: LivingDesk, reference: str) -> bool:
    number = int(reference.removeprefix("ESC-"))
    with desk.connect() as connection:
        query = """SELECT count(*) FROM escalation_resumption AS said
                   JOIN escalation_case AS stop ON stop.id = said.case_id WHERE stop.number = %s"""
        found = connection.execute(query, [number]).fetchone()
    return found == (1,)
