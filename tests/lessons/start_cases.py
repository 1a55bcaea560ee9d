"""Right and wrong answers to lesson 00's exercise."""

CASES = {
    "gap": {
        "right": [10, 10.0, 99 - 89],
        "wrong": [
            (0.1, "as a share"),
            (-10, "sign"),
            (99 / 89, "ratio"),
            (188, "added"),
            (11, "that is not it"),
            ("ten", "should be a number"),
        ],
    },
}
