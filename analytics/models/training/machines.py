"""Synthetic vibration of rotating machines from first principles; needs no recording and so no licence.

A healthy machine is shaft harmonics (unbalance, mild misalignment), perhaps a gear mesh, perhaps mains hum, and
broadband noise, all seen through a few structural resonances. A faulty bearing adds impacts with slip, each of which
rings the resonances; impacts are used for validation only, never for training.
"""

import numpy as np
from scipy.signal import lfilter

SAMPLES = 16384
RATES_HZ = np.array([5120.0, 8192.0, 10240.0, 12000.0, 16384.0, 20000.0, 25600.0, 32768.0, 48000.0, 51200.0])


def resonator(rng, rate_hz):
    """One two-pole resonance at a random place and damping."""
    centre = rng.uniform(0.02, 0.42) * rate_hz
    radius = np.exp(-np.pi * centre * rng.uniform(0.01, 0.08) * 2 / rate_hz)
    theta = 2 * np.pi * centre / rate_hz
    return [1.0 - radius], [1.0, -2 * radius * np.cos(theta), radius**2]


def machine(rng):
    """Draws one machine: what stays the same from block to block."""
    rate_hz = rng.choice(RATES_HZ)
    return {
        "rate_hz": rate_hz,
        "shaft_hz": np.exp(rng.uniform(np.log(8), np.log(60))),
        "harmonics": np.exp(rng.normal(-0.7 * np.arange(10), 0.8)) * np.exp(rng.normal(-1.0, 1.0)),
        "teeth": rng.integers(17, 60) if rng.random() < 0.3 else 0,
        "mesh": np.exp(rng.normal(-1.0, 0.7)),
        "hum": np.exp(rng.normal(-2.5, 0.7)) if rng.random() < 0.3 else 0.0,
        "resonators": [resonator(rng, rate_hz) for _ in range(rng.integers(2, 6))],
        "weights": np.exp(rng.normal(0, 0.7, 6)),
        "white": np.exp(rng.normal(-2.0, 0.8)),
        "pink": np.exp(rng.normal(-1.5, 0.8)),
    }


def block(rng, m, impact_rate_order=0.0, impact_size=0.0):
    """One block of a machine's acceleration, in arbitrary units: every feature is free of scale."""
    rate = m["rate_hz"]
    t = np.arange(SAMPLES) / rate
    shaft = m["shaft_hz"] * (1 + rng.normal(0, 0.003))
    x = np.zeros(SAMPLES)
    for k, amplitude in enumerate(m["harmonics"] * np.exp(rng.normal(0, 0.1, 10)), start=1):
        if k * shaft < 0.45 * rate:
            x += amplitude * np.sin(2 * np.pi * k * shaft * t + rng.uniform(0, 2 * np.pi))
    if m["teeth"]:
        for k in (1, 2):
            f = k * m["teeth"] * shaft
            if f < 0.45 * rate:
                am = 1 + 0.2 * np.sin(2 * np.pi * shaft * t + rng.uniform(0, 2 * np.pi))
                x += m["mesh"] / k * am * np.sin(2 * np.pi * f * t + rng.uniform(0, 2 * np.pi))
    if m["hum"]:
        x += m["hum"] * np.sin(2 * np.pi * 100 * t + rng.uniform(0, 2 * np.pi))
    drive = rng.normal(size=SAMPLES)
    if impact_size > 0:
        period = rate / (impact_rate_order * shaft)
        at = np.cumsum(period * (1 + rng.normal(0, 0.01, int(SAMPLES / period) + 2)))
        at = at[at < SAMPLES].astype(int)
        drive[at] += impact_size * np.sqrt(period) * rng.uniform(0.7, 1.3, len(at))
    for (b, a), weight in zip(m["resonators"], m["weights"]):
        ringing = lfilter(b, a, drive)
        x += weight * ringing / (1e-9 + np.median(np.abs(ringing)) * 1.4826)
    x += m["white"] * rng.normal(size=SAMPLES)
    x += m["pink"] * np.cumsum(rng.normal(size=SAMPLES) - 0.0) * 0.02
    return x - x.mean()
