"""Addresses are kept as one mailbox, or refused: nothing is ever left out of one silently."""

import pytest
from django.core.exceptions import ValidationError

from escalation.values.mail_address import read_mail_address, read_sender

EXAMPLE = "@bank.example"
TAKEN = {  # what is typed: what is kept, and what a mail server is told
    "kim@bank.example": ("kim@bank.example", "kim@bank.example"),
    "Kim.Lee@Bank.Example": ("Kim.Lee@bank.example", "Kim.Lee@bank.example"),
    "o'brien@bank.example": ("o'brien@bank.example", "o'brien@bank.example"),
    "kim+desk@bank.example": ("kim+desk@bank.example", "kim+desk@bank.example"),
    "kim/sales@bank.example": ("kim/sales@bank.example", "kim/sales@bank.example"),
    "kim%corp@bank.example": ("kim%corp@bank.example", "kim%corp@bank.example"),
    "%40@bank.example": ("%40@bank.example", "%40@bank.example"),
    "-@bank.example": ("-@bank.example", "-@bank.example"),
    "!#$%&'*+-/=?^_`{|}~@bank.example": (
        "!#$%&'*+-/=?^_`{|}~@bank.example",
        "!#$%&'*+-/=?^_`{|}~@bank.example",
    ),
    "=?utf-8?q?kim?=@bank.example": (
        "=?utf-8?q?kim?=@bank.example",
        "=?utf-8?q?kim?=@bank.example",
    ),
    '"kim"@bank.example': ("kim@bank.example", "kim@bank.example"),
    '"kim lee"@bank.example': ('"kim lee"@bank.example', '"kim lee"@bank.example'),
    '" "@bank.example': ('" "@bank.example', '" "@bank.example'),
    '"kim@home"@bank.example': ('"kim@home"@bank.example', '"kim@home"@bank.example'),
    '"kim, lee"@bank.example': ('"kim, lee"@bank.example', '"kim, lee"@bank.example'),
    '"kim(x)"@bank.example': ('"kim(x)"@bank.example', '"kim(x)"@bank.example'),
    '"kim>"@bank.example': ('"kim>"@bank.example', '"kim>"@bank.example'),
    '"a..b"@bank.example': ('"a..b"@bank.example', '"a..b"@bank.example'),
    r'"a\"b\\c"@bank.example': (r'"a\"b\\c"@bank.example', r'"a\"b\\c"@bank.example'),
    "jürgen@müller.example": ("jürgen@müller.example", "jürgen@xn--mller-kva.example"),
    "用户@例子.example": ("用户@例子.example", "用户@xn--fsqu00a.example"),
    "kim@bücher.example": ("kim@bücher.example", "kim@xn--bcher-kva.example"),
    "kim@BÜCHER.example": ("kim@bücher.example", "kim@xn--bcher-kva.example"),
    "kim@xn--bcher-kva.example": ("kim@bücher.example", "kim@xn--bcher-kva.example"),
    "kim@straße.example": ("kim@straße.example", "kim@xn--strae-oqa.example"),
    "kim@bank.local": ("kim@bank.local", "kim@bank.local"),
    f"{'a' * 64}@bank.example": (f"{'a' * 64}@bank.example",) * 2,
    f"{'ü' * 32}@bank.example": (f"{'ü' * 32}@bank.example",) * 2,
}


@pytest.mark.parametrize("typed", TAKEN)
def test_an_address_is_kept_whole(typed):
    address = read_mail_address(typed)

    assert (str(address), address.wire) == TAKEN[typed]
    assert read_mail_address(str(address)) == address
    assert address.needs_utf8 is not address.wire.isascii()


REFUSED = [
    "",
    "kim",
    "kim at bank.example",
    "@bank.example",
    "kim@",
    "kim@@bank.example",
    "kim@lee@bank.example",
    "kim@bank",
    "kim@localhost",
    "kim@bank.example.",
    "kim@.bank.example",
    "kim@bank..example",
    "kim@-bank.example",
    "kim@ba nk.example",
    "kim@bank_.example",
    "kim@[192.0.2.1]",
    "kim@[IPv6:::1]",
    "kim@192.0.2.1",
    "kim@xn--a.example",
    "kim@💩.example",
    ".kim@bank.example",
    "kim.@bank.example",
    "kim..lee@bank.example",
    "kim lee@bank.example",
    "kim(desk)@bank.example",
    "(desk)kim@bank.example",
    "kim@bank.example (desk)",
    "Kim <kim@bank.example>",
    "<kim@bank.example>",
    '"Kim" <kim@bank.example>',
    "mailto:kim@bank.example",
    "kim@bank.example?cc=lee@bank.example",
    "kim@bank.example,lee@bank.example",
    "kim@bank.example; lee@bank.example",
    "kim@bank.example lee@bank.example",
    "group: kim@bank.example;",
    "@relay.example:kim@bank.example",
    "kim@bank.example\r\nBcc: all@bank.example",
    "kim\r\n@bank.example",
    "kim@bank.example\n",
    "kim@bank.example\u2028Bcc: x@bank.example",
    '"kim\r\n lee"@bank.example',
    '"kim\tlee"@bank.example',
    "kim\x00@bank.example",
    "k\u200bim@bank.example",
    "\u202ekim@bank.example",
    "kim＠bank.example",
    '""@bank.example',
    '"kim@bank.example',
    'kim"lee"@bank.example',
    r"kim\ lee@bank.example",
    f"{'a' * 65}@bank.example",
    f"{'ü' * 33}@bank.example",
    f"kim@{'a' * 64}.example",
    f"{'a' * 60}@{'.'.join(['b' * 62] * 3)}.example",
    f"{'a' * 50}@{'.'.join(['bücher' * 7] * 4)}.example",
]


@pytest.mark.parametrize("typed", REFUSED)
def test_what_is_no_single_mailbox_is_refused_with_an_example(typed):
    with pytest.raises(ValidationError) as refusal:
        read_mail_address(typed)

    (said,) = refusal.value.messages
    assert said.startswith("Enter an e-mail address, e.g. kim@bank.example.")


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("desk@bank.example", "", "desk@bank.example"),
        ("Recourse <desk@bank.example>", "Recourse", "desk@bank.example"),
        ("Blåbær Desk <desk@blåbær.example>", "Blåbær Desk", "desk@blåbær.example"),
        ('"Desk, Oslo" <desk@bank.example>', "Desk, Oslo", "desk@bank.example"),
        (r'"The \"Desk\"" <desk@bank.example>', 'The "Desk"', "desk@bank.example"),
        ("<desk@bank.example>", "", "desk@bank.example"),
        ('"the desk"@bank.example', "", '"the desk"@bank.example'),
        ("O'Brien's Desk <o'brien@bank.example>", "O'Brien's Desk", "o'brien@bank.example"),
    ],
)
def test_a_sender_is_a_name_and_an_address(text, name, address):
    read_name, read = read_sender(text)

    assert (read_name, str(read)) == (name, address)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Recourse",
        "Recourse desk@bank.example",
        "Recourse <desk@bank.example",
        "Recourse <desk>",
        "Recourse <>",
        "Desk, Oslo <desk@bank.example>",
        "a@bank.example, b@bank.example",
        "Desk <a@bank.example>, Desk <b@bank.example>",
        "Desk <a@bank.example> <b@bank.example>",
        "Recourse\r\nBcc: all@bank.example <desk@bank.example>",
        "Recourse <desk@bank.example>\n",
        'Recourse "x <desk@bank.example>',
    ],
)
def test_what_is_no_sender_is_refused(text):
    with pytest.raises(ValidationError):
        read_sender(text)
