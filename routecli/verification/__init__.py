"""Whether a patch is right: the project's own tests and linters, compared with what they said before."""
