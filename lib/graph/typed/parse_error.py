"""The error for a slip in a typed expression."""


class ParseError(ValueError):
    """A slip in a typed expression: what is wrong, and a caret below the place.

    message: one sentence
    text: the expression as it was typed
    position: of the slip, counted from 0, in characters
    """

    def __init__(self, message: str, text: str, position: int = 0):
        start = max(0, position - 40)
        shown = "".join(c if c.isprintable() else " " for c in text[start : start + 80])
        super().__init__(f"{message}\n    {shown}\n    {' ' * (position - start)}^")
        self.message, self.text, self.position = message, text, position
