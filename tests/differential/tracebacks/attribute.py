class A:
    name = 1

a = A()
print(a.name, a.nam)
