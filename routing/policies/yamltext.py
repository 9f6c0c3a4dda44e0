"""A version as YAML, out and in. What is read is plain data: no tags, no aliases, no key twice.

Words stay words: ``no`` is a tenant of that name, not false. What is wrong is told with its line.
"""

import re
from collections.abc import Collection
from typing import Any

import yaml

from escalation.canonical import pointer as pointed
from escalation.errors import Fault
from routing.errors import PolicyRejected
from routing.policies import reading
from routing.policies.content import Content

MOST_CHARACTERS = 200_000
MOST_NODES = 20_000
MAX_DEPTH = 20
CORE = "tag:yaml.org,2002:"
MEANT = {  # the plain words that are no text, as JSON has them
    "null": (r"null|~|", ["n", "~", ""]),
    "bool": (r"true|false", ["t", "f"]),
    "int": (r"-?(?:0|[1-9][0-9]{0,17})", list("-0123456789")),
    "float": (r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,17}", list("-0123456789")),
}


def written(content: Content) -> str:
    """Return the content as YAML that ``read`` takes back."""
    return dumped(content.as_written())


def dumped(data: Any) -> str:
    """Return plain data as YAML that ``load`` takes back."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def read(text: str, roles: Collection[str]) -> Content:
    """Return the content that YAML tells of. Raises PolicyRejected; each fault names its line."""
    data, lines = load(text)
    try:
        return reading.read(data, roles)
    except PolicyRejected as refusal:
        told = [Fault(f.pointer, f"{_line(f.pointer, lines)}{f.message}") for f in refusal.faults]
        raise PolicyRejected(*told) from None


def load(text: str) -> tuple[Any, dict[str, int]]:
    """Return the data of a YAML text, and the line of each place in it by its pointer.

    Raises PolicyRejected, with the line, for what is no YAML or more of it than a policy needs.
    """
    if len(text) > MOST_CHARACTERS:
        raise PolicyRejected(Fault("", f"A policy has {MOST_CHARACTERS:,} characters at most."))
    loader = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            raise PolicyRejected(Fault("", "There is nothing here."))
        lines: dict[str, int] = {}
        return _plain(loader, node, "", lines), lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"Line {mark.line + 1}: " if mark else ""
        raise PolicyRejected(Fault("", f"{where}{_problem(error)}.")) from None
    except yaml.YAMLError:
        raise PolicyRejected(Fault("", "This holds characters that no text has.")) from None
    finally:
        if loader:
            loader.dispose()


class _Loader(yaml.SafeLoader):
    """Composes plain nodes only, and no more than ``MOST_NODES``, to ``MAX_DEPTH``."""

    yaml_implicit_resolvers: dict[str, list[Any]] = {}
    depth = nodes = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise _error("anchors and aliases (&name, *name) are not taken; write it out", event)
        if event.tag is not None:
            raise _error("tags (!name) are not taken; put a text that begins so in quotes", event)
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise _error(f"this is more than {MOST_NODES:,} values", event)
        if self.depth > MAX_DEPTH:
            raise _error(f"this is nested deeper than {MAX_DEPTH} levels", event)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


class _Dumper(yaml.SafeDumper):
    """Writes what ``_Loader`` reads, lists indented below their names."""

    yaml_implicit_resolvers: dict[str, list[Any]] = {}

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> Any:
        """Write what is small in one line: ``{within: 4h, time: working}``."""
        node = super().represent_mapping(tag, mapping, flow_style)
        plain = all(isinstance(value, yaml.ScalarNode) for _, value in node.value)
        node.flow_style = plain and len(node.value) <= 3
        return node

    def ignore_aliases(self, data: Any) -> bool:
        return True


for _name, (_pattern, _first) in MEANT.items():
    for _each in (_Loader, _Dumper):
        _each.add_implicit_resolver(CORE + _name, re.compile(f"^(?:{_pattern})$"), _first)


def _plain(loader: _Loader, node: yaml.Node, pointer: str, lines: dict[str, int]) -> Any:
    lines[pointer] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loader, each, f"{pointer}/{n}", lines) for n, each in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return _scalar(node)
    found: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _error("a key must be a word", key)
        if key.value in found:
            raise _error(f"the key {key.value[:64]} stands twice", key)
        found[key.value] = _plain(loader, value, pointer + pointed(key.value), lines)
    return found


def _scalar(node: yaml.ScalarNode) -> Any:
    kind = node.tag.removeprefix(CORE)
    if kind == "null":
        return None
    if kind == "bool":
        return node.value == "true"
    read = {"int": int, "float": float}.get(kind, str)
    return read(node.value)


def _error(problem: str, at: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=at.start_mark)


def _problem(error: yaml.MarkedYAMLError) -> str:
    """Return what YAML says is wrong, as the rest of a sentence."""
    said = (error.problem or "this is no YAML").strip().rstrip(".")
    if "block scalar" in f"{error.context} {said}":
        said += "; put an operator such as > in quotes"
    return said[0].upper() + said[1:]


def _line(pointer: str, lines: dict[str, int]) -> str:
    """Return the line of a place, or of what should hold it."""
    while pointer not in lines and pointer:
        pointer = pointer.rpartition("/")[0]
    return f"Line {lines[pointer]}: " if pointer in lines else ""
