"""Makes satellite.csv from the two files of the Statlog (Landsat Satellite) data set, sat.trn and sat.tst.

    python data/satellite.py sat.trn sat.tst

Each line of these files is one patch: 3×3 pixels from left to right and from top to bottom, four numbers each, then
the number of the kind of land at the middle pixel. Where a patch lies is not told. But neighbours share six pixels,
and from these their places follow: this joins the patches into the one map that they were cut from, and writes it
pixel by pixel. Which file a patch stands in, and on which line, makes no difference. Python's standard library is all
that it needs.
"""

import sys
from collections import defaultdict, deque
from pathlib import Path

KINDS = {1: "red soil", 2: "cotton crop", 3: "grey soil", 4: "damp grey soil", 5: "vegetation stubble"}
KINDS[7] = "very damp grey soil"  # 6, a mixture of all, does not occur
HEADER = "row,column,green,red,infrared_1,infrared_2,kind"


def read(paths):
    """Every patch as (nine pixels of four numbers, kind)."""
    patches = []
    for path in paths:
        for number, line in enumerate(Path(path).read_text(encoding="ascii").splitlines(), 1):
            values = [int(text) if text.isdigit() else -1 for text in line.split()]
            if len(values) != 37 or min(values) < 0 or max(values) > 255 or values[36] not in KINDS:
                sys.exit(f"{path}, line {number}: a patch has 36 numbers from 0 to 255 and a kind (1 to 5, or 7).")
            pixels = [tuple(values[i : i + 4]) for i in range(0, 36, 4)]
            patches.append((pixels, KINDS[values[36]]))
    return patches


def neighbours(patches):
    """For each patch a list of (number of a neighbour, rows down, columns to the right)."""
    found = [[] for _ in patches]
    # The pixels, numbered from 0, that a patch shares with the one to its right, and below it.
    right, below = ((1, 2, 4, 5, 7, 8), (0, 1, 3, 4, 6, 7)), ((3, 4, 5, 6, 7, 8), (0, 1, 2, 3, 4, 5))
    for (mine, its), (down, across) in ((right, (0, 1)), (below, (1, 0))):
        starting = defaultdict(list)
        for number, (pixels, _) in enumerate(patches):
            starting[tuple(pixels[i] for i in its)].append(number)
        for number, (pixels, _) in enumerate(patches):
            for other in starting[tuple(pixels[i] for i in mine)]:
                if other != number:
                    found[number].append((other, down, across))
                    found[other].append((number, -down, -across))
    return found


def places(patches):
    """{number: (row, column)} for the patches of the largest part that hangs together, counted from one of them."""
    found, largest, seen = neighbours(patches), {}, set()
    for first in range(len(patches)):
        if first in seen:
            continue
        placed, waiting = {first: (0, 0)}, deque([first])
        while waiting:
            number = waiting.popleft()
            row, column = placed[number]
            for other, down, across in found[number]:
                place = (row + down, column + across)
                if placed.setdefault(other, place) != place:
                    sys.exit("These patches do not fit together: two of their neighbourhoods contradict each other.")
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)
        seen.add(first)
        largest = max(largest, placed, key=len)
    return largest


def table(patches):
    """(text of satellite.csv, number of patches that have no place in it)."""
    placed = places(patches)
    pixels, kinds = {}, {}
    for number, (row, column) in placed.items():
        seen, kinds[row, column] = patches[number]
        for i, pixel in enumerate(seen):
            if pixels.setdefault((row + i // 3, column + i % 3), pixel) != pixel:
                sys.exit("These patches do not fit together: one pixel would have two different values.")
    top, left = (min(place[axis] for place in pixels) for axis in (0, 1))
    lines = [HEADER]
    for row, column in sorted(pixels):
        numbers = (row - top, column - left, *pixels[row, column])
        lines.append(",".join([*map(str, numbers), kinds.get((row - 1, column - 1), "")]))
    return "\n".join(lines) + "\n", len(patches) - len(placed)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    text, left_out = table(read(sys.argv[1:]))
    target = Path(__file__).with_name("satellite.csv")
    target.write_bytes(text.encode())
    print(f"wrote {target.name}: {text.count(chr(10)) - 1} pixels; {left_out} patches left out")
