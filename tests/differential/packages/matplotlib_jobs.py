# needs: matplotlib numpy
"""Matplotlib draws with Agg and writes SVG and PDF; the pictures' bytes must be the same."""
import hashlib
import io
import os

os.environ["MPLCONFIGDIR"] = os.getcwd()
import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import matplotlib.tri
import numpy as np

x = np.linspace(0, 6, 200)
figure, axes = plt.subplots(2, 3, figsize=(9, 6))
axes[0, 0].plot(x, np.sin(x), "r--", label="$\\sin(x^2_i)$")
axes[0, 0].legend()
axes[0, 1].hist(np.sin(x * 7), bins=12)
axes[0, 2].scatter(x, x % 1, c=x, s=9)
axes[1, 0].contourf(np.add.outer(np.cos(x), np.sin(x)))
axes[1, 1].imshow(np.outer(x, x), cmap="magma")
axes[1, 2].bar(["a", "b", "ü"], [3, 1, 2])
axes[1, 2].set_title("text at an angle", rotation=12)
figure.tight_layout()
figure.canvas.draw()
pixels = np.asarray(figure.canvas.buffer_rgba())
print(pixels.shape, hashlib.sha256(pixels.tobytes()).hexdigest())
matplotlib.rcParams["svg.hashsalt"] = "x"
for kind, metadata in (("png", {"Software": None}), ("svg", {"Date": None}), ("pdf", {"CreationDate": None}), ("ps", {})):
    file = io.BytesIO()
    figure.savefig(file, format=kind, metadata=metadata)
    lines = [line for line in file.getvalue().split(b"\n") if b"CreationDate" not in line]
    print(kind, len(lines), hashlib.sha256(b"\n".join(lines)).hexdigest())
triangles = matplotlib.tri.Triangulation([0, 1, 0, 1], [0, 0, 1, 1])
print(triangles.triangles.tolist(), matplotlib.path.Path([[0, 0], [1, 0], [1, 1]]).contains_point((0.6, 0.2)))
try:
    plt.plot([1, 2], [1, 2, 3])
except ValueError as error:
    print(error)
