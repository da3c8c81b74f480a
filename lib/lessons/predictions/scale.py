"""Scales: from a value to its place between two ends, and how numbers are written and read."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from lib.checks import check_number, shown
from lib.demos.kit.rounded import powered

TICKS = 6  # about so many numbers stand below a scale
NICE = (1, 2, 5, 10)  # steps that people count in
POWER = re.compile(r"(?:(.+?)\s*[·*x×]\s*)?10\s*(?:\^|\*\*)\s*\(?([-+]?\d+)\)?")
GROUPS = re.compile(r"[-+]?\d{1,3}(?:[ ,'\u202f\xa0]\d{3})+(?:\.\d+)?")
DIGITS, RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"), str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Scale:
    """Numbers from `low` to `high`.

    label: what they are, such as "top-5 error"; "" where the question says it
    unit: what stands behind each number, such as "%"
    log: True where each step multiplies; both ends are positive then
    """

    low: float
    high: float
    label: str = ""
    unit: str = ""
    log: bool = False

    def __post_init__(self) -> None:
        low = check_number(self.low, name="low", low=-1e300, high=1e300)
        check_number(self.high, name="high", low=low, high=1e300)
        if self.high == self.low or (self.log and low <= 0):
            accepted = "positive ends" if self.log else "two ends"
            raise ValueError(f"low: expected {accepted}, low below high, got {self.low} and {self.high}")

    @property
    def range(self) -> str:
        """Its ends, in words."""
        return f"a number from {number_words(self.low)} to {self.words(self.high)}"

    def check(self, value: Any) -> float:
        """The value as a float; raises `ValueError` for what is no number between the ends."""
        if isinstance(value, str):
            value = self.read(value)
        slack = 1e-3 * (self.high - self.low)  # a number was rounded for the file
        try:
            number = check_number(value, name="guess", low=self.low - slack, high=self.high + slack)
        except ValueError:
            raise self.refuse(value) from None
        return min(max(number, float(self.low)), float(self.high))

    def refuse(self, value: Any) -> ValueError:
        return ValueError(f"guess: expected {self.range}, got {shown(value)}")

    def read(self, text: str) -> float:
        """A number as people type it: "15,4", "15.4 %", "30,000", "10^-8", "2·10⁻⁸", "−4".

        A comma before three digits is ambiguous: it parts thousands where that number is on the scale.
        """
        bare = text.strip().replace("−", "-").removesuffix(self.unit.strip()).strip()
        bare = re.sub(r"10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda found: "10^" + found[1].translate(DIGITS), bare)
        ways = [bare.replace(",", ".")]
        if GROUPS.fullmatch(bare):
            ways.insert(0, re.sub(r"[ ,'\u202f\xa0]", "", bare))
        for way in ways:
            number = plain_number(way)
            if number is not None and self.low <= number <= self.high:
                return number
        raise self.refuse(text)

    def share(self, value: float) -> float:
        """The place of a value: 0 at the low end, 1 at the high one, and no further."""
        value = min(max(float(value), self.low), self.high)
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def at(self, share: float) -> float:
        """The value at a place."""
        if self.log:
            return float(self.low * (self.high / self.low) ** share)
        return float(self.low + share * (self.high - self.low))

    def ticks(self) -> list[float]:
        """Round numbers along the scale."""
        if self.log:
            first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
            if last > first:
                every = max(1, math.ceil((last - first) / TICKS))
                return [10.0**power for power in range(first, last + 1, every)]
        rough = (self.high - self.low) / TICKS
        ten = 10.0 ** math.floor(math.log10(rough))
        step = next(nice * ten for nice in NICE if nice * ten >= rough * (1 - 1e-9))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [round(count * step, 12) for count in range(first, last + 1)]

    def words(self, value: float) -> str:
        """A value with its unit."""
        return f"{number_words(value)} {self.unit}".rstrip()

    def view(self) -> dict[str, Any]:
        """What the browser draws."""
        ticks = self.ticks()
        far = self.log and (ticks[0] < 1e-3 or ticks[-1] > 1e6)
        texts = [
            power_words(tick) if far and not 0.01 <= tick < 1e3 else number_words(tick) for tick in ticks
        ]
        marks = [{"at": self.share(tick), "text": text} for tick, text in zip(ticks, texts, strict=True)]
        return {
            "low": float(self.low), "high": float(self.high), "label": self.label, "unit": self.unit,
            "log": self.log, "ticks": marks,
        }  # fmt: skip


def plain_number(text: str) -> float | None:
    """The finite number that a text is, or None; "3·10^-8" is one."""
    factor, power = text, 0
    if found := POWER.fullmatch(text):
        factor, power = found[1] or "1", int(found[2][:6])
    try:
        number = float(factor) * 10.0**power
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and "_" not in text else None


def power_words(value: float) -> str:
    """A power of ten as one.

    >>> power_words(0.0001)
    '10⁻⁴'
    """
    return "10" + str(round(math.log10(value))).translate(RAISED)


def number_words(value: float) -> str:
    """A number for people: at most four digits that count, and whole numbers in full.

    >>> number_words(15.4), number_words(61460), number_words(-4.0), number_words(2.04e-8)
    ('15.4', '61,460', '−4', '2.04·10⁻⁸')
    """
    if float(value).is_integer() and abs(value) < 1e7:
        return f"{value:,.0f}".replace("-", "−") if abs(value) >= 10_000 else f"{value:.0f}".replace("-", "−")
    return powered(float(value), 4)
