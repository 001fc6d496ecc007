"""Programs of ours that run in the sandbox, in the project's own interpreter (Python 3.8 and newer).

They import nothing of routecli. The folder is bound read-only, outside the tree, and named by PYTHONPATH.
"""
