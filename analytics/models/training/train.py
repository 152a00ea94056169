"""Trains the spectral autoencoder and writes the model, its contract and the golden numbers.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install -r requirements.txt
    /tmp/venv/bin/python train.py

Seeded: the same versions give the same model. Run it in this folder; it writes into the folder above.
"""

import hashlib
import json
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from scipy.signal import welch
from sklearn.neural_network import MLPRegressor

import features
import machines

SEED = 20260101
MACHINES = 3000
BLOCKS_EACH = 2
VALIDATION_MACHINES = 300
HEALTHY_BLOCKS = 16
HIDDEN = (20, 8, 20)
VERSION = "1.0.0"
HERE = pathlib.Path(__file__).parent
OUT = HERE.parent


def shape_of(x, rate_hz):
    frequency, psd = welch(x, rate_hz, nperseg=4096, noverlap=2048)
    rms = np.sqrt(np.mean(x**2))
    return features.spectral_shape(
        psd, frequency[1], rate_hz, np.max(np.abs(x)) / rms, np.mean(x**4) / np.mean(x**2) ** 2
    )


def training_rows(rng):
    rows = []
    for _ in range(MACHINES):
        m = machines.machine(rng)
        rows += [shape_of(machines.block(rng, m), m["rate_hz"]) for _ in range(BLOCKS_EACH)]
    return np.array(rows)


def graph(mean, spread, network):
    """standardise → dense tanh layers → mean squared error against the standardised input."""
    nodes, constants = [], []

    def constant(name, value):
        constants.append(numpy_helper.from_array(np.asarray(value, dtype=np.float32), name))
        return name

    nodes.append(helper.make_node("Sub", ["features", constant("mean", mean)], ["centred"]))
    nodes.append(helper.make_node("Div", ["centred", constant("spread", spread)], ["standard"]))
    value, last = "standard", len(network.coefs_) - 1
    for i, (weights, bias) in enumerate(zip(network.coefs_, network.intercepts_)):
        dense = f"dense{i}"
        nodes.append(helper.make_node("Gemm", [value, constant(f"w{i}", weights), constant(f"b{i}", bias)], [dense]))
        value = dense
        if i < last:
            nodes.append(helper.make_node("Tanh", [dense], [f"tanh{i}"]))
            value = f"tanh{i}"
    nodes.append(helper.make_node("Sub", ["standard", value], ["residual"]))
    nodes.append(helper.make_node("Mul", ["residual", "residual"], ["squared"]))
    constants.append(numpy_helper.from_array(np.array([1], dtype=np.int64), "axes"))
    nodes.append(helper.make_node("ReduceMean", ["squared", "axes"], ["error"], keepdims=0))
    width = len(features.NAMES)
    made = helper.make_graph(
        nodes,
        "spectral-autoencoder",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", width])],
        [helper.make_tensor_value_info("error", TensorProto.FLOAT, ["batch"])],
        constants,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], producer_name="faultline")
    model.ir_version = 9
    onnx.checker.check_model(model)
    return model.SerializeToString()


def validate(run, rng):
    """Per machine, as in the product: the error beside the median of the machine's own healthy past, in ln units."""
    healthy, faulty = [], []
    for _ in range(VALIDATION_MACHINES):
        m = machines.machine(rng)
        past = np.log(run([shape_of(machines.block(rng, m), m["rate_hz"]) for _ in range(HEALTHY_BLOCKS)]))
        centre = np.median(past[:-4])
        healthy += list(past[-4:] - centre)
        order, size = rng.uniform(2.5, 9.0), rng.uniform(1.0, 4.0)
        bad = [shape_of(machines.block(rng, m, order, size), m["rate_hz"]) for _ in range(4)]
        faulty += list(np.log(run(bad)) - centre)
    healthy, faulty = np.array(healthy), np.array(faulty)
    limit = np.quantile(healthy, 0.99)
    return {
        "healthyBlocks": len(healthy),
        "faultyBlocks": len(faulty),
        "healthyP99LnShift": round(float(limit), 3),
        "detectedAtThatLimit": round(float(np.mean(faulty > limit)), 3),
    }


def golden(run):
    """A density written down as a formula, so that the product can make it without a file."""
    bins, step, rate = 2049, 5.859375, 24000.0
    f = np.arange(bins) * step
    psd = 1e-3 / (1 + (f / 900) ** 2) + 4e-3 * np.exp(-(((f - 3200) / 180) ** 2)) + 1e-6
    row = features.spectral_shape(psd, step, rate, 4.2, 3.4)
    return {
        "psd": "1e-3/(1+(f/900)^2) + 4e-3*exp(-((f-3200)/180)^2) + 1e-6",
        "bins": bins,
        "stepHz": step,
        "samplingRateHz": rate,
        "crest": 4.2,
        "kurtosis": 3.4,
        "features": [round(float(v), 9) for v in row],
        "error": float(run([row])[0]),
    }


def main():
    rng = np.random.default_rng(SEED)
    rows = training_rows(rng)
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    standard = (rows - mean) / spread
    network = MLPRegressor(hidden_layer_sizes=HIDDEN, activation="tanh", max_iter=400, random_state=SEED, tol=1e-5, alpha=1e-3)
    network.fit(standard, standard)
    data = graph(mean, spread, network)
    (OUT / "spectralAutoencoder.onnx").write_bytes(data)
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])

    def run(batch):
        return session.run(["error"], {"features": np.asarray(batch, dtype=np.float32)})[0]

    contract = {
        "name": "spectral-autoencoder",
        "version": VERSION,
        "sha256": hashlib.sha256(data).hexdigest(),
        "purpose": "Reconstruction error of the spectral shape; compared with the point's own past, never by itself.",
        "input": {
            "name": "features",
            "definition": "spectral-shape/1",
            "features": [
                {"name": n, "unit": "log10 share of power" if n.startswith("band") else "ln"} for n in features.NAMES
            ],
        },
        "output": {"kind": "score", "name": "error", "unit": "mean squared standardised residual"},
        "samplingRateHz": {"min": 2000, "max": 200000, "note": "bands are shares of the sampling rate, 0.004 to 0.4"},
        "windowSamples": {"min": 4096},
        "training": {
            "data": "synthetic rotating machines, generated by machines.py; nothing recorded",
            "licence": "Apache-2.0, as the script",
            "seed": SEED,
            "rows": len(rows),
            "script": "analytics/models/training/train.py",
        },
        "validation": validate(run, np.random.default_rng(SEED + 1)),
    }
    (OUT / "spectralAutoencoder.json").write_text(json.dumps(contract, indent=2) + "\n")
    (HERE / "golden.json").write_text(json.dumps(golden(run), indent=2) + "\n")
    print(len(data), "bytes;", contract["validation"], "loss", network.loss_)


if __name__ == "__main__":
    main()
