"""XML trees built, changed and written."""
import copy
import xml.etree.ElementTree as ET
from _data import times

for _ in range(times(4)):
    root = ET.Element("list", {"version": "1"})
    for i in range(8_000):
        item = ET.SubElement(root, "item", id=str(i), kind="new" if i % 3 else "old")
        ET.SubElement(item, "name").text = f"Item {i} & more <b>"
        ET.SubElement(item, "price", currency="EUR").text = f"{i}.50"
    for item in root.findall("item")[::2]:
        item.set("seen", "yes")
        item.remove(item[0])
    other = copy.deepcopy(root)
    ET.indent(other)
    print(len(ET.tostring(root)), len(ET.tostring(other, encoding="unicode")), len(list(root.iter())))
