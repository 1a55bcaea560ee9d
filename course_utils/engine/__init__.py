"""Many networks at once: one compiled loop trains K networks of one architecture along a leading member axis.

`layers` reads each Keras layer and runs it stacked; `weights` knows regularizers and constraints; `optimizers` and
`losses` are tables too; `noise` draws batches and dropout; `warps` moves pictures; `loop` compiles. What none of these
tables holds is refused in a sentence that names it, and never ignored.
"""
