# needs: scipy
"""SciPy at work: linear algebra, sparse matrices, optimisation, integration, signals, statistics, trees, interpolation."""
import io

import numpy as np
from scipy import cluster, fft, integrate, interpolate, linalg, ndimage, optimize, signal, spatial, special, stats
import scipy.io
import scipy.sparse as sparse
import scipy.sparse.linalg as sparse_linalg

np.set_printoptions(precision=6, suppress=True)
a = np.array([[4.0, 1, 2], [1, 3, 0], [2, 0, 5]])
print(linalg.solve(a, [1, 2, 3]), linalg.det(a), linalg.cholesky(a), sep="\n")
print(linalg.expm(a / 10), linalg.svdvals(a), sep="\n")
try:
    linalg.cholesky(-a)
except linalg.LinAlgError as error:
    print(type(error).__name__, error)

diagonal = sparse.diags([-1, 2, -1], [-1, 0, 1], shape=(50, 50), format="csr")
print(diagonal.nnz, sparse_linalg.spsolve(diagonal, np.ones(50))[:4], np.sort(sparse_linalg.eigsh(diagonal, k=2, sigma=0)[0]))
print(sparse.csgraph.shortest_path(sparse.csr_matrix([[0, 2, 9], [0, 0, 3], [1, 0, 0]])))

result = optimize.minimize(optimize.rosen, [1.3, 0.7, 0.8], jac=optimize.rosen_der, method="BFGS")
print(result.success, result.x.round(5), optimize.brentq(lambda x: x ** 3 - 2, 0, 2))
print(optimize.curve_fit(lambda x, p, q: p * x + q, np.arange(5.0), np.arange(5.0) * 3 + 1)[0].round(6))
print(optimize.linprog([-1, 4], A_ub=[[-3, 1], [1, 2]], b_ub=[6, 4], bounds=[(None, None), (-3, None)]).x)
print(optimize.least_squares(lambda x: [x[0] - 1, x[1] ** 2 - 4], [0.0, 1.0]).x.round(6))

print(round(integrate.quad(lambda x: np.exp(-x * x), -np.inf, np.inf)[0], 9))
print(integrate.solve_ivp(lambda t, y: [y[1], -y[0]], (0, 1), [0.0, 1.0], rtol=1e-8).y[:, -1].round(6))
print(integrate.odeint(lambda y, t: -y, 1.0, [0, 1, 2]).ravel().round(6))
try:
    integrate.quad(lambda x: {}["missing"], 0, 1)
except KeyError as error:
    print("KeyError", error)

b, c = signal.butter(3, 0.2)
print(b, c, signal.lfilter(b, c, np.ones(6)), signal.find_peaks([0, 2, 0, 3, 1, 4, 0])[0])
print(np.abs(fft.rfft(np.sin(np.arange(16)))).round(4), fft.dct([1.0, 2, 3, 4]))
print(special.gamma([0.5, 5]), special.jv(1, 2.5), special.erf(0.3), special.comb(50, 3, exact=True))

generator = np.random.default_rng(1)
sample = generator.normal(size=200)
print(stats.ttest_1samp(sample, 0).pvalue.round(6), stats.norm.ppf([0.05, 0.5]), stats.spearmanr(sample, sample[::-1])[0].round(6))
print(stats.describe(sample).variance.round(6), stats.gaussian_kde(sample)(0).round(6), stats.kstest(sample, "norm").statistic.round(6))

points = generator.random((30, 2))
print(spatial.cKDTree(points).query([[0.5, 0.5]], k=3)[1], round(spatial.ConvexHull(points).area, 6), len(spatial.Delaunay(points).simplices))
print(cluster.hierarchy.fcluster(cluster.hierarchy.linkage(points), 0.1, "distance").max(), spatial.distance.pdist(points[:3], "cityblock").round(5))
print(interpolate.CubicSpline([0, 1, 2, 3], [0, 1, 8, 27])(1.5), interpolate.interp1d([0, 1], [3, 5])(0.25),
      interpolate.griddata(points, points[:, 0], [[0.5, 0.5]]).round(6))
print(ndimage.gaussian_filter(np.eye(4), 1).round(4), ndimage.label([[1, 1, 0], [0, 0, 1]])[1])
print(ndimage.generic_filter(np.arange(9.0).reshape(3, 3), lambda w: w.max() - w.min(), 3))

file = io.BytesIO()
scipy.io.savemat(file, {"a": a, "s": "text"})
print(sorted(k for k in scipy.io.loadmat(io.BytesIO(file.getvalue())) if not k.startswith("_")))
