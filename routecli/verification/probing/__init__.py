"""Two versions of the same functions, called with the same values: does the change do what it says, and only that?"""
