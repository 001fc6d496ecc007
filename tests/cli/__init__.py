"""A package, so that a file here may bear the name of one in another room's tests."""
