"""The row painter: what changed in a LogPane goes to the terminal as whole rows, links included,
faster than prompt_toolkit finds and writes it cell by cell. Without it all works the same, only
without links."""

from __future__ import annotations

from types import FunctionType, MethodType
from typing import Any, Final

from prompt_toolkit import renderer
from prompt_toolkit.application import Application
from prompt_toolkit.data_structures import Point, Size
from prompt_toolkit.layout.screen import Char, Screen
from prompt_toolkit.output import Output
from prompt_toolkit.output.vt100 import Vt100_Output

from ircish.client.pane import LogPane, Row, cell

DIFF: Final = "_output_screen_diff"
"""What ``Renderer.render`` calls to bring the terminal from the previous screen to the next. It is
private to prompt_toolkit: its name and its parameters are checked before we come between."""
PARAMETERS: Final = (
    *("app", "output", "screen", "current_pos", "color_depth", "previous_screen", "last_style"),
    *("is_done", "full_screen", "attrs_for_style_string", "style_string_has_style", "size"),
    "previous_width",
)


def install(app: Application[Any], pane: LogPane) -> bool:
    """Let the pane's rows be painted so; False, and nothing done, where that is not possible."""
    render = renderer.Renderer.render
    diff = getattr(renderer, DIFF, None)
    if not isinstance(app.output, Vt100_Output) or not isinstance(diff, FunctionType):
        return False
    code = diff.__code__
    known = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] == PARAMETERS
    if not known or DIFF not in render.__code__.co_names:
        return False
    # The method with another diff, for this renderer alone: other applications keep theirs.
    names = vars(renderer) | {DIFF: RowPainter(pane, diff).paint}
    ours = FunctionType(render.__code__, names, render.__name__, render.__defaults__)
    vars(app.renderer)["render"] = MethodType(ours, app.renderer)
    return True


class RowPainter:
    """Writes the pane's changed rows, and leaves to the diff what else there is.

    Between two paints the terminal shows what the renderer's previous screen says, the attributes
    are reset and the cursor is at ``current_pos``: the diff relies on it, so this keeps it true.
    """

    def __init__(self, pane: LogPane, diff: FunctionType) -> None:
        self._pane = pane
        self._diff = diff
        self._rows: dict[int, Row] = {}  # on the terminal, whole, by its row

    def paint(
        self,
        app: Application[Any],
        output: Output,
        screen: Screen,
        current_pos: Point,
        color_depth: object,
        previous_screen: Screen | None,
        last_style: str | None,
        is_done: bool,
        full_screen: bool,
        attrs_for_style_string: object,
        style_string_has_style: object,
        size: Size,
        previous_width: int,
    ) -> object:
        """In the place of the diff."""
        aside = {}
        if is_done or not full_screen or self._pane.screen is not screen:
            self._rows = {}
        else:
            output.hide_cursor()
            if previous_screen is None or previous_width != size.columns:
                # The diff would do this too, after our rows were written.
                output.reset_attributes()
                output.disable_autowrap()
                output.cursor_goto(1, 1)
                output.erase_down()
                current_pos, last_style = Point(0, 0), None
                previous_screen, previous_width = Screen(), size.columns
                self._rows = {}
            self._write_rows(output, screen, previous_screen, current_pos)
            # Rows that are alike already: the diff would compare all their cells.
            new, old = screen.data_buffer, previous_screen.data_buffer
            aside = {y: new[y] for y in range(size.rows) if new[y] == old[y]}
            for y in aside:
                del new[y], old[y]
        result: object = self._diff(
            app,
            output,
            screen,
            current_pos,
            color_depth,
            previous_screen,
            last_style,
            is_done,
            full_screen,
            attrs_for_style_string=attrs_for_style_string,
            style_string_has_style=style_string_has_style,
            size=size,
            previous_width=previous_width,
        )
        screen.data_buffer.update(aside)
        return result

    def _write_rows(self, output: Output, screen: Screen, previous: Screen, cursor: Point) -> None:
        """Write the rows that changed; a row under a float or of a wrong width is the diff's."""
        rows: dict[int, Row] = {}
        written = False
        for y, (row, cells, exact) in self._pane.painted.items():
            new, old = screen.data_buffer[y], previous.data_buffer[y]
            if self._rows.get(y) is row and new == old:
                rows[y] = row
            elif exact and cells.items() <= new.items():
                output.cursor_goto(y + 1, next(iter(cells)) + 1)
                output.write_raw(row.escape)
                old.update(cells)
                rows[y] = row
                written = True
            elif exact:
                mend(new)
        self._rows = rows
        if written:
            output.cursor_goto(cursor.y + 1, cursor.x + 1)


def mend(row: dict[int, Char]) -> None:
    """Put a space for each half of a wide character whose other half is under a float.

    The diff would skip the float's cell, and all that follows would be off by one.
    """
    for x, this in list(row.items()):
        left, right = row.get(x - 1), row.get(x + 1)
        first = this.width == 2 and right is not None and right.char
        second = not this.char and (left is None or left.width != 2)
        if first or second:
            row[x] = cell(" ", this.style)
