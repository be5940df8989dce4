"""`python -m benchmarks.rig.serve TARGET [THREADS]`: granian, as `bin/run` starts it, with another application."""

import os
import sys

from werkzeug.utils import import_string

from blog.serving import BLOCKING_THREADS, serve

if __name__ == "__main__":
    target, threads = sys.argv[1], int(sys.argv[2])
    serve(int(os.environ["PORT"]), 1, import_string(target), threads=threads or BLOCKING_THREADS)
