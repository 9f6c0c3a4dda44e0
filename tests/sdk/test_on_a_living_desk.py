"""The client against the real desk: what it sends is taken, and what it waits for comes."""

import contextlib
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from recourse import (
    Conflict,
    Decision,
    Desk,
    NoDecisionYet,
    NotFound,
    Package,
    Refused,
    Rejected,
    Unauthorised,
    Withdrawn,
    verify_callback,
)

from escalation.demo import agent as demo
from escalation.machine.programs import until
from tests.fixtures.living_desk import LivingDesk


@pytest.fixture
def scene(desk: LivingDesk):
    """A role with a reviewer and an agent of this test's own."""
    role = f"sdk-{uuid.uuid4().hex[:8]}"
    return desk.furnish(role) | {"desk": desk, "role": role}


@pytest.fixture
def client(desk: LivingDesk, scene):
    with Desk(desk.base_url, scene["key"]) as connected:
        yield connected


def a_stop(scene, **more) -> Package:
    stop = Package("My parcel never came", tenant="nordic-retail", role=scene["role"], **more)
    stop.tool_call("get_order", {"order": "W88"}, {"total": "412.50"}, must_read=True)
    stop.trigger("confidence", "refund_classification", 0.62, "<", 0.8)
    stop.propose("issue_refund", {"order": "W88"}, amount=("412.50", "USD"))
    stop.approve("Refund in full", ("$412.50 leaves the account today", False))
    stop.reject("Refuse", "The customer is told no")
    return stop.ask("Refund order W88 for $412.50?")


def awaiting(client: Desk, scene, **more):
    case = client.open(a_stop(scene, **more))
    assert until(lambda: client.case(case.reference).status == "awaiting", 60)
    return case


def decided(client, reviewer, reference) -> bool:
    """Decide as somebody does who tries again when the page breaks off."""
    with contextlib.suppress(httpx.TransportError, AssertionError):
        reviewer.decide(reference)
    return client.case(reference).status == "decided"


def test_a_stop_waits_through_a_killed_web_process_and_goes_on(client, scene, as_reviewer):
    case = awaiting(client, scene, state={"thread": 8841})
    reviewer = as_reviewer(scene["sessions"][0])

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.wait, case.reference, 90)
        assert not until(waiting.done, 0.5)
        scene["desk"].kill("web")
        assert until(scene["desk"].is_ready, 60)
        assert until(lambda: decided(client, reviewer, case.reference), 60)
        decision = waiting.result()

    assert isinstance(decision, Decision)
    assert (decision.option, decision.permitted, decision.parameters) == ("approve", True, {})
    assert (decision.state, decision.digest) == ({"thread": 8841}, case.digest)
    client.resume(case.reference, "succeeded", "refunded")
    client.resume(case.reference, "succeeded", "said twice, recorded once")
    with pytest.raises(Conflict):
        client.resume(case.reference, "failed")
    with pytest.raises(Conflict):
        client.withdraw(case.reference, "too late")
    assert client.case(case.reference).decision == decision


def test_the_same_package_opens_one_case_and_a_reused_key_none(client, scene):
    stop = a_stop(scene)
    first, second = client.open(stop), client.open(stop)

    assert (first.id, first.replayed, second.id, second.replayed) == (
        *(first.id, False),
        *(first.id, True),
    )
    with pytest.raises(Rejected) as refusal:
        for question in ("one", "another"):
            client.open(stop.ask(question), idempotency_key=f"{scene['role']}-key")
    assert refusal.value.slug == "idempotency-key-reused"


def test_a_case_that_is_taken_back_will_never_be_decided(client, scene):
    case = awaiting(client, scene)

    with pytest.raises(NoDecisionYet):
        client.wait(case.reference, timeout=1)
    more = [{"key": "s9", "kind": "message", "at": "2026-03-02T09:00:00Z", "text": "It came!"}]
    assert client.add_steps(case.reference, more).digest != case.digest
    assert client.withdraw(case.reference, "the parcel came").status == "withdrawn"
    with pytest.raises(Withdrawn):
        client.wait(case.reference)
    with pytest.raises(Conflict):
        client.add_steps(case.reference, [more[0] | {"key": "s10"}])


def test_an_agent_sees_its_own_cases_page_after_page(client, scene):
    stops = [a_stop(scene, run=f"run-{number % 2}") for number in range(53)]
    opened = [client.open(stop, idempotency_key=f"{number}") for number, stop in enumerate(stops)]

    references = [case.reference for case in reversed(opened)]
    assert [case.reference for case in client.cases()] == references
    assert [case.reference for case in client.cases(run="run-0")] == references[::2]


def test_refusals_say_where_and_why(client, scene):
    body = a_stop(scene).body() | {"colour": "red"}
    body["question"]["options"][0]["consequences"] = []

    with pytest.raises(Rejected) as refusal:
        client.open(body)

    assert {problem.pointer for problem in refusal.value.problems} == {
        *("/colour", "/question/options/0/consequences")
    }
    with pytest.raises(NotFound):
        client.case("ESC-999999999")
    with Desk(scene["desk"].base_url, "rk_wrong") as stranger, pytest.raises(Unauthorised):
        stranger.case("ESC-1001")


def test_a_callback_of_the_desk_is_genuine(client, scene, sink, as_reviewer):
    case = awaiting(client, scene, callback_url=sink.url)
    as_reviewer(scene["sessions"][0]).decide(case.reference)

    call = sink.wait_for(case.reference, seconds=60)
    event = verify_callback(call.headers, call.body, scene["secret"])

    assert (event["type"], event["data"]["reference"]) == ("case.decided", case.reference)


TAKE_PART = """
from django.utils.timezone import now
from escalation.actors import OPERATOR
from escalation.models import Case, User
from reviewers.memberships import join_role
case = Case.objects.get(number={number})
join_role(case.role, User.objects.get(username={name!r}), by=OPERATOR, at=now())
"""


def test_the_demo_agent_stops_on_a_real_desk_and_goes_on(client, scene, as_reviewer, capsys):
    stopping = threading.Event()
    agent = demo.DemoAgent(client, pause=lambda: 60.0, hurry=0.01)
    living = threading.Thread(target=agent.work, args=(stopping,), daemon=True)
    living.start()
    try:
        assert until(lambda: [*client.cases(run=demo.RUN, status="awaiting")], 60)
        (case,) = client.cases(run=demo.RUN)
        name = f"{scene['role']}-1"
        number = int(case.reference.removeprefix("ESC-"))
        scene["desk"].shell(TAKE_PART.format(number=number, name=name))
        as_reviewer(scene["sessions"][0]).decide(case.reference, "reject")
        said = []
        assert until(
            lambda: said.append(capsys.readouterr().out) or "".join(said).count("\n") >= 3, 10
        )
    finally:
        stopping.set()
        living.join(10)
    asked, decided, done = "".join(said).splitlines()
    assert asked.endswith(f"I stop and ask: {case.reference}.")
    assert decided.startswith(f"{name} decided {case.reference} with “reject”: ")
    assert done.startswith(f"{case.reference}: ")
    with pytest.raises(Conflict, match="already"):
        client.resume(case.reference, "failed")


def test_documents_of_several_mebibytes_are_taken_at_once_and_those_beyond_25_refused(
    client, scene
):
    case = awaiting(client, scene)
    bodies = {f"scan-{n}": bytes([n]) + b"%PDF-1.7" * 500_000 for n in range(4)}

    with ThreadPoolExecutor(4) as pool:
        sent = [
            pool.submit(client.attach, case.reference, body, name) for name, body in bodies.items()
        ]
        digests = {one.result().digest for one in sent}
    with pytest.raises(Refused) as refused:
        client.attach(case.reference, b"x" * (27 * 1024 * 1024), "Too large")

    assert len(digests) == 4
    assert (refused.value.status, refused.value.slug) == (413, "body-too-large")
