"""Telling the agent, against a receiver that really listens on loopback."""

import json
import random
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest
import rfc8785
from django.utils.timezone import now
from standardwebhooks.webhooks import Webhook

from escalation import ledger, lifecycle, resume
from escalation.delivery import deliveries
from escalation.delivery.claims import LEASE
from escalation.delivery.guarded_http import Reply
from escalation.enums import EffectKind
from escalation.models import Delivery, Effect
from escalation.resume import GIVE_UP, Answer, wait_after
from tests.carry import carry, carry_out, plan, take
from tests.factories import NINE, decided_case, package, package_with

pytestmark = pytest.mark.django_db
STALL = "stall"


class Receiver:
    """An agent's end: ``answers`` are given in turn, the last of them for ever."""

    def __init__(self):
        self.answers = [204]
        self.heard = []  # (path, headers in lower case, body)
        self.released = Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                named = {name.lower(): value for name, value in self.headers.items()}
                receiver.heard.append((self.path, named, body))
                answers = receiver.answers
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                if answer == STALL:
                    receiver.released.wait(10)
                    return
                self.send_response(answer)
                if 300 <= answer < 400:
                    self.send_header("Location", receiver.url("/elsewhere"))
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def url(self, path="/hooks", host="127.0.0.1"):
        return f"http://{host}:{self.server.server_port}{path}"


@pytest.fixture
def receiver(settings):
    settings.CALLBACK_ALLOW = ["127.0.0.0/8"]
    made = Receiver()
    thread = Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.released.set()
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def told(url):
    """Return a case that was decided just now, whose agent is to be told at ``url``."""
    return decided_case(sent=package(resume={"callback_url": url, "state": {"n": 1}}), at=now())


def deliver(*cases):
    """Carry out whatever waits, due or not; return what came of it."""
    waiting = Effect.objects.filter(kind="delivery", done_at=None)
    waiting.update(due_at=NINE)
    carry_out(EffectKind.DELIVERY)
    return [(d.status, d.attempts, d.last_error) for d in Delivery.objects.filter(case__in=cases)]


def test_an_agent_is_told_its_decision_signed(receiver):
    case = told(receiver.url())

    assert deliver(case) == [("delivered", 1, "")]

    ((path, headers, body),) = receiver.heard
    delivery, decision = Delivery.objects.get(), case.decisions.get()
    assert path == "/hooks"
    assert headers["content-type"] == "application/json"
    assert headers["webhook-id"] == delivery.webhook_id
    assert Webhook(resume.secret_text(case.agent)).verify(body, headers) == {
        "type": "case.decided",
        "timestamp": ledger.instant(decision.decided_at),
        "data": {
            "id": str(decision.pk),
            "case": str(case.pk),
            "reference": case.reference,
            "option": "approve",
            "outcome": "approve",
            "permitted": True,
            "parameters": None,
            "arguments": {"order": "W88", "amount": "412.50"},
            "reasons": [],
            "rationale": "",
            "decided_by": {
                "kind": "person",
                "name": decision.decided_by.name,
                "role": case.role.slug,
            },
            "decided_at": ledger.instant(decision.decided_at),
            "overturns": None,
            "digest": case.digest,
            "state": {"n": 1},
        },
    }
    line = ledger.history(case)[-1]
    assert (line.action, line.actor, line.facts) == (
        "delivery.delivered",
        "system:courier",
        {"type": "case.decided", "webhook_id": delivery.webhook_id, "attempts": 1, "error": ""},
    )
    assert Effect.objects.get(kind="delivery").done_at is not None


def test_another_agents_secret_does_not_verify_it(receiver):
    case, other = told(receiver.url()), told("https://agent.example/")
    deliver(case)

    _, headers, body = receiver.heard[0]
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(resume.secret_text(other.agent)).verify(body, headers)


def test_what_failed_is_tried_again_with_the_same_id_and_the_same_bytes(receiver):
    receiver.answers = [500, 503, 200]
    case = told(receiver.url())

    came = [deliver(case) for _ in range(3)]

    assert came == [
        [("failing", 1, "answered 500")],
        [("failing", 2, "answered 503")],
        [("delivered", 3, "")],
    ]
    assert len({(headers["webhook-id"], body) for _, headers, body in receiver.heard}) == 1
    assert [line.action for line in ledger.history(case)].count("delivery.delivered") == 1


def test_a_failed_try_is_due_again_after_its_wait(receiver):
    receiver.answers = [500]
    before = now()

    deliver(told(receiver.url()))

    effect = Effect.objects.get(kind="delivery")
    assert before + timedelta(seconds=4) <= effect.due_at <= now() + timedelta(seconds=6)
    assert (effect.lease_until, effect.attempts, effect.last_error) == (None, 1, "answered 500")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(receiver, status):
    receiver.answers = [status]
    case = told(receiver.url())

    assert deliver(case) == [("failing", 1, f"answered {status}: redirects are not followed")]
    assert [path for path, *_ in receiver.heard] == ["/hooks"]


def test_a_receiver_that_says_gone_is_not_asked_again(receiver):
    receiver.answers = [410]
    case = told(receiver.url())

    assert deliver(case) == [("dead", 1, "answered 410: the receiver wants no more")]
    assert deliver(case) == [("dead", 1, "answered 410: the receiver wants no more")]
    assert len(receiver.heard) == 1
    assert ledger.history(case)[-1].action == "delivery.given_up"


def test_a_receiver_that_stalls_is_given_up_on_and_keeps_nobody_waiting(receiver, settings):
    settings.CALLBACK_TIMEOUT = 0.3
    receiver.answers = [STALL, 200]
    stalled, prompt = told(receiver.url()), told(receiver.url())

    came = deliver(stalled, prompt)

    assert sorted(came) == [("delivered", 1, ""), ("failing", 1, "no answer within 0.3 s")]


def test_where_nobody_listens_it_is_tried_again(settings):
    settings.CALLBACK_ALLOW = ["127.0.0.0/8"]
    case = told("http://127.0.0.1:1/")

    ((status, attempts, error),) = deliver(case)

    assert (status, attempts) == ("failing", 1)
    assert error


@pytest.mark.parametrize("name", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1"])
def test_a_name_that_means_this_machine_is_refused_before_anything_connects(
    receiver, settings, name
):
    case = told(receiver.url(host=name))
    settings.CALLBACK_ALLOW = []

    assert deliver(case) == [("dead", 1, f"{name} is a private or reserved address")]
    assert receiver.heard == []


def test_an_address_that_is_no_longer_allowed_is_refused(receiver, settings):
    case = told(receiver.url())
    settings.CALLBACK_ALLOW = []

    assert deliver(case) == [("dead", 1, "127.0.0.1 is a private or reserved address")]
    assert receiver.heard == []


def test_a_proxy_of_the_environment_is_not_asked(receiver, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")

    assert deliver(told(receiver.url())) == [("delivered", 1, "")]


@pytest.mark.parametrize("url", [f"http://{'a' * 64}.example/", "http://a..b.example/"])
def test_a_delivery_that_cannot_be_sent_keeps_no_other_waiting(receiver, url):
    bad, good = told(url), told(receiver.url())

    came = dict(zip(("bad", "good"), deliver(bad, good), strict=True))

    assert came["good"] == ("delivered", 1, "")
    assert came["bad"][:2] == ("failing", 1)


def test_one_that_cannot_be_planned_keeps_no_other_waiting(receiver, monkeypatch):
    bad, good = told(receiver.url()), told(receiver.url())
    plan_one = deliveries._errand

    def broken(due, delivery):
        if delivery.case_id == bad.pk:
            raise RuntimeError("no errand")
        return plan_one(due, delivery)

    monkeypatch.setattr(deliveries, "_errand", broken)

    assert deliver(bad) + deliver(good) == [("pending", 0, ""), ("delivered", 1, "")]


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"retry-after": "120"}, 120),
        (503, {"retry-after": "Fri, 20 Nov 2026 09:02:00 GMT"}, 120),
        (503, {"retry-after": "99999999999999999999"}, 3600),
        (429, {"retry-after": "Fri, 20 Nov 2020 09:02:00 GMT"}, 0),
        (429, {"retry-after": "soon"}, 0),
        (429, {"retry-after": "-5"}, 0),
        (429, {"retry-after": "²"}, 0),
        (429, {}, 0),
        (500, {"retry-after": "120"}, 0),
    ],
)
def test_a_receiver_says_how_long_it_is_to_be_left_alone(status, headers, seconds):
    delivery = Delivery.objects.get(case=decided_case())
    wait = Reply(status, headers, b"").wait(at=NINE)

    resume.record(delivery.pk, Answer("busy", wait=wait), at=NINE)

    assert wait == timedelta(seconds=seconds)
    assert Effect.objects.get(kind="delivery").due_at >= NINE + max(wait, timedelta(seconds=4))


def test_what_is_claimed_is_posted_once_however_often_it_is_looked_for(receiver):
    case = told(receiver.url())

    for _ in range(2):
        deliver(case)

    assert len(receiver.heard) == 1
    assert [line.action for line in ledger.history(case)].count("delivery.delivered") == 1


def test_a_failure_that_comes_late_is_left_to_the_courier_that_took_over(receiver):
    receiver.answers = [500]
    case, at = told(receiver.url()), now() + timedelta(minutes=1)
    late = plan(EffectKind.DELIVERY, take(EffectKind.DELIVERY, at), at)
    take(EffectKind.DELIVERY, at + LEASE)

    carry(late, at + LEASE)

    effect = Effect.objects.get(kind="delivery")
    assert (effect.due_at, effect.claims, effect.attempts) == (at + 2 * LEASE, 2, 0)
    assert Delivery.objects.get(case=case).status == "pending"


def test_what_was_taken_late_is_taken_all_the_same(receiver):
    case, at = told(receiver.url()), now() + timedelta(minutes=1)
    late = plan(EffectKind.DELIVERY, take(EffectKind.DELIVERY, at), at)
    take(EffectKind.DELIVERY, at + LEASE)

    carry(late, at + LEASE)

    assert Delivery.objects.get(case=case).status == "delivered"
    assert Effect.objects.get(kind="delivery").done_at == at + LEASE


def test_a_resumption_stops_what_is_still_to_be_sent(receiver):
    receiver.answers = [500]
    case = told(receiver.url())
    deliver(case)

    lifecycle.mark_resumed(case.pk, "succeeded", by=case.agent, at=now())

    assert deliver(case) == [("resumed", 1, "answered 500")]
    assert len(receiver.heard) == 1


def test_an_answer_that_comes_after_the_agent_went_on_changes_nothing():
    case = told("https://agent.example/")
    delivery = Delivery.objects.get(case=case)
    lifecycle.mark_resumed(case.pk, "succeeded", by=case.agent, at=now())

    resume.record(delivery.pk, Answer("answered 500"), at=now())

    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("resumed", 0)


# When to try again, and when to stop -------------------------------------------------------------


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [(1, 5), (2, 30), (3, 120), (4, 600), (5, 1800), (9, 28800), (10, 28800), (1000, 28800)],
)
def test_the_wait_grows_and_differs_by_a_fifth_at_most(attempts, seconds):
    chance = random.Random(7)
    waits = {wait_after(attempts, chance).total_seconds() for _ in range(200)}

    assert seconds * 0.8 <= min(waits) < seconds * 0.85
    assert seconds * 1.15 < max(waits) <= seconds * 1.2


@pytest.mark.parametrize(
    ("after", "status"),
    [(GIVE_UP - timedelta(seconds=1), "failing"), (GIVE_UP, "dead")],
)
def test_an_agent_that_never_hears_is_given_up_on_after_three_days(after, status):
    case = decided_case()
    delivery = Delivery.objects.get(case=case)

    resume.record(delivery.pk, Answer("answered 500"), at=delivery.created_at + after)

    delivery.refresh_from_db()
    effect = Effect.objects.get(kind="delivery")
    assert (delivery.status, effect.done_at is not None) == (status, status == "dead")
    assert (ledger.history(case)[-1].action == "delivery.given_up") == (status == "dead")


def test_an_error_is_kept_short():
    delivery = Delivery.objects.get(case=decided_case())

    resume.record(delivery.pk, Answer("\x00" + "x" * 10_000), at=NINE)

    delivery.refresh_from_db()
    assert delivery.last_error == "x" * 500


# Without a callback address ----------------------------------------------------------------------


def test_a_decision_without_a_callback_waits_until_the_agent_asks():
    case = decided_case(sent=package_with("/resume/callback_url", None))
    assert list(Effect.objects.filter(kind="delivery")) == []

    for _ in range(2):
        resume.collect(case, by=case.agent, at=NINE)

    delivery = Delivery.objects.get(case=case)
    assert (delivery.status, delivery.delivered_at) == ("delivered", NINE)
    assert [line.action for line in ledger.history(case)].count("decision.collected") == 1


def test_asking_for_a_decision_that_is_called_back_is_noted_nowhere():
    case = decided_case()
    before = len(ledger.history(case))

    resume.collect(case, by=case.agent, at=NINE)

    assert len(ledger.history(case)) == before
    assert Delivery.objects.get(case=case).status == "pending"


def test_a_delivery_holds_its_body_as_canonical_json():
    body = bytes(Delivery.objects.get(case=decided_case()).body)

    assert body == rfc8785.dumps(json.loads(body))
