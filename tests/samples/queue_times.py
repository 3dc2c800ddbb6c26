"""Makes the times of the queue shorter for the tests, and lets them import the queue."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "python"))

import job_times

for name, value in list(vars(job_times).items()):
    if isinstance(value, float):
        divisor = float(os.environ.get("TIMES_DIVIDED_BY", 1))
        setattr(job_times, name, value / divisor)
if "RUN_TTL" in os.environ:
    job_times.RUN_TTL = float(os.environ["RUN_TTL"])
