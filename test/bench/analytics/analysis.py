"""The analysis of one block in numpy and scipy, for comparison with test/bench/analytics/analyses.ts.

    python3 analysis.py SAMPLES

Prints one JSON object: {"perSecond": analyses a second of one thread, "scipy": version}.
"""
import json
import os
import sys

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import time

import numpy as np
import scipy
from scipy import fft, ndimage, signal, stats

RATE, N, RPM = 12_000, int(sys.argv[1]), 1772
ORDERS = {"inner": 5.4152, "outer": 3.5848, "ball": 4.7134, "cage": 0.3983}
SHAFT_HZ = RPM / 60
STEP = RATE / N


def analyse(x):
    mean, rms = x.mean(), x.std()
    peak, kurtosis, skewness = np.abs(x - mean).max(), stats.kurtosis(x, fisher=False), stats.skew(x)
    spectrum = fft.rfft(x - mean)
    frequency = np.arange(len(spectrum)) * STEP
    band = (frequency >= 10) & (frequency <= 1000)
    velocity = np.sqrt(2 * np.sum(np.abs(spectrum[band] / (2 * np.pi * frequency[band])) ** 2)) * 9806.65 / N
    zone = int(np.searchsorted([1.4, 2.8, 4.5], velocity))
    _, density = signal.welch(x, RATE, nperseg=min(2048, N // 2))
    one_sided = np.zeros(N, complex)
    one_sided[1 : N // 2] = spectrum[1 : N // 2] / np.abs(spectrum[1 : N // 2])
    envelope = np.abs(fft.ifft(one_sided)) ** 2
    power = np.abs(fft.rfft(envelope - envelope.mean())[: int(600 / STEP)]) ** 2
    power /= ndimage.median_filter(power, 81) / np.log(2)
    scores = {}
    scales = np.linspace(0.982, 1.018, 49)
    for fault, order in ORDERS.items():
        bins = np.rint(np.outer(scales, [1, 2, 3]) * order * SHAFT_HZ / STEP).astype(int)
        scores[fault] = np.log(power[bins] + 1e-9).mean(axis=1).max()
    return rms, peak, kurtosis, skewness, velocity, zone, density, scores


rng = np.random.default_rng(1)
blocks = rng.standard_normal((8, N))
for block in blocks:
    analyse(block)
# Slices as in the .ts beside this: the best of many short ones is what an undisturbed core does.
best = 0.0
for _ in range(120):
    start, count = time.perf_counter(), 0
    while time.perf_counter() - start < 0.02:
        analyse(blocks[count % 8])
        count += 1
    best = max(best, count / (time.perf_counter() - start))
print(json.dumps({"perSecond": best, "scipy": scipy.__version__}))
