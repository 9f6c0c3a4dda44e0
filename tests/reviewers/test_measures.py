from decimal import Decimal

from escalation.models import Firing, Limit
from escalation.money.moved import Found, Moved
from reviewers import measures


def said(found) -> list[tuple[str, str, str, str]]:
    return [(one.of, one.value, one.limit, one.over) for one in found]


def moved(amount: str, currency: str) -> Moved:
    return Moved((Found(Decimal(amount), currency),))


def firing(operator: str, observed: object, threshold: object) -> Firing:
    return Firing(name="refund_limit", operator=operator, observed=observed, threshold=threshold)


def test_an_amount_beyond_the_roles_limit_is_over_it_by_so_much():
    limits = [Limit(currency="USD", amount=Decimal(200))]

    assert said(measures.of_role("Refunds", moved("412.5", "USD"), limits)) == [
        ("Refunds’s limit", "$412.50", "at most $200.00", "$212.50 over")
    ]
    assert said(measures.of_role("Refunds", moved("200", "USD"), limits))[0][3] == ""
    assert said(measures.of_role("Refunds", moved("1", "EUR"), limits)) == [
        ("Refunds’s limit", "€1.00", "none in EUR, only in USD", "not its to let through")
    ]


def test_a_role_without_limits_and_a_case_without_an_amount_have_nothing_to_measure():
    limit = Limit(currency="USD", amount=Decimal(200))

    assert not said(measures.of_role("Refunds", moved("1", "USD"), []))
    assert not said(measures.of_role("Refunds", Moved(), [limit]))


def test_each_currency_is_measured_and_what_cannot_be_read_is_over_every_limit():
    limits = [
        Limit(currency="JPY", amount=Decimal(500)),
        Limit(currency="USD", amount=Decimal(200)),
    ]
    both = Moved((*moved("412.5", "USD").found, *moved("600", "JPY").found, *moved("9", "").found))

    assert said(measures.of_role("Refunds", both, limits)) == [
        ("Refunds’s limit", "$412.50", "at most $200.00", "$212.50 over"),
        ("Refunds’s limit", "¥600", "at most ¥500", "¥100 over"),
        ("Refunds’s limit", "9.00", "only in JPY, USD", "not its to let through"),
    ]  # fmt: skip
    assert said(measures.of_role("Refunds", Moved(unreadable=("/a/amount",)), limits)) == [
        ("Refunds’s limit", "an amount that cannot be read (a › amount)", "at most ¥500, $200.00",
         "over every limit"),
    ]  # fmt: skip
    assert said(measures.of_role("Refunds", Moved(moves_money=True), limits))[0][1] == (
        "no amount that can be read"
    )


def test_a_threshold_is_shown_where_it_fired_on_a_number_of_the_proposal():
    fired = [
        firing(">", "412.50", "200.00"),
        firing("<", 3, 5),
        firing("<", 0.62, 0.8),  # no part of the proposal
        firing("in", "412.50", ["a"]),
    ]
    arguments = {"amount": "412.50", "nights": 3}

    assert said(measures.of_firings(fired, Decimal("412.50"), "USD", arguments)) == [
        ("refund limit", "$412.50", "at most $200.00", "$212.50 over"),
        ("refund limit", "3", "at least 5", "2 under"),
    ]
