"""What a notebook shows of a text: as Markdown, or as a line of small print; anywhere else it is the text itself."""


class Markdown(str):
    """Text that a notebook shows as Markdown, and everything else as it stands."""

    def _repr_markdown_(self):
        return str(self)

    def __repr__(self):
        return str(self)


class Line(str):
    """A line of small print in a notebook."""

    def _repr_html_(self):
        return f"<small>{self}</small>"

    def __repr__(self):
        return str(self)
