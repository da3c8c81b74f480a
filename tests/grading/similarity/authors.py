"""A made class: students who write alone, each in ways of their own, and ways to hide what was copied."""

import ast
import json
import random
import textwrap

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from lib.assignments.originals import keep_original
from lib.grading.places import submission_folder

NAME = "a7_made"
STUB = 'raise NotImplementedError("write this part")'
TASKS = {  # name → the head of what it asks for, and the cell
    "a7.settle": "def settle(table, rate, rounds):",
    "a7.route": "def route(grid, start, goal):",
    "a7.filter": "class Filter:\n    def apply(self, rows):",
    "a7.linear": "class Linear:\n    def forward(self, x):",
}
LINEAR = """class Linear:
    def forward(self, x):
        return x @ self.weight.T + self.bias

    def backward(self, x, grad_output):
        self.grad_weight += grad_output.T @ x
        self.grad_bias += grad_output.sum(axis=0)
        return grad_output @ self.weight"""
FUNCTIONS = (
    "exp",
    "log1p",
    "abs",
    "sqrt",
    "cumsum",
    "flip",
    "sort",
    "tanh",
    "square",
    "sign",
    "diff",
    "floor",
)
NAMES = ("a", "total", "left", "value", "best", "row", "acc", "tmp", "found", "step", "weight", "out")


def made_course(root):
    """A course whose one assignment has three long tasks and a short one."""
    cells = [
        new_markdown_cell("# Made"),
        new_code_cell(
            "import numpy as np\n\nfrom lib.tasks import check", metadata=named("imports", locked=True)
        ),
    ]
    for task, head in TASKS.items():
        key = task.partition(".")[2]
        depth = 8 if head.startswith("class") else 4
        source = f'{head}\n{" " * depth}"""What it does."""\n{" " * depth}{STUB}'
        defined = head.replace("def ", "").replace("class ", "").partition("(")[0].partition(":")[0]
        cells.append(new_code_cell(source, metadata=named(f"{key}-code", solution=True)))
        cells.append(
            new_code_cell(f'check("{task}", {defined})', metadata=named(f"{key}-check", locked=True))
        )
    released = new_notebook(cells=cells)
    keep_original(NAME, {f"{NAME}.ipynb": json.dumps(released).encode()}, root)
    return released


def named(name, **more):
    return {"nbgrader": {"grade_id": name, "grade": False, "solution": False, "locked": False} | more}


def alone(rng):
    """What somebody writes alone: task → text."""
    helper = rng.choice(NAMES) + "_part"
    return {
        "a7.settle": f"{TASKS['a7.settle']}\n    table = {helper}(1, 2)\n{body(rng, 14)}\n\n\n"
        f"def {helper}(x, y):\n{body(rng, 5)}",
        "a7.route": f"{TASKS['a7.route']}\n{body(rng, 12)}",
        "a7.filter": "class Filter:\n"
        + "\n\n".join(
            f"    def {name}(self, rows):\n{textwrap.indent(body(rng, 6), '    ')}"
            for name in ("apply", "before", "after")
        ),
        "a7.linear": LINEAR,
    }


def body(rng, count):
    """Drawn statements; names, operations and order are of a person's own."""
    lines = []
    for _ in range(count):
        name, other = rng.sample(NAMES, 2)
        kind = rng.randrange(6)
        if kind == 0:
            lines.append(f"for i in range({rng.choice(('len(rows)', 'n', 'rounds', 'size'))}):")
            lines.append(f"    {name}[i] = {drawn(rng, 2)}")
        elif kind == 1:
            lines.append(f"if {drawn(rng, 1)} > {drawn(rng, 1)}:")
            lines.append(f"    {name} {rng.choice('+-*/')}= {drawn(rng, 1)}")
        elif kind == 2:
            lines.append(f"{name} = [{drawn(rng, 1)} for {other} in {drawn(rng, 1)}]")
        else:
            lines.append(f"{name} = {drawn(rng, 2)}")
    lines.append(f"return {drawn(rng, 2)}")
    return textwrap.indent("\n".join(lines), "    ")


def drawn(rng, depth):
    """A drawn expression."""
    if depth == 0:
        return rng.choice((*NAMES, str(rng.randrange(20)), f"{rng.random():.2f}"))
    one, other = drawn(rng, depth - 1), drawn(rng, depth - 1)
    kind = rng.randrange(4)
    if kind == 0:
        return f"np.{rng.choice(FUNCTIONS)}({one})"
    if kind == 1:
        return f"np.{rng.choice(FUNCTIONS)}({one}, axis={rng.randrange(3)})[{other}]"
    return f"({one} {rng.choice(('+', '-', '*', '/', '@', '%', '**'))} {other})"


class Renamed(ast.NodeTransformer):
    """Other names for what the code names itself; counted loops as `while`, x += 1 as x = x + 1."""

    def __init__(self, tree, whiles=False):
        self.whiles, self.names = whiles, {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.names[node.id] = f"my_{node.id}_{len(self.names)}"

    def visit_Name(self, node):
        return ast.copy_location(ast.Name(self.names.get(node.id, node.id), node.ctx), node)

    def visit_AugAssign(self, node):
        self.generic_visit(node)
        if not isinstance(node.target, ast.Name):
            return node
        value = ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value)
        return ast.copy_location(ast.Assign([node.target], value), node)

    def visit_For(self, node):
        self.generic_visit(node)
        if not (self.whiles and isinstance(node.iter, ast.Call) and node.iter.func.id == "range"):
            return node
        counter, end = node.target.id, ast.unparse(node.iter.args[0])
        text = f"{counter} = 0\nwhile {counter} < {end}:\n    pass\n    {counter} += 1"
        begin, loop = ast.parse(text).body
        loop.body[:1] = node.body
        return [begin, loop]


def disguised(text, rng, whiles=False):
    """The same code with other names, remarks, layout and spelling, its functions in another order."""
    tree = ast.parse(text)
    for node in [tree, *ast.walk(tree)]:
        if isinstance(node, ast.Module | ast.ClassDef):
            rng.shuffle(node.body)
    tree = ast.fix_missing_locations(Renamed(tree, whiles).visit(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.body.insert(0, ast.Expr(ast.Constant(f"All my own work {rng.random()}")))
    lines = []
    for line in ast.unparse(ast.fix_missing_locations(tree)).split("\n"):
        lines += [line + rng.choice(("", "  # here", "   # and so on")), *[""] * (rng.random() < 0.2)]
    return "\n".join(lines)


def hand_in(root, student, released, code, merged=False, further=()):
    """Writes a submission.

    code: task → text
    merged: all code in one cell of the student's own
    further: cells to add
    """
    notebook = json.loads(json.dumps(released))
    for cell in notebook["cells"]:
        task = f"a7.{cell['metadata'].get('nbgrader', {}).get('grade_id', '').removesuffix('-code')}"
        if task in code and not merged and cell["metadata"]["nbgrader"]["solution"]:
            cell["source"] = code[task]
    if merged:
        notebook["cells"].insert(2, new_code_cell("\n\n".join(code.values())))
    notebook["cells"] += [new_code_cell(text) for text in further]
    folder = submission_folder(student, NAME, root)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{NAME}.ipynb").write_text(json.dumps(notebook), "utf-8")
    return folder


def a_made_class(root, count, seed=0):
    """So many students who write alone; returns the release and what each wrote."""
    released, written = made_course(root), {}
    for number in range(count):
        student = f"s{number:03}"
        written[student] = alone(random.Random(f"{seed} {student}"))
        hand_in(root, student, released, written[student])
    return released, written
