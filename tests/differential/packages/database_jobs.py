# needs: sqlalchemy psycopg2 bson pymongo
"""SQLAlchemy over SQLite with its C parts; psycopg2 and pymongo as far as they go without a server; bson back and forth."""
import datetime
import uuid

import bson
import psycopg2
import psycopg2.extensions
import psycopg2.extras
import pymongo
import sqlalchemy as sa
import sqlalchemy.cimmutabledict
import sqlalchemy.cprocessors
import sqlalchemy.cresultproxy
from sqlalchemy import orm

Base = orm.declarative_base()


class Author(Base):
    __tablename__ = "author"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(50), nullable=False, unique=True)
    born = sa.Column(sa.Date)
    rate = sa.Column(sa.Numeric(6, 2))
    books = orm.relationship("Book", back_populates="author", cascade="all, delete-orphan", order_by="Book.title")


class Book(Base):
    __tablename__ = "book"
    id = sa.Column(sa.Integer, primary_key=True)
    title = sa.Column(sa.String)
    about = sa.Column(sa.JSON)
    author_id = sa.Column(sa.ForeignKey("author.id"))
    author = orm.relationship(Author, back_populates="books")


engine = sa.create_engine("sqlite://", future=True)
Base.metadata.create_all(engine)
with orm.Session(engine, future=True) as session:
    session.add_all(Author(name=f"name {i}", born=datetime.date(1900 + i, 1, 2), rate=i + 0.25, books=[Book(title=f"t{j}", about={"n": [i, j]}) for j in range(i % 3)])
                    for i in range(10))
    session.commit()
    query = sa.select(Author.name, sa.func.count(Book.id).label("n")).outerjoin(Book).group_by(Author.id).having(sa.func.count(Book.id) > 1).order_by(Author.name.desc())
    print(query)
    for row in session.execute(query):
        print(row, row.n, row._mapping["name"], row == ("name 8", 2))
    one = session.execute(sa.select(Author).options(orm.selectinload(Author.books)).where(Author.name.like("%5"))).scalar_one()
    print(one.born, one.rate, [(book.title, book.about) for book in one.books], sa.inspect(one).persistent)
    one.books.pop()
    one.name += "!"
    print(session.dirty == {one}, len(session.deleted))
    session.flush()
    print(session.scalar(sa.select(sa.func.count()).select_from(Book)))
    session.add(Author(name="name 1"))
    try:
        session.commit()
    except sa.exc.IntegrityError as error:
        print(type(error.orig).__name__, error.orig, error.statement)
        session.rollback()
    try:
        session.execute(sa.select(Author).filter_by(nothing=1))
    except sa.exc.InvalidRequestError as error:
        print(error)
with engine.begin() as connection:
    rows = connection.execute(sa.text("select id, name, rate from author where id in :ids order by id").bindparams(sa.bindparam("ids", expanding=True)), {"ids": [1, 3]}).fetchall()
    print(rows, rows[0][1], rows[0].id, tuple(rows[1]), hash(rows[0]) == hash(tuple(rows[0])))
    print(connection.execute(sa.insert(Author.__table__), [{"name": "x"}, {"name": "y"}]).rowcount)
    try:
        rows[0].nothing
    except AttributeError as error:
        print(error)

print(psycopg2.extensions.adapt("it's").getquoted(), psycopg2.extensions.adapt([1, None, datetime.date(2020, 1, 2)]).getquoted(),
      psycopg2.Binary(b"\x00a").getquoted(), psycopg2.extensions.parse_dsn("dbname=x host=h"), psycopg2.extensions.make_dsn("dbname=x", user="o'b"))
print(psycopg2.extensions.DECIMAL("1.50", None), psycopg2.extensions.new_array_type((9999,), "A", psycopg2.STRING)("{a,NULL,\"b c\"}", None), psycopg2.extras.Json({"a": 1}).adapted, psycopg2.DateFromTicks(0).adapted)
for job in (lambda: psycopg2.connect("host=127.0.0.1 port=1 dbname=x", connect_timeout=2), lambda: psycopg2.extensions.adapt(object()), lambda: psycopg2.extensions.parse_dsn("x")):
    try:
        job()
    except Exception as error:
        print(type(error).__name__, str(error).splitlines()[0])

document = {"i": 1, "l": 2 ** 40, "f": 1.5, "s": "ü", "b": b"\x00\x01", "n": None, "t": True, "d": datetime.datetime(2020, 1, 2, 3), "a": [1, {"x": []}], "o": bson.ObjectId("0123456789abcdef01234567"),
            "r": bson.Regex("a.b", "i"), "u": bson.Binary(uuid.UUID(int=5).bytes, 4), "m": bson.Decimal128("1.25"), "k": bson.MinKey()}
data = bson.encode(document)
print(len(data), bson.decode(data) == document, bson.has_c(), pymongo.has_c(), data[:40])
for job in (lambda: bson.encode({"x": object}), lambda: bson.encode({1: 2}), lambda: bson.decode(b"\x05\x00"), lambda: bson.encode({"x": 2 ** 70}),
            lambda: pymongo.MongoClient("127.0.0.1", 1, serverSelectionTimeoutMS=50).admin.command("ping")):
    try:
        print(job())
    except Exception as error:
        print(type(error).__name__, str(error)[:60])
