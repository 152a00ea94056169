"""Real transforms of 4,096 points a second in a native library, float32, one thread.

Takes FFTW (pyfftw, planned with FFTW_MEASURE) where it is installed, else the pocketfft inside scipy.
Prints one JSON object: {"perSecond": transforms a second in the best of many short slices, "library": name and version}.
"""
import json
import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

import time

import numpy as np

SIZE = 4096
SLICE_SECONDS = 0.02
SLICES = 60
x = np.random.default_rng(1).standard_normal(SIZE).astype(np.float32)

try:
    import pyfftw

    data = pyfftw.empty_aligned(SIZE, dtype="float32")
    bins = pyfftw.empty_aligned(SIZE // 2 + 1, dtype="complex64")
    plan = pyfftw.FFTW(data, bins, flags=("FFTW_MEASURE",), threads=1)
    data[:] = x
    transform, library = plan.execute, f"FFTW by pyfftw {pyfftw.__version__}"
except ImportError:
    import scipy
    from scipy import fft

    transform, library = lambda: fft.rfft(x), f"pocketfft of scipy {scipy.__version__}"

best = 0.0
for _ in range(SLICES):
    start, count = time.perf_counter(), 0
    while time.perf_counter() - start < SLICE_SECONDS:
        for _ in range(50):
            transform()
        count += 50
    best = max(best, count / (time.perf_counter() - start))
print(json.dumps({"perSecond": best, "library": library}))
