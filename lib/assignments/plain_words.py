"""What errors and warnings say, without the names that a kernel gives to cells, and addresses in memory.

They mean nothing to a reader, and are others in each run.
"""

from __future__ import annotations

import re

_FOLDER = r"(?:(?:[A-Za-z]:)?[^\s\"'(<>:]{0,200}[/\\])?"  # bounded: a student may write any text
_NAMED = rf"(?:<ipython-input-[\w-]{{1,80}}>|{_FOLDER}ipykernel_\d{{1,20}}[/\\]\d{{1,20}}\.py)"
_CELL = rf"(?:{_NAMED}|\d{{5,20}}\.py)"
_AT_THE_END = re.compile(rf"\({_CELL}, line (\d+)\)")  # of a SyntaxError
_IN_A_TRACEBACK = re.compile(rf"File \"?{_CELL}\"?(?::|, line )(\d+)(, in <module>)?")
_OF_A_WARNING = re.compile(rf"(?<![\w/\\.]){_CELL}:(\d+)(?=:)")
_ALONE = re.compile(rf"(?<![\w/\\.]){_NAMED}")
_ADDRESS = re.compile(r" (?:object )?at 0x[0-9a-fA-F]{4,16}(?=>)")
_INSTALLED = re.compile(r"(?:[A-Za-z]:)?[/\\][^\s\"'(<>:]{0,300}[/\\](?:site|dist)-packages[/\\]")


def plain_words(text: str) -> str:
    """A text of an error, warning or traceback in the words of its reader.

    >>> plain_words("invalid syntax (4124815565.py, line 1)")
    'invalid syntax (line 1 of the cell)'
    >>> plain_words("/tmp/ipykernel_7/4124815565.py:3: UserWarning: <f object at 0x7f00beef>")
    'line 3 of the cell: UserWarning: <f object>'
    """
    text = _AT_THE_END.sub(r"(line \1 of the cell)", text)
    text = _IN_A_TRACEBACK.sub(r"Line \1 of the cell", text)
    text = _OF_A_WARNING.sub(r"line \1 of the cell", text)
    text = _ALONE.sub("the cell", text)
    text = _ADDRESS.sub(lambda found: " object" if "object" in found[0] else "", text)
    return _INSTALLED.sub("", text)
