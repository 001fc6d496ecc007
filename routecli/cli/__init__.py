"""The command line: the only room that knows typer, rich and the terminal. One file a verb, one row in `app.VERBS`."""
