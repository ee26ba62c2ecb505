# SPDX-License-Identifier: GPL-3.0-or-later
"""The one table of commands: menus, toolbar, command search, tooltips and the shortcut sheet are made from it.

Qt-free. Where a shortcut works: ``window`` everywhere, ``pane`` while a picture has the focus, ``kernel`` in the
cells of the kernel, ``stack`` in the list of layers. Two commands may share a shortcut only where they can never both
be meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WINDOW, PANE, KERNEL, STACK = "window", "pane", "kernel", "stack"
CANVASES = (PANE, KERNEL, STACK)
MENUS = ("File", "Edit", "View", "Kernel", "Operator", "Stack", "Tools", "Help")


@dataclass(frozen=True)
class Spec:
    """One command.

    Attributes
    ----------
    id : str
        ``menu.verb``, for handlers and settings.
    title : str
        As it stands in the menu; an ellipsis where more input follows.
    menu : str
        Name of the menu, ``View/Theme`` for one inside another, empty for none.
    keys : tuple of str
        Shortcuts, the shown one first.
    icon : str
        Name of an icon.
    where : tuple of str
        Contexts of the shortcuts.
    tip : str
        More than the title says.
    check : bool
        Has a state.
    rule : bool
        Stands below a line.
    """

    id: str
    title: str
    menu: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    where: tuple[str, ...] = (WINDOW,)
    tip: str = ""
    check: bool = False
    rule: bool = False


def _file() -> list[Spec]:
    return [
        Spec("file.open", "Open…", "File", ("Ctrl+O",), "open", tip="An image, a signal, a volume or a document"),
        Spec("file.clipboard", "New from clipboard", "File", ("Ctrl+N",), "paste"),
        Spec("file.save", "Save", "File", ("Ctrl+S",), "save", rule=True),
        Spec("file.save_as", "Save as…", "File", ("Ctrl+Shift+S",)),
        Spec("file.save_whole", "Save self-contained…", "File", tip="The input goes into the document's file"),
        Spec("file.picture", "Save a picture of the window…", "File", ("Alt+Shift+S",), "export"),
        Spec("file.forget_recent", "Clear the list", "File/Recent files", rule=True),
        Spec("file.quit", "Quit", "File", ("Ctrl+Q",), rule=True),
        Spec("edit.undo", "Undo", "Edit", ("Ctrl+Z",), "undo"),
        Spec("edit.redo", "Redo", "Edit", ("Ctrl+Shift+Z", "Ctrl+Y"), "redo"),
        Spec("edit.paste", "Paste", "Edit", ("Ctrl+V",), "paste", rule=True, tip="An image, a file, or numbers"),
    ]


def _view() -> list[Spec]:
    return [
        Spec("view.fit", "Fit", "View", ("F",), "fit", (PANE,), "The whole picture"),
        Spec("view.one", "One pixel to one", "View", ("Ctrl+R",), "reset", tip="100 %: a value is a screen pixel"),
        Spec("view.field_zoom", "Zoom to the receptive field", "View", ("Z",), "field", (PANE,)),
        Spec("view.layer_input", "Show the layer's input", "View", ("I",), "", (PANE,), check=True),
        Spec("view.link", "Link the panes", "View", (), "link", check=True, tip="Pan and zoom move every pane"),
        Spec("view.fit_range", "Fit the range", "View", ("L",), "ruler", (PANE,), "Colours cover what is shown"),
        Spec("view.next_channel", "Next channel", "View", (".",), "", (PANE,), rule=True),
        Spec("view.previous_channel", "Previous channel", "View", (",",), "", (PANE,)),
        Spec("view.next_slice", "Next slice", "View", ("PgDown",), "", (PANE,)),
        Spec("view.previous_slice", "Previous slice", "View", ("PgUp",), "", (PANE,)),
        Spec("view.field", "Receptive field", "View", ("Shift+E",), "field", CANVASES, check=True, rule=True),
        Spec("view.padding", "Padding", "View", ("Shift+P",), "padding", CANVASES, check=True),
        Spec("view.values", "Values in cells", "View", ("Shift+V",), "values", CANVASES, check=True),
        Spec("view.grid", "Grid", "View", ("Ctrl+G",), "grid", check=True),
        Spec("view.inspector", "Inspector", "View", ("F4",), "settings", check=True, rule=True),
        Spec("view.stack", "Stack", "View", check=True),
        Spec("view.bench", "Bench", "View", check=True),
        Spec("view.reset_layout", "Reset the layout", "View"),
        Spec("view.next_region", "Next region", "View", ("F6",)),
        Spec("view.previous_region", "Previous region", "View", ("Shift+F6",)),
        Spec("theme.system", "Follow the system", "View/Theme", check=True),
        Spec("theme.light", "Light", "View/Theme", check=True),
        Spec("theme.dark", "Dark", "View/Theme", check=True),
        Spec("theme.contrast", "High contrast", "View/Theme", check=True),
        Spec("theme.cycle", "Next theme", "View/Theme", ("Ctrl+Shift+T",), "theme", rule=True),
        Spec("theme.projector", "Projector", "View", ("F9",), "projector", check=True, tip="Larger type, stronger ink"),
        Spec("view.larger", "Larger type", "View", ("Ctrl+=", "Ctrl++")),
        Spec("view.smaller", "Smaller type", "View", ("Ctrl+-",)),
        Spec("view.normal", "Normal type", "View", ("Ctrl+0",)),
        Spec("view.full_screen", "Full screen", "View", ("F11",), check=True),
    ]


def _kernel() -> list[Spec]:
    return [
        Spec("kernel.focus", "Go to the kernel", "Kernel", ("K",), "conv", (PANE, STACK)),
        Spec(
            "kernel.larger", "Larger kernel", "Kernel", ("Ctrl+]",), "add", tip="Two more rows and columns", rule=True
        ),
        Spec("kernel.smaller", "Smaller kernel", "Kernel", ("Ctrl+[",), "remove"),
        Spec("kernel.flip", "Mirror left and right", "Kernel", ("R",), "flip", (KERNEL,), rule=True),
        Spec("kernel.flip_rows", "Mirror top and bottom", "Kernel", ("Shift+R",), "", (KERNEL,)),
        Spec("kernel.rotate", "Turn by 90°", "Kernel", ("Ctrl+Shift+R",), "rotate"),
        Spec("kernel.transpose", "Transpose", "Kernel", ("T",), "transpose", (KERNEL,)),
        Spec(
            "kernel.symmetrise", "Symmetrise", "Kernel", ("S",), "symmetrise", (KERNEL,), "Mean of its mirrored forms"
        ),
        Spec("kernel.zero_mean", "Zero mean", "Kernel", ("Z",), "zeromean", (KERNEL,), "Subtract the mean"),
        Spec("kernel.unit_norm", "Unit norm", "Kernel", ("N",), "unit", (KERNEL,), "Divide by the length"),
        Spec("kernel.clear", "Clear", "Kernel", (), "erase", tip="All taps 0"),
        Spec("kernel.copy", "Copy as text", "Kernel", ("Ctrl+C",), "copy", (KERNEL,), rule=True),
        Spec("kernel.paste", "Paste text as kernel", "Kernel", ("Ctrl+Shift+V",), "paste"),
        Spec("operator.correlation", "Correlation", "Operator", ("Ctrl+Shift+1",), check=True),
        Spec("operator.convolution", "Convolution", "Operator", ("Ctrl+Shift+2",), check=True),
    ]


def _stack() -> list[Spec]:
    return [
        Spec("stack.add", "Add layer", "", ("Ctrl+L",), "add"),
        Spec("stack.duplicate", "Duplicate", "Stack", ("Ctrl+D",), "copy", rule=True),
        Spec("stack.rename", "Rename", "Stack", ("F3",)),
        Spec("stack.toggle", "Layer on", "Stack", ("Ctrl+/",), "show", check=True),
        Spec("stack.up", "Move up", "Stack", ("Ctrl+Up",), "up"),
        Spec("stack.down", "Move down", "Stack", ("Ctrl+Down",), "down"),
        Spec("stack.remove", "Remove", "Stack", ("Del",), "delete", (STACK,)),
        Spec("stack.previous", "Choose the layer above", "Stack", ("Alt+Up",), rule=True),
        Spec("stack.next", "Choose the layer below", "Stack", ("Alt+Down",)),
    ]


def _tools() -> list[Spec]:
    modes = (PANE, STACK)
    return [
        Spec("tool.inspect", "Inspect", "Tools", ("1",), "pointer", modes, check=True),
        Spec("tool.pan", "Pan", "Tools", ("2",), "hand", modes, "Also Space or the middle button", check=True),
        Spec("tool.paint", "Paint the kernel", "Tools", ("3",), "brush", modes, "Right button erases", check=True),
        Spec("tool.patch", "Patch to kernel", "Tools", ("4",), "patch", modes, "Drag on the input", check=True),
        Spec("help.search", "Search commands", "Help", ("Ctrl+Shift+P", "Ctrl+K"), "search"),
        Spec("help.shortcuts", "Keyboard shortcuts", "Help", ("?",), "help"),
        Spec("help.about", "About ConvDesk", "Help", rule=True),
    ]


TABLE: tuple[Spec, ...] = (*_file(), *_view(), *_kernel(), *_stack(), *_tools())
BY_ID = {spec.id: spec for spec in TABLE}


def canonical(keys: str) -> str:
    """Write a shortcut in one way, so that two spellings of the same keys are equal."""
    parts = keys.split("+") if keys not in ("+", "Ctrl++") else [*keys[:-1].rstrip("+").split("+"), "+"]
    parts = [part for part in parts if part]
    return "+".join([*sorted(part.capitalize() for part in parts[:-1]), parts[-1].upper()])


def overlap(a: Spec, b: Spec) -> bool:
    """Tell whether some focus makes both commands' shortcuts work."""
    return WINDOW in a.where or WINDOW in b.where or bool(set(a.where) & set(b.where))


def conflicts(table: Sequence[Spec]) -> list[str]:
    """Name every pair of commands that one shortcut would trigger, and every id that stands twice."""
    found = []
    for i, a in enumerate(table):
        for b in table[i + 1 :]:
            if a.id == b.id:
                found.append(f"{a.id} stands twice")
            shared = {canonical(k) for k in a.keys} & {canonical(k) for k in b.keys}
            if shared and overlap(a, b):
                found.append(f"{sorted(shared)[0]}: {a.id} and {b.id}")
    return found
