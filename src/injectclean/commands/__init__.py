"""The commands of the command line, one module each; ``cli.py`` imports the one that is called."""
