"""Copied cells, which have one id, are read without a warning at the terminal."""

from __future__ import annotations

import json
import warnings

from lib.grading.similarity.written import Asked, submitted_code


def test_a_copied_cell_gives_no_warning(tmp_path):
    cell = {"cell_type": "code", "id": "x", "metadata": {}, "source": "x = 1", "outputs": []}
    notebook = {"cells": [cell | {"execution_count": None}] * 2, "metadata": {}, "nbformat": 4}
    (tmp_path / "a.ipynb").write_text(json.dumps(notebook | {"nbformat_minor": 5}))
    asked = Asked(**{name: {} for name in Asked.__dataclass_fields__})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert isinstance(submitted_code(tmp_path, asked), dict)
