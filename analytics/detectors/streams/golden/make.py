"""Golden numbers for generalisedPareto.ts, distributions.ts and symmetricEigen.ts. Run by hand: python3 make.py > golden.generated.json (scipy 1.17.1, numpy 2.4.6)."""
import json

import numpy as np
from scipy.stats import chi2, genpareto, norm

cases = []
for seed, (shape, scale, n) in enumerate(
    [(0.25, 1.0, 400), (-0.2, 3.0, 300), (0.0, 0.02, 250), (0.6, 40.0, 120), (-0.45, 1.5, 200), (0.1, 7.0, 40)]
):
    x = genpareto.rvs(shape, scale=scale, size=n, random_state=np.random.default_rng(seed))
    x = np.round(x, 8)
    c, _, s = genpareto.fit(x, floc=0)
    b = np.sort(x)
    p = (n - 1 - np.arange(n)) / (n - 1)
    b0, b1 = b.mean(), (p * b).mean()
    cases.append(
        {
            "excesses": x.tolist(),
            "likelihood": {"shape": c, "scale": s, "logLikelihood": float(genpareto.logpdf(x, c, 0, s).sum())},
            "weightedMoments": {"shape": 2 - b0 / (b0 - 2 * b1), "scale": 2 * b0 * b1 / (b0 - 2 * b1)},
        }
    )
tails = [
    {"shape": c, "scale": s, "x": x, "probability": float(genpareto.sf(x, c, 0, s))}
    for c in (-0.3, 0.0, 0.4)
    for s in (0.5, 2.0)
    for x in (0.1, 0.6, 1.4, 5.0)
]
normals = [{"probability": p, "value": float(norm.ppf(p))} for p in (0.0001, 0.01, 0.3, 0.5, 0.9, 0.99, 0.9999)]
chis = [
    {"probability": p, "degrees": k, "value": float(chi2.ppf(p, k))}
    for p in (0.9, 0.99, 0.998, 0.999)
    for k in (1, 2, 3.5, 8, 20)
]
m = np.random.default_rng(9).normal(size=(7, 5))
matrix = np.round(m.T @ m, 6)
eigen = {"matrix": matrix.tolist(), "values": np.linalg.eigvalsh(matrix)[::-1].tolist()}
print(
    json.dumps(
        {"fits": cases, "tails": tails, "normalQuantiles": normals, "chiSquaredQuantiles": chis, "eigen": eigen}
    )
)
