"""Addresses of the web: taken apart, joined, quoted, queries."""
import html
import urllib.parse as p
from _data import times

total = 0
for i in range(times(12_000)):
    url = f"https://user@example{i % 300}.org:80{i % 90}/path/to {i}/page.html;v=1?x={i}&name=%C3%A9&x=2#part"
    parts = p.urlsplit(url)
    total += parts.port + len(parts.path) + len(parts.hostname) + len(p.parse_qs(parts.query)["x"]) + len(parts.geturl())
    total += len(p.urljoin(url, "../other/./x.html")) + len(p.quote(parts.path)) + len(p.unquote(url)) + len(p.urlencode({"a": i, "b": "ü ?"}))
    total += len(html.escape(url)) + len(html.unescape("&lt;b&gt; &amp; &eacute;&#8364;"))
print(total, parts)
