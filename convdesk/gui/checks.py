# SPDX-License-Identifier: GPL-3.0-or-later
"""Which commands are possible now, which are on, and what undo would take back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convdesk.document.state import INPUT
from convdesk.network.layers import Conv, Filter

if TYPE_CHECKING:
    from .main_window import MainWindow

FOR_LAYER = (
    "stack.duplicate", "stack.rename", "stack.toggle", "stack.up", "stack.down", "stack.remove",
)  # fmt: skip
FOR_KERNEL = (
    "kernel.focus", "kernel.larger", "kernel.smaller", "kernel.flip", "kernel.flip_rows", "kernel.rotate",
    "kernel.transpose", "kernel.symmetrise", "kernel.zero_mean", "kernel.unit_norm", "kernel.clear", "kernel.copy",
    "kernel.paste", "operator.correlation", "operator.convolution", "tool.paint", "tool.patch",
)  # fmt: skip


def show_checks(window: MainWindow) -> None:
    """Show states and names of commands."""
    w, eye, desk = window, window.eye, window.desk
    state = desk.state
    actions = w.actions_table
    layer = state.layer(state.chosen) if state.chosen != INPUT else None
    has_kernel = isinstance(layer, Filter | Conv)
    flip = has_kernel and layer.flip
    actions.check(
        view__field=eye.field, view__padding=eye.padding, view__values=eye.values, view__grid=eye.grid,
        view__link=eye.linked, view__layer_input=eye.layer_input, operator__correlation=has_kernel and not flip,
        operator__convolution=bool(flip), stack__toggle=layer is not None and layer.enabled,
        view__stack=w.wishes["stack"], view__bench=w.wishes["bench"],
        view__inspector=w.drawer.isVisibleTo(w) or w.docks["inspector"].isVisibleTo(w),
        **{f"tool__{tool}": eye.tool == tool for tool in ("inspect", "pan", "paint", "patch")},
    )  # fmt: skip
    actions.enable(FOR_LAYER, layer is not None)
    actions.enable(FOR_KERNEL, has_kernel)
    w.edge_menu.setEnabled(has_kernel)
    w.preset_menu.setEnabled(has_kernel)
    w.add_menu.setEnabled(desk.source is not None)
    for name, title in (("undo", desk.undo_title), ("redo", desk.redo_title)):
        action = actions[f"edit.{name}"]
        action.setEnabled(title is not None)
        action.setText(f"{name.capitalize()} {title[:1].lower() + title[1:]}" if title else name.capitalize())
        action.setToolTip(
            f"{name.capitalize()}: {title} ({action.shortcut().toString()})" if title else name.capitalize()
        )
