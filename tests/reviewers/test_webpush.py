"""RFC 8291 and 8292, against the RFC's own example and against a browser's side written here."""

from datetime import timedelta

import jwt
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec

from reviewers.notices.channels import webpush
from reviewers.notices.channels.webpush import Browser, padless, sealed, unpadded
from tests.factories import NINE
from tests.fixtures.pushservice import BrowserKeys

# RFC 8291, section 5 and appendix A
TEXT = b"When I grow up, I want to be a watermelon"
BROWSER = Browser.read(
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "BTBZMqHH6r4Tts7J_aSIgg",
)
OWN = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
MESSAGE = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS"
    "6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qu"
    "lcy4a-fN"
)


def test_a_message_is_sealed_as_the_rfc_seals_its_example():
    own = ec.derive_private_key(int.from_bytes(unpadded(OWN)), ec.SECP256R1())

    found = sealed(TEXT, BROWSER, own=own, salt=unpadded("DGv6ra1nlYgDCS1FRnbzlw"))

    assert padless(found) == MESSAGE


@pytest.mark.parametrize("length", [0, 1, 300, webpush.MOST])
def test_only_the_browser_that_subscribed_opens_it(length):
    mine, other = BrowserKeys(), BrowserKeys()
    found = sealed(b"x" * length, Browser.read(mine.p256dh, mine.auth))

    assert len(found) <= webpush.RECORD
    assert mine.opened(found) == b"x" * length
    with pytest.raises(InvalidTag):
        other.opened(found)


def test_what_does_not_fit_into_a_record_is_not_sent():
    mine = BrowserKeys()

    with pytest.raises(ValueError, match="3993 bytes"):
        sealed(b"x" * (webpush.MOST + 1), Browser.read(mine.p256dh, mine.auth))


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [
        ("", ""),
        ("é", "BTBZMqHH6r4Tts7J_aSIgg"),
        (padless(b"\x04" + b"\x01" * 64), "BTBZMqHH6r4Tts7J_aSIgg"),  # a point off the curve
        (padless(BROWSER.public[1:]), "BTBZMqHH6r4Tts7J_aSIgg"),
        (padless(BROWSER.public), "c2hvcnQ"),
    ],
)
def test_what_is_no_key_is_refused(p256dh, auth):
    with pytest.raises(ValueError):
        Browser.read(p256dh, auth)


def test_the_desk_says_who_it_is_to_that_service_only_and_for_half_a_day(settings):
    settings.HTTPS, settings.BASE_URL = True, "https://desk.example"
    key = webpush.server_key()

    said = webpush.authorization("https://push.example:8443/a/b?c", key, at=NINE)

    scheme, _, rest = said.partition(" ")
    token, named = (part.partition("=")[2] for part in rest.split(", "))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unpadded(key))
    claims = jwt.decode(
        token, public, ["ES256"], options={"verify_exp": False, "verify_aud": False}
    )
    assert (scheme, named) == ("vapid", key)
    assert claims == {
        "aud": "https://push.example:8443",
        "exp": int((NINE + timedelta(hours=12)).timestamp()),
        "sub": "https://desk.example",
    }


def test_a_subscription_goes_on_under_an_earlier_key_and_not_under_a_stranger_s(settings):
    before = webpush.server_key()
    assert before == webpush.server_key()

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-" * 8

    assert webpush.server_key() != before
    assert webpush.authorization("https://push.example/", before, at=NINE).endswith(before)

    settings.SECRET_KEY_FALLBACKS = []
    assert webpush.authorization("https://push.example/", before, at=NINE) is None
