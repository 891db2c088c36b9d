"""What regress and reduce give, by scikit-learn: python learners.py FOLDER."""
import json
import sys

import numpy
from sklearn.decomposition import PCA
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import Ridge
from sklearn.model_selection import LeaveOneOut, cross_val_predict

folder = sys.argv[1]


def values(name):
    with numpy.load(f"{folder}/{name}.npz") as table:
        return table["values"], json.loads(str(table["metadata"]))


features, metadata = values("f")
targets = metadata["targets"]
energies = numpy.array(targets["values"]["energy"]) / numpy.array(targets["particles"])
assert targets["frames"] == list(range(len(features))), targets["frames"]

# One factor for all columns, as scikit-matter's flexible scaler.
x = features - features.mean(axis=0)
x /= numpy.sqrt(features.var(axis=0).sum())


def near(found, expected, what):
    error = numpy.abs(found - expected).max() / numpy.abs(expected).max()
    assert error < 1e-9, f"{what}: {error}"


learners = {"ridge": Ridge(alpha=1e-4, solver="svd"), "kernel": KernelRidge(alpha=1e-4, kernel="rbf", gamma=0.5)}
for name, learner in learners.items():
    near(values(name)[0][:, 0], learner.fit(x, energies).predict(x), name)
    held_out = cross_val_predict(learner, x, energies, cv=LeaveOneOut())
    with open(f"{folder}/{name}-errors.json") as file:
        errors = json.load(file)["targets"]["energy"]["held_out"]
    near(errors["rmse"], numpy.sqrt(((held_out - energies) ** 2).mean()), f"held-out error of {name}")

scores = PCA(3).fit_transform(x)
found = values("pca")[0]
# The sign of a component is nobody's.
near(found * numpy.sign((found * scores).sum(axis=0)), scores, "PCA")
