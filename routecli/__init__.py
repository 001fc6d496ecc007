"""routecli: the cheapest model that can do a coding task, and only what your tests verified.

The import of this package loads nothing else: start-up is a feature.
"""

__version__ = "0.1.0.dev0"
