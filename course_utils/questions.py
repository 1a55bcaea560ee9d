"""The questions of a lesson, predictions and quizzes, read from the questions.toml beside its exercises."""


def named(module, name):
    """The question called `name` of the lesson `module`."""
    raise AttributeError(f"module {module!r} has no attribute {name!r}")
