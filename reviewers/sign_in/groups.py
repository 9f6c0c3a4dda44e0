"""The groups that a provider names in its claims, as far as they can be read. Pure.

Only a claim that is there and read whole says that somebody is in no other group: one that is missing,
too long for the token (overage) or of another shape says nothing, and nothing is taken away on it.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop as _

from escalation.sentences import Sentence

MISSING = _("its answer has no claim “%(claim)s”.")
OVERAGE = _("there are more groups than fit into its answer (“%(sign)s”).")
UNREAD = _("its claim “%(claim)s” is no list of names.")
PARTLY = _("not everything in its claim “%(claim)s” is a name.")
CASE = _("it says “%(group)s”, and the roles here are for “%(known)s”.")
TOKENS = ("id_token", "userinfo")  # in the order in which they count: the first is signed


@dataclass(frozen=True)
class Groups:
    """The names that were read. With a ``trouble`` there may be more of them."""

    names: frozenset[str]
    trouble: Sentence | None = None

    @property
    def is_whole(self) -> bool:
        return self.trouble is None


def read_groups(said: Mapping[str, Any], claim: str, *, known: Collection[str] = ()) -> Groups:
    """Read the groups in what a provider said: ``id_token`` first, then ``userinfo``.

    ``claim`` is a name, or the way to it with dots: ``realm_access.roles``. ``known`` are names that
    roles are given for: one of LDAP is the same however it is written, and another that differs in
    nothing but capitals may be meant or not, so that it neither gives nor takes.
    """
    groups = _read(said, claim, known)
    spelled = {spelling(name): name for name in known}
    names = frozenset(spelled.get(spelling(name), name) for name in groups.names)
    if groups.trouble:
        return Groups(names, groups.trouble)
    folded = {name.casefold(): name for name in names}
    for name in sorted(set(known) - names):
        if other := folded.get(name.casefold()):
            return Groups(names, Sentence(CASE, group=other, known=name))
    return Groups(names)


def _read(said: Mapping[str, Any], claim: str, known: Collection[str]) -> Groups:
    tokens = [token for name in TOKENS if isinstance(token := said.get(name), Mapping)]
    read = [_named(value, claim, known) for token in tokens for value in _values(token, claim)]
    found = next((groups for groups in read if groups.is_whole), None) or max(
        read, key=lambda groups: len(groups.names), default=None
    )
    signs = [sign for token in tokens for sign in _overage(token, claim)]
    if signs:
        return Groups(found.names if found else frozenset(), Sentence(OVERAGE, sign=signs[0]))
    return found or Groups(frozenset(), Sentence(MISSING, claim=claim))


def _values(said: Mapping[str, Any], claim: str) -> Iterator[Any]:
    """Yield what stands under a name; names hold dots themselves, so the longest that is there counts."""
    parts = claim.split(".")
    for count in range(len(parts), 0, -1):
        name, rest = ".".join(parts[:count]), ".".join(parts[count:])
        if name not in said:
            continue
        if not rest:
            yield said[name]
            return
        if isinstance(inner := said[name], Mapping) and (below := list(_values(inner, rest))):
            yield below[0]
            return


def _overage(said: Mapping[str, Any], claim: str) -> Iterator[str]:
    """Yield the signs that groups were left out: Entra's, and those of OpenID Connect Core 5.6.2."""
    begins = {claim, claim.partition(".")[0]}
    elsewhere = said.get("_claim_names")
    if isinstance(elsewhere, Mapping) and begins & elsewhere.keys():
        yield "_claim_names"
    if said.get("hasgroups") in (True, "true", "True"):
        yield "hasgroups"
    for name in said:
        before, colon, source = name.rpartition(":")
        if colon and before in begins and source.startswith("src"):
            yield name


def _named(value: Any, claim: str, known: Collection[str]) -> Groups:
    unread = Groups(frozenset(), Sentence(UNREAD, claim=claim))
    if isinstance(value, str):
        listed = _listed(value, known)
        return Groups(frozenset(listed)) if listed else unread
    if not isinstance(value, list):
        return unread
    names = frozenset(one for one in value if isinstance(one, str) and one)
    if not all(isinstance(one, str) for one in value):
        return Groups(names, Sentence(PARTLY, claim=claim))
    return Groups(names)


def _listed(text: str, known: Collection[str]) -> list[str]:
    """Return the names in one text: a list in JSON, one name, or several with spaces between.

    Empty where it cannot be told which: with commas in it, which are part of a name in LDAP.
    """
    if spelling(text) in set(map(spelling, known)):
        return [text]
    if text.startswith("["):
        try:
            read = json.loads(text)
        except (ValueError, RecursionError):
            return []
        return read if isinstance(read, list) and all(isinstance(one, str) for one in read) else []
    return [] if "," in text or ";" in text else text.split()


RDN = re.compile(r"\s*([A-Za-z][\w.-]*)\s*=\s*((?:\\.|[^\\,;+])*)", re.DOTALL)
ESCAPED = re.compile(r"((?:\\[0-9A-Fa-f]{2})+)|\\(.)", re.DOTALL)


def spelling(name: str) -> tuple[tuple[str, str], ...] | str:
    """Return what two writings of one name in LDAP (RFC 4514) have in common; another name as it is.

    Capitals and spaces around the parts mean nothing there, and ``\\,`` is ``\\2C``.
    """
    parts, at = [], 0
    while found := RDN.match(name, at):
        parts.append((found[1].lower(), _folded(found[2])))
        at = found.end() + 1
        if found.end() == len(name):
            return tuple(parts)
    return name


def _folded(value: str) -> str:
    plain = ESCAPED.sub(_unescaped, value.strip())
    return " ".join(plain.casefold().split())


def _unescaped(found: re.Match[str]) -> str:
    if found[1]:
        return bytes.fromhex(found[1].replace("\\", "")).decode(errors="replace")
    return found[2]
