"""A module that cffi writes in C."""
from cffi import FFI

ffi = FFI()
ffi.cdef("int add(int, int); extern int counter; typedef struct {...; int x;} S; S make(int);")
ffi.set_source("_added", """
static int counter = 5;
typedef struct { char c; int x; } S;
static S make(int x) { S s = {1, x}; return s; }
static int add(int a, int b) { return a + b; }
""")
