"""An isolated twin of the repository: made, patched, run in, looked at, gone. And the one writer to the user's tree."""
