# needs: contourpy kiwisolver pygraphviz fontTools osgeo
"""What draws and lays out: contours, constraints, graphs, fonts, maps."""
import io

import contourpy
import kiwisolver
import numpy as np
import pygraphviz
from fontTools import subset, ttLib
from fontTools.pens import boundsPen, svgPathPen
from osgeo import gdal, ogr, osr

grid = np.add.outer(np.arange(4.0) ** 2, np.arange(4.0))
generator = contourpy.contour_generator(z=grid)
print(generator.lines(3.5), [p.shape for p in generator.filled(1, 5)[0]], generator.line_type)
left, width = kiwisolver.Variable("left"), kiwisolver.Variable("width")
solver = kiwisolver.Solver()
solver.addConstraint(left + width == 100)
solver.addConstraint((left >= 10) | "strong")
solver.addEditVariable(width, "medium")
solver.suggestValue(width, 95)
solver.updateVariables()
print(left.value(), width.value(), (2 * left - width / 4 + 3), solver.hasEditVariable(width))
try:
    solver.addConstraint(left == 200)
    solver.addConstraint(left == 300)
except kiwisolver.UnsatisfiableConstraint as error:
    print(type(error).__name__, error)
graph = pygraphviz.AGraph(directed=True)
graph.add_edge("a", "b", color="red")
graph.add_edge("b", "ü")
graph.graph_attr["label"] = "g"
print(graph.to_string(), sorted(graph.nodes()), graph.out_degree("a"), graph.get_edge("a", "b").attr["color"], graph.has_node("z"))
try:
    graph.remove_node("z")
except KeyError as error:
    print("KeyError", error)

import matplotlib
font = ttLib.TTFont(matplotlib.get_data_path() + "/fonts/ttf/DejaVuSans.ttf")
glyphs, pen = font.getGlyphSet(), svgPathPen.SVGPathPen(None)
glyphs["A"].draw(pen)
bounds = boundsPen.BoundsPen(glyphs)
glyphs["g"].draw(bounds)
print(pen.getCommands(), bounds.bounds, font["head"].unitsPerEm, font.getBestCmap()[0xFC])
worker = subset.Subsetter()
worker.populate(text="Aü")
worker.subset(font)
file = io.BytesIO()
font.save(file)
print(font.getGlyphOrder(), len(file.getvalue()) < 50000)

gdal.UseExceptions()
raster = gdal.GetDriverByName("MEM").Create("", 4, 3, 1, gdal.GDT_Float32)
raster.SetGeoTransform([0, 1, 0, 3, 0, -1])
raster.GetRasterBand(1).WriteRaster(0, 0, 4, 3, np.arange(12, dtype="f4").tobytes())
print(raster.GetRasterBand(1).ComputeStatistics(False), np.frombuffer(raster.ReadRaster(1, 1, 2, 2), "f4"), raster.GetGeoTransform())
shape = ogr.CreateGeometryFromWkt("POLYGON ((0 0, 0 2, 2 2, 2 0, 0 0))")
print(shape.Area(), shape.Intersection(shape.Centroid().Buffer(0.5)).GetGeometryName(), shape.ExportToJson(), shape.GetEnvelope())
where = osr.SpatialReference()
where.ImportFromEPSG(4326)
print(where.IsGeographic(), where.GetAttrValue("AUTHORITY", 1))
source = ogr.GetDriverByName("Memory").CreateDataSource("x")
layer = source.CreateLayer("l", where, ogr.wkbPoint)
layer.CreateField(ogr.FieldDefn("name", ogr.OFTString))
print(layer.GetFeatureCount(), layer.GetLayerDefn().GetFieldDefn(0).GetName())
for job in (lambda: gdal.Open("/none.tif"), lambda: ogr.CreateGeometryFromWkt("POLYGON x"), lambda: raster.GetRasterBand("x")):
    try:
        print(job())
    except Exception as error:
        print(type(error).__name__, str(error).splitlines()[0][:60])
