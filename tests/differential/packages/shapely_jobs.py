# needs: shapely
"""Shapely: geometry through ctypes and its compiled parts."""
from shapely import affinity, geometry, ops, prepared, strtree, validation, wkb, wkt
from shapely import speedups

square = geometry.box(0, 0, 4, 4)
circle = geometry.Point(4, 4).buffer(2)
print(square.area, round(circle.area, 6), round(square.intersection(circle).area, 6), round(square.union(circle).length, 6))
print(square.difference(geometry.box(1, 1, 2, 2)).wkt, list(square.exterior.coords), circle.contains(geometry.Point(5, 4)))
line = geometry.LineString([(0, 0), (2, 2), (4, 0)])
print(line.length, line.interpolate(1.0).wkt, line.project(geometry.Point(3, 3)), line.simplify(5).wkt, line.is_simple, square.relate(line))
print(wkt.loads("POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))").is_valid, validation.explain_validity(wkt.loads("POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))")))
print(ops.unary_union([geometry.Point(i, 0).buffer(0.6) for i in range(3)]).geom_type, ops.linemerge([[(0, 0), (1, 1)], [(1, 1), (2, 0)]]).wkt)
print(affinity.rotate(square, 45).bounds, geometry.mapping(geometry.MultiPoint([(0, 0), (1, 2)])), wkb.loads(wkb.dumps(line)).equals(line))
print([g.wkt for g in strtree.STRtree([geometry.Point(i, i) for i in range(5)]).query(geometry.box(1, 1, 3, 3))], prepared.prep(square).contains(line))
print(ops.transform(lambda x, y: (y, x + 1), line).wkt, speedups.available, ops.nearest_points(square, geometry.Point(6, 1))[0].wkt)
try:
    wkt.loads("POINT (x)")
except Exception as error:
    print(type(error).__name__, error)
