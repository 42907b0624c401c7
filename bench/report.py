"""Figures, each beside its reference: a table for people and var/bench.json for programs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """`ratio` is value ÷ reference (or the other way round where less is better); `against` names the reference."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    against: str = ""


def ratio(values: Sequence[float], references: Sequence[float]) -> float:
    """The median of the ratios, value by value: both were measured in turns."""
    return median(value / reference for value, reference in zip(values, references, strict=True))


def table(figures: Sequence[Figure]) -> str:
    width = max(len(figure.name) for figure in figures)
    lines = [f"{'figure':<{width}}  {'value':>12}  {'unit':<14}  {'ratio':>7}  against"]
    for figure in figures:
        ratio = f"{figure.ratio:.2f}" if figure.ratio is not None else ""
        lines.append(f"{figure.name:<{width}}  {figure.value:>12,.2f}  {figure.unit:<14}  {ratio:>7}  {figure.against}")
    return "\n".join(lines)


def write(figures: Sequence[Figure], path: Path) -> None:
    """The shape of CONTRACT.md section 9."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        figure.name: {
            "value": round(figure.value, 4),
            "unit": figure.unit,
            "ratio": None if figure.ratio is None else round(figure.ratio, 4),
            "against": figure.against,
        }
        for figure in figures
    }
    path.write_text(json.dumps(content, indent=2) + "\n")
