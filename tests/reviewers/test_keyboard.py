"""Which keys there are, whose choice they are, and what is refused of them."""

import pytest

from reviewers import keyboard
from reviewers.models import Profile
from tests.factories import handed_off_case, make_reviewer, make_role, make_user

USUAL = keyboard.in_force({})


def test_the_usual_keys_are_in_nobodys_way():
    assert keyboard.faults(USUAL) == {}
    assert keyboard.own(USUAL) == {}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"claim": "t"}, {}),
        ({"claim": ""}, {}),
        ({"claim": "Ø"}, {}),
        ({"claim": "C", "take": "c"}, {}),
        ({"claim": "v t"}, {}),
        ({"read": "j"}, {}),  # no page has both
        ({"claim": "j"}, {"claim": "“j” already means “Next row”."}),
        ({"claim": "g"}, {"claim": "“g w” already means “Go to my work”."}),
        ({"undo": "?"}, {"undo": "“?” already means “Show these keys”."}),
        ({"claim": "7"}, {"claim": "Digits jump"}),
        ({"claim": "cc"}, {"claim": "Give one character"}),
        ({"claim": "a b c"}, {"claim": "Give one character"}),
        ({"claim": "\u200b"}, {"claim": "This is no character"}),
    ],
)
def test_a_key_that_would_not_do_is_refused_with_a_reason(changed, said):
    found = keyboard.faults(USUAL | changed)

    assert found.keys() == said.keys()
    assert all(found[name].startswith(words) for name, words in said.items())


@pytest.mark.django_db
def test_keys_are_kept_shown_in_every_page_and_given_back(client):
    kim = make_user("kim")
    client.force_login(kim)

    assert client.post("/account/keyboard/", USUAL | {"on": "on", "claim": "t"}).status_code == 302
    assert Profile.objects.get(user=kim).keys == {"claim": "t"}
    page = client.get("/account/").content.decode()
    assert '{"name": "claim", "key": "t", "first": "c"' in page

    client.post("/account/keyboard/", USUAL)
    page = client.get("/account/").content.decode()
    assert '{"on": false' in page
    assert '"name": "claim", "key": ""' in page

    client.post("/account/keyboard/", {"reset": "1"})
    held = Profile.objects.get(user=kim)
    assert (held.has_keys, held.keys) == (True, {})


@pytest.mark.django_db
def test_a_map_with_a_fault_is_kept_as_typed_and_nowhere_else(client):
    client.force_login(make_user("kim"))

    answer = client.post("/account/keyboard/", USUAL | {"claim": "j", "move": "v"})

    assert answer.status_code == 422
    assert "“j” already means “Next row”." in answer.content.decode()
    assert answer.context["form"]["move"].value() == "v"
    assert not Profile.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("cases", [1, 3])
def test_the_command_bar_finds_cases_of_ones_roles_alone(client, cases, django_assert_num_queries):
    role = make_role("refunds")
    held = [handed_off_case(role) for _ in range(cases)]
    client.force_login(make_reviewer(role))
    stranger = make_reviewer(make_role("credit"))

    with django_assert_num_queries(4):
        found = client.get("/find/", {"q": held[0].reference}).content.decode()
    assert found.count('role="option"') == 1
    assert f'data-goes="/cases/{held[0].reference}/"' in found
    assert client.get("/find/", {"q": ""}).content.decode().strip() == ""

    client.force_login(stranger)
    assert held[0].reference not in client.get("/find/", {"q": held[0].reference}).content.decode()
