"""`python -m zaidao` is the command line."""

from zaidao.shell.cli import main

raise SystemExit(main())
