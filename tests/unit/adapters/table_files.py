"""A shop's files in a folder, and all that comes of reading one."""

from steelyard.adapters.shop.sources import Sources
from steelyard.data.schema import Reading, Role, Wanted


class Files:
    def __init__(self, folder, **options):
        self.folder = folder
        self.sources = Sources(folder, scratch=folder / "scratch", threads=1, **options)

    def close(self):
        self.sources.close()

    def write(self, name, content, encoding="utf-8"):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return self

    def read(self, path, *columns, numbers=(), **reading):
        """The rows as tuples of texts; with numbers, those columns as numbers."""
        roles = [Role(f"c{i}", (c,), "number" if c in numbers else "text") for i, c in enumerate(columns)]
        self.wanted = Wanted("items", path, tuple(roles), Reading(**reading))
        self.sources.check([self.wanted])
        frame = self.sources.keep(self.sources.scan(self.wanted, pseudonym=str), "read").sort("row")
        rows = frame.collect().to_native().to_pylist()
        assert self.sources.count(self.wanted) == len(rows)
        return [tuple(row[role.name] for role in roles) for row in rows]

    @property
    def notes(self):
        return {note.reason: note.count for note in self.sources.cutting_notes("items")}

    @property
    def bad_lines(self):
        return list(self.sources.malformed("items"))
