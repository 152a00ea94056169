"""Golden numbers for analytics/dsp, from numpy and scipy.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install numpy scipy
    /tmp/golden/bin/python analytics/dsp/golden/make.py
"""
import json
import pathlib

import numpy as np
import scipy
from scipy import interpolate, signal, stats

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



def integrated(x, rate, times, low, high):
    frequency = np.fft.rfftfreq(len(x), 1 / rate)
    spectrum = np.fft.rfft(x)
    keep = (frequency >= low) & (frequency <= high)
    spectrum[~keep] = 0
    spectrum[keep] /= (2j * np.pi * frequency[keep]) ** times
    if times == 1 and len(x) % 2 == 0:
        spectrum[-1] = 0
    return np.fft.irfft(spectrum, len(x)).tolist()


def resampled(x, rate, pulses, pulses_per_revolution, samples_per_revolution):
    revolutions = np.arange(len(pulses)) / pulses_per_revolution
    count = int(np.floor(revolutions[-1] * samples_per_revolution + 1e-9))
    times = interpolate.CubicSpline(revolutions, pulses, bc_type="natural")(np.arange(count + 1) / samples_per_revolution)
    inside = (times >= 0) & (times <= (len(x) - 1) / rate)
    return interpolate.CubicSpline(np.arange(len(x)) / rate, x, bc_type="natural")(times[inside]).tolist()


def band_kurtosis(x, low, high):
    """Kurtosis of the critically sampled complex envelope of one band."""
    power = np.abs(np.fft.ifft(np.where(np.arange(low, high) == 0, 0, np.fft.fft(x - x.mean())[low:high]))) ** 2
    return float((power**2).mean() / power.mean() ** 2 - 2)


golden["cepstrum"] = [
    {"x": x.tolist(), "cepstrum": np.fft.ifft(np.log(np.abs(np.fft.fft(x)))).real.tolist()} for x in map(waveform, [48, 75])
]
golden["integration"] = [
    {"x": x.tolist(), "samplingRateHz": 100, "lowHz": 5, "highHz": high, "once": integrated(x, 100, 1, 5, high),
     "twice": integrated(x, 100, 2, 5, high)}
    for x, high in ((waveform(64), 50), (waveform(75), 30))
]
x = waveform(200)
pulses = np.cumsum(0.2 + 0.03 * np.sin(np.arange(9))) + 0.05
golden["angular"] = {
    "x": x.tolist(), "samplingRateHz": 100, "pulseTimesS": pulses.tolist(), "pulsesPerRevolution": 2,
    "samplesPerRevolution": 16, "samples": resampled(x, 100, pulses, 2, 16),
}
x = waveform(768)
golden["kurtogram"] = {
    "x": x.tolist(),
    # One level: the whole spectrum, and its halves.
    "bands": [[low, high, band_kurtosis(x, low, high)] for low, high in ((0, 384), (0, 192), (192, 384))],
}

path = pathlib.Path(__file__).with_name("golden.generated.json")
path.write_text(json.dumps(golden) + "\n")
print(path)
