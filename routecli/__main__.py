"""`python -m routecli` is the `routecli` command."""

from routecli.cli.app import main

if __name__ == "__main__":
    main()
