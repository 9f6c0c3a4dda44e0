"""Signing in with a password, who may not, and how guessing is slowed."""

from datetime import timedelta

import pytest
from django.test import Client, RequestFactory
from django.utils.timezone import now

from escalation import people
from escalation.actors import OPERATOR
from escalation.models import Event, Tries
from reviewers.signin import address_of
from tests.factories import NINE, make_user

pytestmark = pytest.mark.django_db
LENA = {"username": "lena", "password": "a right password"}
WRONG = LENA | {"password": "a wrong password"}


@pytest.fixture
def lena():
    return make_user("lena", password=LENA["password"])


def sign_in(client=None, fields=LENA, **headers):
    return (client or Client()).post("/sign-in/", fields, headers=headers)


def fail(times, client=None, fields=WRONG, **headers):
    return [sign_in(client, fields, **headers).status_code for _ in range(times)]


def recorded(user):
    return list(Event.objects.filter(subject=f"user:{user.pk}").values_list("action", flat=True))


def let_pass(span):
    """Let time go by for all that was tried."""
    for tries in Tries.objects.all():
        Tries.objects.filter(pk=tries.pk).update(last_at=tries.last_at - span)


def test_who_knows_the_password_is_in(lena):
    client = Client()

    answer = sign_in(client)

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/account/").status_code == 200
    assert recorded(lena) == ["user.signed_in"]


def test_who_does_not_is_told_so_and_keeps_the_name_that_was_typed(lena):
    answer = sign_in(fields=WRONG)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The name and the password do not go together" in page
    assert 'value="lena"' in page and WRONG["password"] not in page
    assert recorded(lena) == ["user.sign_in_refused"]


def test_a_name_that_nobody_has_is_refused_in_the_same_words_and_not_recorded(lena):
    known, unknown = (sign_in(fields=WRONG | {"username": name}) for name in ("lena", "nobody"))

    said = [answer.content.decode().split("Not signed in")[1][:140] for answer in (known, unknown)]
    assert said[0] == said[1]
    assert Event.objects.count() == 1


def test_the_record_holds_no_password_and_shows_no_address(lena):
    sign_in(fields=WRONG, user_agent="Secret browser")
    sign_in()

    bodies = b"".join(bytes(event.body) for event in Event.objects.all())
    assert not any(word in bodies for word in (b"password", b"127.0.0.1", b"Secret browser")[1:])
    assert WRONG["password"].encode() not in bodies


@pytest.mark.parametrize("fields", [{}, {"username": "lena"}, {"password": "x"}, {"username": " "}])
def test_what_is_left_out_is_asked_for(fields, lena):
    assert sign_in(fields=fields).status_code == 422


def test_somebody_who_left_is_refused_in_the_same_words(lena):
    people.deactivate(lena, by=OPERATOR, at=NINE)

    answer = sign_in()

    assert answer.status_code == 422
    assert "or the account is closed" in answer.content.decode()


def test_the_admin_has_no_door_of_its_own(lena):
    answer = Client().get("/admin/", follow=True)
    direct = Client().post("/admin/login/?next=/admin/escalation/user/", LENA)

    assert answer.redirect_chain[-1][0] == "/sign-in/?next=%2Fadmin%2F"
    assert direct["Location"] == "/sign-in/?next=%2Fadmin%2Fescalation%2Fuser%2F"


def test_who_is_in_but_may_not_administer_is_told_so_and_not_sent_in_circles(lena, as_user):
    assert as_user(lena).get("/admin/", follow=True).status_code == 403


def test_no_page_of_the_library_is_there_that_is_not_ours():
    paths = ["signup/", "login/", "email/", "password/reset/", "social/connections/", "inactive/"]
    for prefix in ("/accounts/", "/account/", "/sign-in/"):
        for path in paths:
            assert Client().get(prefix + path, follow=True).status_code in (404, 200)
            assert b"allauth" not in Client().get(prefix + path, follow=True).content


def test_signing_out_is_recorded(lena, as_user):
    client = as_user(lena)

    client.post("/sign-out/")

    assert recorded(lena) == ["user.signed_out"]
    assert client.get("/account/").status_code == 302


# Guessing ------------------------------------------------------------------------------------------


def test_after_five_wrong_passwords_a_name_waits_and_is_told_until_when(lena):
    assert fail(5) == [422] * 5

    answer = sign_in()

    page = answer.content.decode()
    assert answer.status_code == 429
    assert 25 <= int(answer["Retry-After"]) <= 30
    assert "Too many tries" in page and " s, at " in page


def test_the_wait_ends_and_grows_with_each_try_in_vain(lena):
    fail(5)
    waits = []
    for _ in range(7):
        waits.append(round(int(sign_in()["Retry-After"]), -1))
        let_pass(timedelta(minutes=16))
        assert sign_in(fields=WRONG).status_code == 422

    assert waits == [30, 60, 120, 240, 480, 900, 900]
    let_pass(timedelta(minutes=16))
    assert sign_in().status_code == 302


def test_running_against_a_wait_does_not_make_it_longer(lena):
    fail(5)
    before = list(Tries.objects.order_by("key").values())

    assert fail(20) == [429] * 20

    assert list(Tries.objects.order_by("key").values()) == before


def test_the_right_password_starts_the_count_anew(lena):
    fail(4)
    sign_in()

    assert fail(5) == [422] * 5


def test_a_browser_in_which_the_person_was_before_is_not_shut_out_by_strangers(lena):
    own = Client()
    sign_in(own)
    own.post("/sign-out/")
    strangers = fail(6)

    assert strangers == [422] * 5 + [429]
    assert sign_in(own).status_code == 302
    assert sign_in().status_code == 429


def test_the_known_browser_is_slowed_too(lena):
    own = Client()
    sign_in(own)
    own.post("/sign-out/")

    assert fail(11, own) == [422] * 10 + [429]


def test_a_cookie_that_the_desk_did_not_make_is_none(lena):
    forged = Client()
    forged.cookies["known_browser"] = f'{{"{lena.pk}": "x"}}:forged:forged'
    fail(5)

    assert sign_in(forged).status_code == 429


def test_an_address_that_guesses_at_many_names_waits(lena):
    codes = [sign_in(fields=WRONG | {"username": f"name-{n}"}).status_code for n in range(31)]

    assert codes == [422] * 30 + [429]


def test_tries_of_others_at_its_address_are_not_in_a_known_browsers_way(lena):
    own = Client()
    sign_in(own)
    own.post("/sign-out/")
    for n in range(31):
        sign_in(fields=WRONG | {"username": f"name-{n}"})

    assert sign_in().status_code == 429
    assert sign_in(own).status_code == 302


def test_people_behind_a_socket_file_do_not_wait_for_each_other(lena):
    codes = [
        Client(REMOTE_ADDR="").post("/sign-in/", WRONG | {"username": f"name-{n}"}).status_code
        for n in range(31)
    ]

    assert codes == [422] * 31


def test_people_behind_one_address_who_know_their_passwords_never_wait():
    for n in range(35):
        make_user(f"person-{n}", password=LENA["password"])

    codes = [sign_in(fields=LENA | {"username": f"person-{n}"}).status_code for n in range(35)]

    assert codes == [302] * 35


@pytest.mark.parametrize(
    ("behind_proxy", "header", "found"),
    [
        (False, "198.51.100.7", "127.0.0.1"),
        (True, "198.51.100.7", "198.51.100.7"),
        (True, "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (True, "", "127.0.0.1"),
        (True, "nonsense", "0.0.0.0"),
    ],
)
def test_a_proxys_word_on_the_address_is_taken_only_where_there_is_one(
    behind_proxy, header, found, settings
):
    settings.BEHIND_PROXY = behind_proxy
    headers = {"X-Forwarded-For": header} if header else {}

    assert address_of(RequestFactory().get("/", headers=headers)) == found


def test_whoever_says_another_address_each_time_is_counted_all_the_same(lena):
    codes = [
        sign_in(
            fields=WRONG | {"username": f"n-{n}"}, **{"X-Forwarded-For": f"198.51.100.{n}"}
        ).status_code
        for n in range(31)
    ]

    assert codes[-1] == 429


# The link of an administrator ------------------------------------------------------------------------


NEW = {"new_password1": "a long and new password", "new_password2": "a long and new password"}


def link(user, at=None):
    return people.one_time_link(user, by=OPERATOR, at=at or now()).removeprefix(
        "http://localhost:8000"
    )


def test_a_one_time_link_sets_a_password_and_signs_nobody_in(lena, as_user):
    client, elsewhere = Client(), as_user(lena)
    address = link(lena)

    assert b"Choose a password" in client.get(address).content
    answer = client.post(address, NEW)

    assert answer["Location"] == "/sign-in/"
    assert client.get("/account/").status_code == 302
    assert elsewhere.get("/account/").status_code == 302
    assert sign_in(fields={"username": "lena", "password": NEW["new_password1"]}).status_code == 302
    assert recorded(lena)[:3] == [
        "user.link_made",
        "user.password_changed",
        "user.sessions_ended",
    ]


def test_a_one_time_link_works_once_and_never_for_somebody_who_left(lena):
    first, second = link(lena), link(lena)
    Client().post(first, NEW)

    assert Client().get(first).status_code == Client().get(second).status_code == 404
    third = link(lena)
    people.deactivate(lena, by=OPERATOR, at=NINE)
    assert Client().get(third).status_code == 404


def test_a_one_time_link_runs_out(lena, settings):
    address = link(lena)
    settings.PASSWORD_RESET_TIMEOUT = -1

    assert Client().get(address).status_code == 404


@pytest.mark.parametrize("part", ["x/y", "%00/x", "MQ/x", "////"])
def test_a_link_that_is_none_is_refused(part):
    assert Client().get(f"/sign-in/link/{part}/").status_code == 404


def test_a_password_that_is_too_weak_is_refused_under_a_link(lena):
    answer = Client().post(link(lena), {"new_password1": "short", "new_password2": "short"})

    assert answer.status_code == 422
    assert b"too short" in answer.content
