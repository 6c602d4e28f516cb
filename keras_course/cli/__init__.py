"""The command line, `keras-course ...`: one small file a command."""
