from collections.abc import Callable

import pytest
from django.contrib.admin import AdminSite
from django.test import Client, RequestFactory, override_settings

from escalation.forms import FirstAdminForm
from escalation.models import User
from reviewers.forms import AccountForm
from reviewers.people_admin import UserAdmin
from tests.factories import make_user

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]


def test_a_person_chooses_name_and_time_zone(as_user: Browser):
    user = make_user()

    saved = as_user(user).post(
        "/account/",
        {"first_name": "Lena", "last_name": "Moe", "email": "", "time_zone": "Asia/Tokyo"},
    )

    user.refresh_from_db()
    assert saved.status_code == 302
    assert (user.name, user.time_zone) == ("Lena Moe", "Asia/Tokyo")


def test_a_zone_that_does_not_exist_is_refused_at_its_field(as_user: Browser):
    refused = as_user(make_user()).post(
        "/account/", {"first_name": "Lena", "time_zone": "Mars/Base"}
    )

    assert refused.status_code == 422
    assert b"Mars/Base is not a time zone" in refused.content
    assert b'value="Lena"' in refused.content


def test_the_look_is_kept_on_the_browser(as_user: Browser):
    browser = as_user(make_user())

    browser.post("/account/display/", {"theme": "dark", "density": "compact"})
    page = browser.get("/account/").content.decode()

    assert 'data-theme="dark" data-density="compact"' in page


@pytest.mark.parametrize("theme", ["purple", '"><script>'])
def test_a_look_that_does_not_exist_is_refused(theme: str, as_user: Browser):
    browser = as_user(make_user())
    refused = browser.post("/account/display/", {"theme": theme, "density": "compact"})
    browser.cookies["theme"] = theme

    assert refused.status_code == 422
    assert "data-theme" not in browser.get("/account/").content.decode()


def test_a_changed_password_keeps_this_session_and_signs_out_the_others(as_user: Browser):
    user = make_user("lena", password="lena")
    here, elsewhere = as_user(user), as_user(user)
    new = "a long and new password"

    changed = here.post(
        "/account/password/", {"old_password": "lena", "new_password1": new, "new_password2": new}
    )

    assert changed.status_code == 302
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302


def test_a_wrong_old_password_is_refused(as_user: Browser):
    refused = as_user(make_user()).post(
        "/account/password/", {"old_password": "no", "new_password1": "x", "new_password2": "x"}
    )

    assert refused.status_code == 422


def test_signing_in_leads_to_the_page_that_was_asked_for(client: Client):
    make_user("lena", password="lena")

    wrong = client.post("/sign-in/", {"username": "lena", "password": "no", "next": "/queue/"})
    right = client.post("/sign-in/", {"username": "lena", "password": "lena", "next": "/queue/"})

    assert wrong.status_code == 422
    assert b'value="lena"' in wrong.content and b'value="/queue/"' in wrong.content
    assert (right.status_code, right["Location"]) == (302, "/queue/")


def test_signing_in_leads_nowhere_else(client: Client):
    make_user("lena", password="lena")

    answer = client.post(
        "/sign-in/", {"username": "lena", "password": "lena", "next": "https://evil.example/"}
    )

    assert answer["Location"] == "/"


@pytest.mark.parametrize("demo", [True, False])
def test_the_demo_names_its_accounts_only_in_demo_mode(demo: bool, client: Client):
    with override_settings(DEMO=demo):
        assert (b"This desk is a demonstration" in client.get("/sign-in/").content) == demo


def test_nothing_here_is_not_found(as_user: Browser):
    answer = as_user(make_user()).get("/nothing/")

    assert answer.status_code == 404
    assert b"Nothing here" in answer.content


# The address of a person ---------------------------------------------------------------------------

ADDRESSES = [
    ("o'brien@bank.example", "o'brien@bank.example"),
    ('"kim lee"@Bank.example', '"kim lee"@bank.example'),
    ("kim@xn--bcher-kva.example", "kim@bücher.example"),
    ("jürgen@müller.example", "jürgen@müller.example"),
    ("", ""),
    ("Kim <kim@bank.example>", None),
    ("a@bank.example, b@bank.example", None),
    ("kim@bank.example\r\nBcc: all@bank.example", None),
]


def admin_form(user, address):
    form = UserAdmin(User, AdminSite()).get_form(superuser_request(user), user)
    data = form(instance=user).initial | {"email": address, "date_joined_0": "2026-01-01"}
    return form({**data, "date_joined_1": "09:00"}, instance=user)


def superuser_request(user):
    request = RequestFactory().get("/")
    request.user = user
    return request


@pytest.mark.parametrize(("typed", "kept"), ADDRESSES)
@pytest.mark.parametrize("page", ["account", "set-up", "admin"])
def test_wherever_an_address_of_a_person_is_saved_it_is_one_mailbox_or_refused(page, typed, kept):
    user = make_user(is_superuser=True, is_staff=True)
    secret = "a right long password"
    new = {"username": "first", "password1": secret, "password2": secret}
    form = {
        "account": lambda: AccountForm({"time_zone": "UTC", "email": typed}, instance=user),
        "set-up": lambda: FirstAdminForm(new | {"email": typed}),
        "admin": lambda: admin_form(user, typed),
    }[page]()

    assert form.fields["email"].widget.input_type == "text"  # browsers know fewer as type=email
    if kept is None:
        assert form.errors["email"][0].startswith("Enter an e-mail address, e.g.")
    else:
        assert "email" not in form.errors
        assert form.cleaned_data["email"] == kept
