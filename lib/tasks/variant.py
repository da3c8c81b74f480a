"""Numbers of a student's own, for written questions: the same id gives the same number, on every computer."""

from __future__ import annotations

from hashlib import sha256

from lib.checks import mismatch, shown


def variant(student_id: str, low: int, high: int, label: str) -> int:
    """A whole number from low to high, both included, that belongs to a student and a question.

    student_id: capitals and spaces around it don't count
    low, high: the range
    label: of the question; another label gives a number that has nothing to do with this one

    Raises `ValueError` where the id is empty or low is above high.

    >>> variant("ada", 1, 9, "k"), variant(" Ada", 1, 9, "k"), variant("ada", 7, 7, "k")
    (6, 6, 7)
    """
    if not isinstance(student_id, str) or not student_id.strip():
        raise mismatch("variant", "student_id", "your id, in quotation marks", shown(student_id))
    if low > high:
        raise mismatch("variant", "low", f"at most high={high}", shown(low))
    drawn = sha256(f"{label}\n{student_id.strip().casefold()}".encode()).digest()
    return low + int.from_bytes(drawn) % (high - low + 1)
