"""XML read: into a tree, searched; by events; with pyexpat's handlers."""
import io
import xml.etree.ElementTree as ET
from xml.parsers import expat
from _data import times

text = "<?xml version='1.0'?><list>" + "".join(
    f'<item id="{i}" kind="{"new" if i % 3 else "old"}"><name>Item {i} &amp; more</name><price currency="EUR">{i}.50</price><tag/></item>\n'
    for i in range(8_000)) + "</list>"
for _ in range(times(4)):
    root = ET.fromstring(text)
    print(len(root), sum(float(p.text) for p in root.iter("price")), len(root.findall("item[@kind='new']/name")), root.find("item/price").get("currency"))
    print(sum(1 for event, element in ET.iterparse(io.BytesIO(text.encode()), ["start", "end"]) if element.tag == "item"))
    seen = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, attributes: seen.append(tag)
    parser.CharacterDataHandler = lambda data: None
    parser.Parse(text, True)
    print(len(seen))
