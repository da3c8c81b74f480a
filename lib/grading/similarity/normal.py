"""Code as a stream of words that stay the same when names, comments, layout or spelling change."""

from __future__ import annotations

import ast
import builtins
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lib.tasks.parsing import syntax_tree

OWN = "·"  # a name that the code gives itself
MOST = 100_000  # letters of one text that are read; nobody writes more by hand
STUB = "NotImplementedError"
LEXEME = re.compile(
    r"""(?P<gap>\#[^\n]*|\s+)
    | (?P<string>\"{3}.*?(?:\"{3}|\Z)|'{3}.*?(?:'{3}|\Z)|"(?:\\.|[^"\\\n])*+"?|'(?:\\.|[^'\\\n])*+'?)
    | (?P<word>[^\W\d]\w*) | (?P<number>\d[\w.]*) | (?P<sign>.)""",
    re.S | re.X,
)
KEYWORDS = {
    "for",
    "while",
    "if",
    "elif",
    "else",
    "return",
    "in",
    "not",
    "and",
    "or",
    "def",
    "class",
    "lambda",
}
BUILTINS = frozenset(dir(builtins))
UNSAID = (ast.Import, ast.ImportFrom, ast.Pass, ast.Global, ast.Nonlocal)
SWAPPED: dict[type[ast.cmpop], str] = {ast.Gt: "Lt", ast.GtE: "LtE"}
Words = list[tuple[str, int]]  # each with its line, from 1


@dataclass(frozen=True)
class WordStream:
    """The words of a function, in order, and the line of each, from 1."""

    words: tuple[str, ...]
    lines: tuple[int, ...]


def streams(text: str) -> list[WordStream]:
    """The functions and methods of a text, each as one stream, and the other statements as one more.

    What is no Python is read word by word, the rest of the text as usual.
    """
    found: list[WordStream] = []
    for first, block, tree in parsed(text[:MOST]):
        try:
            made = tree_streams(tree) if tree else [lexed(block)]
        except RecursionError:
            made = [lexed(block)]
        found += [_stream([(word, line + first) for word, line in words]) for words in made if words]
    return found


def is_python(text: str) -> bool:
    """Whether all of a text is."""
    return all(tree is not None for _, _, tree in parsed(text[:MOST]))


def lexed_stream(text: str) -> WordStream:
    """A text word by word: what is left of code that is no Python."""
    return _stream(lexed(text[:MOST]))


def parsed(text: str) -> Iterator[tuple[int, str, ast.Module | None]]:
    """Lines before it, its text, its syntax; in one piece, or block by block where one is broken."""
    tree = tree_of(text)
    if tree:
        yield 0, text, tree
        return
    for first, block in blocks(text):
        yield first, block, tree_of(block)


def blocks(text: str) -> Iterator[tuple[int, str]]:
    """What stands at the margin with all that is indented below it, and how many lines are before it."""
    lines, start = text.split("\n"), 0
    for number in range(1, len(lines) + 1):
        if number == len(lines) or (lines[number][:1].strip() and not _continues(lines[number])):
            block = "\n".join(lines[start:number])
            if block.strip():
                yield start, block
            start = number


def _continues(line: str) -> bool:
    return line.startswith((")", "]", "}", "else", "elif", "except", "finally", "#")) or _decorated(line)


def _decorated(line: str) -> bool:
    return line.startswith(("'''", '"""'))


def tree_of(text: str) -> ast.Module | None:
    """The syntax of a text; None where it has none. Lines for IPython, such as %time, are passed over."""
    plain = re.sub(r"(?m)^([ \t]*+)[%!?].*$", r"\1pass", text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what it says about its strings
            return syntax_tree(plain)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def lexed(text: str) -> Words:
    """Words of a text whose syntax is broken."""
    words: Words = []
    line = 1
    for found in LEXEME.finditer(text):
        kind, lexeme = found.lastgroup, found.group()
        if kind == "word":
            called = (
                text[found.end() : found.end() + 1] == "(" or text[found.start() - 1 : found.start()] == "."
            )
            words.append((lexeme if called or lexeme in KEYWORDS else OWN, line))
        elif kind != "gap":
            words.append(("str" if kind == "string" else lexeme, line))
        line += lexeme.count("\n")
    return words


def tree_streams(tree: ast.Module) -> list[Words]:
    """One stream for each function and method; one of all statements outside them."""
    named = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    found, outside = [], Reader(own_names(tree.body) | named)
    loose: Words = []
    for node in tree.body:
        for function in functions(node):
            reader = Reader(own_names([node]) | named)
            found.append(reader.block(function.body))
        if isinstance(node, ast.ClassDef):
            loose += outside.block([part for part in node.body if not isinstance(part, ast.FunctionDef)])
        elif not isinstance(node, ast.FunctionDef):
            loose += outside.block([node])
    return [*found, loose]


def functions(node: ast.stmt) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """A function, or the methods of a class; those inside functions belong to them."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield node
    elif isinstance(node, ast.ClassDef):
        for part in node.body:
            yield from functions(part)


def own_names(body: Sequence[ast.stmt]) -> set[str]:
    """Names of arguments, and what is assigned to: variables, and attributes with a dot before them."""
    own = set()
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.arg):
                own.add(node.arg)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                own.add(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                own.add(f".{node.attr}")
    return own


class Reader:
    """Turns syntax into words, several spellings of one thing into the same ones.

    own: the names that the code gives itself
    """

    def __init__(self, own: set[str]):
        self.own = own

    def block(self, body: Sequence[ast.stmt]) -> Words:
        counters = {name for node in body if isinstance(node, ast.While) and (name := counter_of(node))}
        words: Words = []
        for node in body:
            if not (counters and isinstance(node, ast.Assign) and _is_zero(node, counters)):
                words += self.statement(node)
        return words

    def statement(self, node: ast.stmt) -> Words:
        if isinstance(node, ast.AnnAssign):
            if node.value is None:
                return []
            node = ast.copy_location(ast.Assign([node.target], node.value), node)
        match node:
            case ast.Expr(value=ast.Constant() | ast.Call(func=ast.Name(id="print"))):
                return []
            case ast.Raise(exc=ast.Call(func=ast.Name(id=name)) | ast.Name(id=name)) if name == STUB:
                return []
            case ast.Expr(value=value):
                return self.part(value)
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(
                targets
            ) == len(values):
                return [
                    word for one, value in zip(targets, values, strict=True) for word in self.put(one, value)
                ]
            case ast.Assign(targets=targets, value=value):
                return [word for target in targets for word in self.put(target, value)]
            case ast.AugAssign(target=target, op=op, value=value):
                return [(f"{type(op).__name__}=", node.lineno), *self.target(target), *self.part(value)]
            case ast.For(iter=over, body=body, orelse=orelse):
                return [("loop", node.lineno), *self.part(bound(over)), *self.block([*body, *orelse])]
            case ast.While(test=test, body=body, orelse=orelse):
                if isinstance(test, ast.Compare) and (name := counter_of(node)):
                    test, body = test.comparators[0], [part for part in body if not _counts(part, name)]
                return [("loop", node.lineno), *self.part(test), *self.block([*body, *orelse])]
            case ast.If(test=test, body=body, orelse=orelse):
                words = [("if", node.lineno), *self.part(test), *self.block(body)]
                return [*words, ("else", orelse[0].lineno), *self.block(orelse)] if orelse else words
            case ast.FunctionDef(body=body) | ast.AsyncFunctionDef(body=body) | ast.ClassDef(body=body):
                return [("def", node.lineno), *self.block(body)]
        return [] if isinstance(node, UNSAID) else self.part(node)

    def put(self, target: ast.expr, value: ast.expr) -> Words:
        """An assignment; x = x + 1 is said like x += 1."""
        line = target.lineno
        if isinstance(value, ast.BinOp) and ast.unparse(target) == ast.unparse(value.left):
            return [(f"{type(value.op).__name__}=", line), *self.target(target), *self.part(value.right)]
        return [("=", line), *self.target(target), *self.part(value)]

    def target(self, node: ast.expr) -> Words:
        """What is assigned to; a variable's name says nothing."""
        if isinstance(node, ast.Tuple | ast.List):
            return [word for part in node.elts for word in self.target(part)]
        return [(OWN, node.lineno)] if isinstance(node, ast.Name) else self.part(node)

    def part(self, node: ast.AST) -> Words:
        """An expression, or a statement without a spelling of its own: operator first."""
        line = getattr(node, "lineno", 0)
        match node:
            case ast.Name(id=name):
                return [(name if name in BUILTINS and name not in self.own else OWN, line)]
            case ast.Attribute(value=value, attr=attr):  # np.exp is exp, wherever it comes from
                words = [(OWN if f".{attr}" in self.own else attr, line)]
                return words if isinstance(value, ast.Name) else words + self.part(value)
            case ast.Constant(value=str() | bytes()) | ast.JoinedStr():
                return [("str", line)]
            case ast.Constant(value=value):
                return [(repr(value)[:20], line)]
            case ast.BinOp(left=left, op=op, right=right):
                sides = [self.part(left), self.part(right)]
                if isinstance(op, ast.Add | ast.Mult):
                    sides.sort(key=lambda words: [word for word, _ in words])
                return [(type(op).__name__, line), *sides[0], *sides[1]]
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                if type(op) in SWAPPED:
                    return [(SWAPPED[type(op)], line), *self.part(right), *self.part(left)]
                return [(type(op).__name__, line), *self.part(left), *self.part(right)]
            case ast.Call(func=func, args=arguments, keywords=keywords):
                name = func.id if isinstance(func, ast.Name) and func.id not in self.own else ""
                words = [("call", line), *([(name, line)] if name else self.part(func))]
                for argument in arguments:
                    words += self.part(argument)
                for keyword in sorted(keywords, key=lambda keyword: keyword.arg or ""):
                    words += [(f"{keyword.arg}=", line), *self.part(keyword.value)]
                return words
            case ast.Lambda(body=body):
                return [("def", line), *self.part(body)]
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return [("if", line), *self.part(test), *self.part(body), ("else", line), *self.part(orelse)]
            case ast.DictComp(key=key, value=value, generators=over):
                return [*self.over(over, line), *self.part(key), *self.part(value)]
            case ast.ListComp(elt=elt, generators=over) | ast.SetComp(elt=elt, generators=over):
                return [*self.over(over, line), *self.part(elt)]
            case ast.GeneratorExp(elt=elt, generators=over):
                return [*self.over(over, line), *self.part(elt)]
        words = [(type(node).__name__, line)] if line else []
        for field, value in ast.iter_fields(node):
            if field in ("annotation", "returns", "type_comment", "ctx"):
                continue
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                words += self.block(value)
            else:
                for item in value if isinstance(value, list) else [value]:
                    if isinstance(item, ast.AST):
                        words += self.part(item)
        return words

    def over(self, generators: Sequence[ast.comprehension], line: int) -> Words:
        """What a comprehension goes through, said like a loop."""
        words: Words = []
        for one in generators:
            words += [("loop", line), *self.part(bound(one.iter))]
            for test in one.ifs:
                words += [("if", line), *self.part(test)]
        return words


def bound(over: ast.expr) -> ast.expr:
    """n of range(n) and range(0, n), so that it is said like a `while` up to n; else the same."""
    match over:
        case ast.Call(func=ast.Name(id="range"), args=[end], keywords=[]):
            return end
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=0), end], keywords=[]):
            return end
    return over


def counter_of(loop: ast.While) -> str:
    """i of `while i < n` whose body has `i += 1`; "" for another loop."""
    match loop.test:
        case ast.Compare(left=ast.Name(id=name), ops=[ast.Lt()]):
            return name if any(_counts(part, name) for part in loop.body) else ""
    return ""


def _counts(node: ast.stmt, name: str) -> bool:
    match node:
        case ast.AugAssign(target=ast.Name(id=counter), op=ast.Add(), value=ast.Constant(value=1)):
            return counter == name
        case ast.Assign(
            targets=[ast.Name(id=counter)],
            value=ast.BinOp(left=ast.Name(id=same), op=ast.Add(), right=ast.Constant(value=1)),
        ):
            return counter == same == name
    return False


def _is_zero(node: ast.Assign, counters: set[str]) -> bool:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=0)):
            return name in counters
    return False


def _stream(words: Words) -> WordStream:
    return WordStream(tuple(word for word, _ in words), tuple(line for _, line in words))
