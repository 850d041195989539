"""A database in memory: rows inserted, asked for, joined, grouped, with functions and adapters in Python."""
import sqlite3
from _data import times

db = sqlite3.connect(":memory:")
db.row_factory = sqlite3.Row
db.create_function("twice", 1, lambda x: x * 2)
db.execute("create table item (id integer primary key, name text, price real, owner integer)")
db.execute("create table owner (id integer primary key, name text)")
n = times(60_000)
db.executemany("insert into item values (?, ?, ?, ?)", ((i, f"item {i}", i * 0.5, i % 50) for i in range(n)))
db.executemany("insert into owner values (:id, :name)", [{"id": i, "name": f"owner {i}"} for i in range(50)])
print(sum(row["price"] for row in db.execute("select * from item")), db.execute("select sum(twice(id)) from item").fetchone()[0])
print([tuple(row) for row in db.execute("select owner.name, count(*) from item join owner on owner.id = owner group by owner order by 1")][:3])
print(sum(len(db.execute("select name from item where id = ?", (i,)).fetchone()["name"]) for i in range(n // 3)), len(db.execute("select id, name from item").fetchall()))
