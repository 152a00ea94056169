"""Golden numbers for analytics/dsp, from numpy and scipy.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install numpy scipy
    /tmp/golden/bin/python analytics/dsp/golden/make.py
"""
import json
import pathlib

import numpy as np
import scipy
from scipy import signal, stats

rng = np.random.default_rng(20816)


def waveform(n):
    t = np.arange(n)
    x = np.sin(2 * np.pi * 0.11 * t) * (1 + 0.5 * np.cos(2 * np.pi * 0.013 * t)) + 0.3 * rng.standard_normal(n) + 0.2
    return np.round(x, 6)


def interleave(z):
    return np.column_stack([z.real, z.imag]).ravel().tolist()


def squared_envelope_power(x):
    envelope = np.abs(signal.hilbert(x)) ** 2
    return (np.abs(np.fft.rfft(envelope - envelope.mean())) ** 2 / len(x) ** 2).tolist()


def whitened(x):
    spectrum = np.fft.fft(x)
    return np.fft.ifft(spectrum / np.abs(spectrum)).real.tolist()


golden = {
    "numpy": np.__version__,
    "scipy": scipy.__version__,
    "windows": {
        name: signal.get_window(key, 12).tolist()
        for name, key in {
            "rectangular": "boxcar",
            "hann": "hann",
            "hamming": "hamming",
            "blackman": "blackman",
            "flat-top": "flattop",
        }.items()
    },
    "fft": [{"x": x.tolist(), "bins": interleave(np.fft.fft(x))} for x in map(waveform, [1, 2, 5, 16, 30, 37])],
    "envelope": [
        {
            "x": x.tolist(),
            "analytic": interleave(signal.hilbert(x)),
            "prewhitened": whitened(x),
            "envelopePower": squared_envelope_power(x),
        }
        for x in map(waveform, [48, 75])
    ],
    "features": [
        {
            "x": x.tolist(),
            "mean": x.mean(),
            "rms": x.std(),
            "peak": np.abs(x - x.mean()).max(),
            "peakToPeak": np.ptp(x),
            "kurtosis": stats.kurtosis(x, fisher=False),
            "skewness": stats.skew(x),
        }
        for x in map(waveform, [33, 64])
    ],
}

x = waveform(512)
frequency, density = signal.welch(x, fs=1000, window="hann", nperseg=128, noverlap=64, detrend="constant")
golden["welch"] = {"x": x.tolist(), "samplingRateHz": 1000, "segmentLength": 128, "density": density.tolist()}

path = pathlib.Path(__file__).with_name("golden.generated.json")
path.write_text(json.dumps(golden) + "\n")
print(path)
