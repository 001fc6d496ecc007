"""The only place that speaks git: one command builder, the repository's state, and the tree of its current content."""
