"""Programs of ours that run as the first process of a namespace; they import nothing of the package."""
