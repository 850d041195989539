"""Statistics of data: means, medians, deviations, quantiles, regression, normal distributions."""
import random
import statistics
from _data import times

r = random.Random(2)
floats, ints = [r.gauss(10, 3) for _ in range(times(8_000))], [r.randrange(1000) for _ in range(times(8_000))]
for _ in range(3):
    print(statistics.mean(floats), statistics.fmean(floats), statistics.median(ints), statistics.pstdev(ints), statistics.variance(floats))
    print(statistics.quantiles(floats, n=10)[3], statistics.mode(ints), statistics.harmonic_mean(x + 1 for x in ints), statistics.geometric_mean(map(abs, floats)))
    print(statistics.linear_regression(floats, ints[:len(floats)]), statistics.correlation(floats, ints))
normal = statistics.NormalDist(10, 3)
print(sum(normal.cdf(x) for x in floats), sum(normal.inv_cdf((i + 1) / 5002) for i in range(5000)), statistics.NormalDist.from_samples(floats))
