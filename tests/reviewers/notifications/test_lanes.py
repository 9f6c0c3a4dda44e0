"""What hangs on one channel, or for one person, keeps nobody else's notices waiting."""

import asyncio

import pytest
from asgiref.sync import async_to_sync
from django.utils.timezone import now

from escalation.enums import EffectKind
from escalation.models import Effect
from reviewers.enums import ContactKind, NoticeKind, NoticeStatus
from reviewers.models import ContactPoint, Notice
from reviewers.notices import inbox
from reviewers.notices.channels.results import Tried
from reviewers.notifications import sending
from tests.carry import carrier
from tests.factories import make_user

pytestmark = pytest.mark.django_db
CROWD = 100
TURNS = 200


class Channels:
    """Sends nothing: those of ``hanging`` never answer, all others take it."""

    def __init__(self, hanging):
        self.hanging, self.asked, self.sent = hanging, [], []

    async def send(self, contact, message):
        self.asked.append(contact)
        if contact.pk in self.hanging:
            await asyncio.Event().wait()
        self.sent.append(contact.pk)
        return Tried()


@pytest.fixture
def crowd(settings):
    """People with one way each; the last of them has another than the crowd."""
    settings.EMAIL_URL, settings.EMAIL_FROM = "smtp+plain://127.0.0.1:1", "desk@bank.example"
    settings.SLACK_BOT_TOKEN = "xoxb-1"

    def make(kind, own):
        found = []
        for n, named in enumerate([kind] * CROWD + [own]):
            user = make_user()
            contact = ContactPoint.objects.create(
                user=user, kind=named, address=f"https://hooks.example/{n}", order=1
            )
            inbox.tell(user, NoticeKind.CASE, about="a", text="A case waits.", at=now())
            found.append(contact)
        return found[:-1], found[-1]

    return make


def carry_until(kind, met):
    """Let the courier go on until something holds, while what hangs goes on hanging."""
    run = carrier(kind)

    async def turns():
        for _ in range(TURNS):
            await run.turn()
            await asyncio.sleep(0)
            while not run._results.empty():
                await run._write(run._more())
            if met():
                break
        for call in list(run._calls):
            call.cancel()
        await asyncio.sleep(0)

    async_to_sync(turns)()


@pytest.mark.parametrize(
    ("hangs", "own"),
    [
        (ContactKind.EMAIL, ContactKind.SLACK),
        (ContactKind.SLACK, ContactKind.EMAIL),
        (ContactKind.EMAIL, ContactKind.WEBHOOK),
        (ContactKind.WEBHOOK, ContactKind.EMAIL),
        (ContactKind.WEBHOOK, ContactKind.WEBHOOK),
    ],
)
def test_a_hundred_that_hang_delay_nobody_else(crowd, monkeypatch, hangs, own):
    hanging, other = crowd(hangs, own)
    channels = Channels({one.pk for one in hanging})
    monkeypatch.setattr(sending, "send", channels.send)

    carry_until(EffectKind.NOTICE, lambda: channels.sent)

    assert channels.sent == [other.pk]
    assert Notice.objects.get(user=other.user).status == NoticeStatus.SENT


def test_what_waits_for_a_channel_that_hangs_waits_in_its_lane(crowd, monkeypatch):
    hanging, _ = crowd(ContactKind.EMAIL, ContactKind.SLACK)
    channels = Channels({one.pk for one in hanging})
    monkeypatch.setattr(sending, "send", channels.send)

    carry_until(EffectKind.NOTICE, lambda: False)

    asked = [one.kind for one in channels.asked].count("email")
    room = sending.NOTICES.limits.lane
    assert room <= asked <= 2 * room
    waiting = Effect.objects.filter(kind="notice", done_at=None, lease_until=None)
    assert set(waiting.values_list("lane", flat=True)) == {"email"}
