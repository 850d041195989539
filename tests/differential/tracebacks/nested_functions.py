def outer():
    def inner():
        raise RuntimeError('deep')
    class C:
        def m(self):
            inner()
    C().m()

outer()
