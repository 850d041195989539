"""UUIDs: made from names and at random, compared, as text."""
import uuid
from _data import times

names = [uuid.uuid5(uuid.NAMESPACE_URL, f"https://example.org/{i}") for i in range(times(25_000))]
print(names[7], sorted(names)[3], len({uuid.uuid4() for _ in range(times(25_000))}), names[5].hex, names[5].int % 97)
print(sum(uuid.UUID(str(name)) == name for name in names), sum(len(name.urn) for name in names), uuid.uuid3(uuid.NAMESPACE_DNS, "x"), names[3].fields)
