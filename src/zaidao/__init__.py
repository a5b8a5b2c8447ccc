"""载道 Zaidao: the working system for grassroots Party organisations in enterprises and similar units."""

import os

__version__ = "0.1.0"

# The linear algebra here is of five unknowns: threads of its own only wait for each other (20 times slower on a busy machine).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
