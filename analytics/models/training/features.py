"""Spectral-shape features, the same numbers as `analytics/models/spectralShape.ts` computes in the product.

Both sides are held together by `golden.json`, which `train.py` writes and the product's tests read.
"""

import numpy as np

BAND_COUNT = 24
LOW_EDGE = 0.004  # of the sampling rate
HIGH_EDGE = 0.4
SHARE_FLOOR = 1e-7
EDGES = LOW_EDGE * (HIGH_EDGE / LOW_EDGE) ** (np.arange(BAND_COUNT + 1) / BAND_COUNT)
NAMES = [f"band{i}" for i in range(BAND_COUNT)] + ["lnCrest", "lnKurtosis"]


def spectral_shape(psd, step_hz, sampling_rate_hz, crest, kurtosis):
    """24 logarithmic bands as log10 of their share of the power, then ln(crest) and ln(kurtosis)."""
    psd = np.asarray(psd, dtype=np.float64)
    # Power up to the upper edge of each bin; bins are centred on multiples of the step, the first is half as wide.
    upper = (np.arange(len(psd)) + 0.5) * step_hz
    cumulative = np.cumsum(psd * np.where(np.arange(len(psd)) == 0, 0.5 * step_hz, step_hz))
    at_edges = np.interp(EDGES * sampling_rate_hz, np.concatenate([[0.0], upper]), np.concatenate([[0.0], cumulative]))
    power = np.diff(at_edges)
    share = np.maximum(power / power.sum(), SHARE_FLOOR)
    return np.concatenate([np.log10(share), [np.log(crest), np.log(kurtosis)]])
