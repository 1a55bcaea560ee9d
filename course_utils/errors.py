"""The one kind of error that the course raises for input it cannot use."""


class CourseError(ValueError):
    """What is wrong and what to do about it, in one sentence.

    In a notebook only that sentence is shown: IPython asks an exception for `_render_traceback_` before it
    prints a stack of frames, which would tell a learner nothing.
    """

    def _render_traceback_(self):
        return [str(self)]
