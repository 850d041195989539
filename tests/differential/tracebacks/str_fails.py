class E(Exception):
    def __str__(self):
        1 / 0

raise E
