"""The groups of a claim, in the shapes in which providers send them."""

import pytest

from reviewers.sign_in.groups import Groups, read_groups


def whole(*names):
    return Groups(frozenset(names))


@pytest.mark.parametrize(
    ("claim", "said", "names"),
    [
        ("groups", {"groups": ["a", "b"]}, "ab"),
        ("groups", {"groups": []}, ""),
        ("groups", {"groups": ["a", "a", ""]}, "a"),
        ("groups", {"groups": "a"}, "a"),
        ("groups", {"groups": "a b"}, "ab"),
        ("groups", {"groups": '["a", "b"]'}, "ab"),
        ("realm_access.roles", {"realm_access": {"roles": ["a"]}}, "a"),
        (
            "realm_access.roles",
            {"realm_access.roles": ["a"], "realm_access": {"roles": ["b"]}},
            "a",
        ),
        (
            "resource_access.my.client.roles",
            {"resource_access": {"my.client": {"roles": ["a"]}}},
            "a",
        ),
        ("https://x/roles", {"https://x/roles": ["a"]}, "a"),
        ("https://x.example/claims.roles", {"https://x.example/claims": {"roles": ["a"]}}, "a"),
        ("https://x.example/roles", {"https://x": {"example/roles": ["b"]}}, "b"),
        ("urn:x:roles", {"urn:x:roles": ["a"]}, "a"),
    ],
)
def test_a_claim_is_found_and_read(claim, said, names):
    assert read_groups({"id_token": said}, claim) == whole(*names)
    assert read_groups({"userinfo": said}, claim) == whole(*names)


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ({}, ""),
        ({"groups": None}, ""),
        ({"groups": 7}, ""),
        ({"groups": True}, ""),
        ({"groups": {"a": {}}}, ""),
        ({"groups": ""}, ""),
        ({"groups": " "}, ""),
        ({"groups": "[a, b]"}, ""),
        ({"groups": "[1]"}, ""),
        ({"groups": "a,b"}, ""),
        ({"groups": "a;b"}, ""),
        ({"groups": ["a", 7]}, "a"),
        ({"groups": ["a", None]}, "a"),
        ({"groups": ["a", {"name": "b"}]}, "a"),
        ({"groups": [["a"]]}, ""),
        ({"groups": ["a"], "hasgroups": True}, "a"),
        ({"groups": ["a"], "_claim_names": {"groups": "src1"}}, "a"),
        ({"groups:src1": {"endpoint": "https://x"}}, ""),
    ],
)
def test_what_is_not_there_or_not_read_whole_is_trouble(said, names):
    found = read_groups({"id_token": said, "userinfo": {}}, "groups")

    assert found.names == frozenset(names)
    assert found.trouble


@pytest.mark.parametrize(
    ("token", "told", "names"),
    [
        ({"groups": ["a"]}, {"groups": ["b"]}, "a"),
        ({"groups": None}, {"groups": ["b"]}, "b"),
        ({}, {"groups": []}, ""),
        ({"_claim_names": {"address": "src1"}}, {"groups": ["b"]}, "b"),
        ({"hasgroups": False}, {"groups": ["b"]}, "b"),
    ],
)
def test_the_signed_token_counts_first_and_user_info_where_it_says_nothing(token, told, names):
    assert read_groups({"id_token": token, "userinfo": told}, "groups") == whole(*names)


def test_an_overage_of_either_leaves_it_open_whether_there_are_more():
    found = read_groups({"id_token": {"hasgroups": True}, "userinfo": {"groups": ["a"]}}, "groups")

    assert (found.names, found.is_whole) == ({"a"}, False)


def test_one_text_may_be_a_name_with_spaces_or_commas_that_the_map_knows():
    for name in ("Refunds Team", "CN=Refunds,OU=Bank Oslo"):
        said = {"id_token": {"groups": name}}
        assert read_groups(said, "groups", known=[name]) == whole(name)


@pytest.mark.parametrize("said", [{}, {"id_token": None}, {"id_token": [], "userinfo": "x"}])
def test_what_is_no_answer_of_a_provider_names_nobody(said):
    assert not read_groups(said, "groups").is_whole


REFUNDS = r"CN=Refunds\, EU,OU=Bank"


@pytest.mark.parametrize(
    ("said", "trouble"),
    [
        ([REFUNDS], False),
        ([r"cn=refunds\2c eu,ou=BANK"], False),
        ([r"CN = Refunds\,  EU , OU=Bank"], False),
        (r"cn=Refunds\, EU,ou=bank", False),
        ([r"CN=Refunds\, EU,OU=Bank,DC=other"], None),
        ([r"CN=Refunds,EU,OU=Bank"], None),
        (["Refunds, EU"], None),
        (["OPS", r"cn=refunds\2c eu,ou=BANK"], True),
        (["OPS", "ops", REFUNDS], False),
    ],
)
def test_a_name_of_ldap_is_the_same_however_it_is_written(said, trouble):
    groups = read_groups({"id_token": {"groups": said}}, "groups", known=[REFUNDS, "ops"])

    assert (REFUNDS in groups.names, bool(groups.trouble)) == (trouble is not None, bool(trouble))
