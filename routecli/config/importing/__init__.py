"""Configurations of other programs, carried over as far as they mean the same here."""

from routecli.config.importing.litellm import Imported, read_litellm

__all__ = ["Imported", "read_litellm"]
