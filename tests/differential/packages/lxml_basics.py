# needs: lxml.etree
"""lxml: parsing, trees, XPath with functions in Python, XSLT, errors, objectify."""
from lxml import etree, objectify

root = etree.fromstring("<r a='1'><b>text<c/>tail</b><b x='y'/><!-- note --><?do it?></r>")
print(etree.tostring(root), [e.tag if isinstance(e.tag, str) else e for e in root.iter()][:3], root.attrib, root[0].text, len(root))
print(root.xpath("//b[@x]/@x"), root.xpath("count(//b)"), root.find("b/c").getparent().tag, root[0][0].tail)

space = etree.FunctionNamespace("urn:test")
space.prefix = "t"
space["twice"] = lambda context, value: value * 2
print(root.xpath("t:twice(21)"), root.xpath("t:twice(string(//b))"))

for bad in (lambda: etree.fromstring("<a><b></a>"), lambda: root.xpath("//["), lambda: root.append(None), lambda: root.set("a", 1),
            lambda: etree.Element("1x")):
    try:
        bad()
    except Exception as error:
        print(type(error).__name__, error)

transform = etree.XSLT(etree.XML('''<x:stylesheet version="1.0" xmlns:x="http://www.w3.org/1999/XSL/Transform">
<x:template match="/"><out><x:for-each select="//b"><n><x:value-of select="."/></n></x:for-each></out></x:template></x:stylesheet>'''))
print(str(transform(root)))

o = objectify.fromstring("<r><n>3</n><s>text</s><n>4.5</n></r>")
print(o.n + 1, [type(n).__name__ for n in o.n], o.s.text, objectify.dump(o))
builder = etree.TreeBuilder()
parser = etree.XMLParser(target=builder)
parser.feed("<a><b/>")
parser.feed("</a>")
print(etree.tostring(parser.close()), [(event, e.tag) for event, e in etree.iterwalk(root, events=("start", "end"))][:4])


class Mine(etree.ElementBase):
    def shout(self):
        return self.text.upper()


lookup = etree.ElementNamespaceClassLookup()
lookup.get_namespace(None)["b"] = Mine
custom = etree.XMLParser()
custom.set_element_class_lookup(lookup)
print(etree.fromstring("<r><b>x</b></r>", custom)[0].shout())
