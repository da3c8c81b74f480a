"""Every speed that the course states, measured against its peers in one run: `python -m benchmarks`.

A module of this folder that has a function `rows(quick: bool) -> Iterable[Row]` is a benchmark: add a file,
and its rows stand in the table. See `benchmarks.measure` for `Row` and for fair timing.
"""
