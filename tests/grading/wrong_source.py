"""The bank's wrong answers as a student would write them: text that stands alone in a cell."""

import ast
import functools
import inspect

from lib.tasks import find_task, task_names
from lib.tasks.known import has_answers


@functools.cache
def answers_tree(name):
    """The file of a task's answers."""
    task = find_task(name)
    assert has_answers(task)
    return ast.parse(inspect.getsource(inspect.getmodule(task.references[task.defines[0]])))


def right_source(name):
    """The right answers of a task, with what they need."""
    return _text(name, [])


def wrong_source(name, wrong):
    """A wrong answer of a task beside its right ones; it takes the name that it stands for.

    wrong: one of the task's wrong answers; those that are made by a function raise `KeyError`
    """
    ((replaced, _),) = wrong.written.items()
    node = _definitions(name)[wrong.name]
    text = _text(name, [node], renamed=replaced)
    return f"{text}\n\n\n{replaced} = {wrong.name}\n"


def wrong_answers(assignment):
    """(task's name, wrong answer) of all that can be written as a text."""
    found = []
    for name in task_names(assignment):
        assert has_answers(find_task(name))
        for wrong in find_task(name).wrong_answers:
            try:
                wrong_source(name, wrong)
            except KeyError:
                continue
            found.append((name, wrong))
    return found


def _definitions(name):
    """Name → definition at the top of the file; a name that comes twice cannot be told."""
    nodes = [node for node in answers_tree(name).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    names = [node.name for node in nodes]
    return {node.name: node for node in nodes if names.count(node.name) == 1}


def _text(name, further, renamed=""):
    """Imports, right answers and what they and the further definitions use, without the marks of the bank."""
    task = find_task(name)
    body = [node for node in answers_tree(name).body if not _of_the_course(node)]
    wanted = [node for node in body if _names(node) & set(task.defines)] + further
    for node in wanted:  # which grows
        used = {part.id for part in ast.walk(_unmarked(node)) if isinstance(part, ast.Name)}
        wanted += [other for other in body if _names(other) & used and other not in wanted]
    kept = [node for node in body if node in wanted or isinstance(node, ast.Import | ast.ImportFrom)]
    tree = ast.parse("\n\n\n".join(ast.unparse(_unmarked(node)) for node in kept))
    for part in ast.walk(tree):  # the right answer under another name, which the wrong one may build on
        if renamed and isinstance(part, ast.Name) and part.id == renamed:
            part.id = f"{renamed}Before"
        if (
            renamed
            and isinstance(part, ast.FunctionDef | ast.ClassDef)
            and part.name == renamed
            and part in tree.body
        ):
            part.name = f"{renamed}Before"
    return "\n\n\n".join(ast.unparse(node) for node in tree.body)


def _of_the_course(node):
    module = getattr(node, "module", "") or ""
    return isinstance(node, ast.ImportFrom) and module.partition(".")[0] in ("lib", "__future__")


def _names(node):
    """What a definition or an assignment defines."""
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    parts = [part for target in targets if target for part in ast.walk(target)]
    return {getattr(node, "name", "")} | {part.id for part in parts if isinstance(part, ast.Name)} - {""}


def _unmarked(node):
    """A definition without its decorators, which here are the marks of the bank."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        node = ast.parse(ast.unparse(node)).body[0]
        node.decorator_list = []
    return node
