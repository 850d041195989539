/* _random: the Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998), with the seeding and
 * output of their reference version, so that a seed gives the sequence it gives everywhere.
 */
#include <Python.h>

#include <stdint.h>
#include <time.h>
#include <unistd.h>


#define COUNT 624                       /* words of state */
#define MIDDLE 397

typedef struct {
    PyObject_HEAD
    int index;                          /* next word to give out; COUNT: make new ones first */
    uint32_t state[COUNT];
} Random;

struct RandomModule {
    PyTypeObject *random_type;          /* owned */
};

/* ---- The generator ---- */

static inline uint32_t twist(uint32_t high, uint32_t low)
{
    uint32_t y = (high & 0x80000000u) | (low & 0x7fffffffu);
    return y >> 1 ^ (y & 1 ? 0x9908b0dfu : 0);
}

static void make_words(Random *self)
{
    uint32_t *s = self->state;
    int i;
    for (i = 0; i < COUNT - MIDDLE; i++) s[i] = s[i + MIDDLE] ^ twist(s[i], s[i + 1]);
    for (; i < COUNT - 1; i++) s[i] = s[i + MIDDLE - COUNT] ^ twist(s[i], s[i + 1]);
    s[COUNT - 1] = s[MIDDLE - 1] ^ twist(s[COUNT - 1], s[0]);
    self->index = 0;
}

static inline uint32_t next_word(Random *self)
{
    if (self->index >= COUNT) make_words(self);
    uint32_t y = self->state[self->index++];
    y ^= y >> 11;
    y ^= y << 7 & 0x9d2c5680u;
    y ^= y << 15 & 0xefc60000u;
    return y ^ y >> 18;
}

static void seed_by_word(Random *self, uint32_t seed)
{
    self->state[0] = seed;
    for (uint32_t i = 1; i < COUNT; i++) {
        self->state[i] = 1812433253u * (self->state[i - 1] ^ self->state[i - 1] >> 30) + i;
    }
    self->index = COUNT;
}

static void seed_by_array(Random *self, const uint32_t *key, size_t length)
{
    uint32_t *s = self->state;
    size_t i = 1, j = 0;
    seed_by_word(self, 19650218u);
    for (size_t k = COUNT > length ? COUNT : length; k; k--) {
        s[i] = (s[i] ^ (s[i - 1] ^ s[i - 1] >> 30) * 1664525u) + key[j] + (uint32_t)j;
        if (++i >= COUNT) {
            s[0] = s[COUNT - 1];
            i = 1;
        }
        if (++j >= length) j = 0;
    }
    for (size_t k = COUNT - 1; k; k--) {
        s[i] = (s[i] ^ (s[i - 1] ^ s[i - 1] >> 30) * 1566083941u) - (uint32_t)i;
        if (++i >= COUNT) {
            s[0] = s[COUNT - 1];
            i = 1;
        }
    }
    s[0] = 0x80000000u;
}

/* ---- Seeding from objects ---- */

static int seed_from_system(Random *self)
{
    uint32_t key[COUNT];
    if (_PyOS_URandomNonblock(key, sizeof key) == 0) {
        seed_by_array(self, key, COUNT);
        return 0;
    }
    if (!PyErr_ExceptionMatches(PyExc_OSError)) return -1;
    PyErr_Clear();
    struct timespec now, running;
    clock_gettime(CLOCK_REALTIME, &now);
    clock_gettime(CLOCK_MONOTONIC, &running);
    uint32_t mixed[] = {(uint32_t)now.tv_nsec, (uint32_t)now.tv_sec, (uint32_t)getpid(),
                        (uint32_t)running.tv_nsec, (uint32_t)running.tv_sec};
    seed_by_array(self, mixed, 5);
    return 0;
}

/* The magnitude of an int, or the hash of anything else, in words of 32 bits. */
static int seed_from(Random *self, PyObject *arg)
{
    if (!arg || arg == Py_None) return seed_from_system(self);
    PyObject *n;
    if (PyLong_CheckExact(arg)) n = PyNumber_Absolute(arg);
    else if (PyLong_Check(arg)) n = PyLong_Type.tp_as_number->nb_absolute(arg);
    else {
        Py_hash_t hash = PyObject_Hash(arg);
        if (hash == -1) return -1;
        n = PyLong_FromSize_t((size_t)hash);
    }
    if (!n) return -1;
    size_t bits = _PyLong_NumBits(n), words = bits ? (bits - 1) / 32 + 1 : 1;
    uint32_t *key = bits == (size_t)-1 ? NULL : PyMem_New(uint32_t, words);
    int status = -1;
    if (!key) {
        if (!PyErr_Occurred()) PyErr_NoMemory();
    }
    else if (_PyLong_AsByteArray((PyLongObject *)n, (unsigned char *)key, words * 4, 1, 0) == 0) {
        seed_by_array(self, key, words);
        status = 0;
    }
    PyMem_Free(key);
    Py_DECREF(n);
    return status;
}

/* ---- Methods ---- */

static PyObject *random_method(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    uint32_t a = next_word((Random *)self) >> 5, b = next_word((Random *)self) >> 6;
    return PyFloat_FromDouble((a * 67108864.0 + b) * (1.0 / 9007199254740992.0));
}

static PyObject *seed_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("seed", nargs, 0, 1)) return NULL;
    if (seed_from((Random *)self, nargs ? args[0] : NULL) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *getstate_method(PyObject *o, PyObject *Py_UNUSED(ignored))
{
    Random *self = (Random *)o;
    PyObject *state = PyTuple_New(COUNT + 1);
    for (int i = 0; state && i <= COUNT; i++) {
        PyObject *word =
            PyLong_FromUnsignedLong(i < COUNT ? self->state[i] : (unsigned long)self->index);
        if (!word) Py_CLEAR(state);
        else PyTuple_SET_ITEM(state, i, word);
    }
    return state;
}

static PyObject *setstate_method(PyObject *o, PyObject *state)
{
    Random *self = (Random *)o;
    uint32_t words[COUNT];
    if (!PyTuple_Check(state)) {
        PyErr_SetString(PyExc_TypeError, "state vector must be a tuple");
        return NULL;
    }
    if (PyTuple_Size(state) != COUNT + 1) {
        PyErr_SetString(PyExc_ValueError, "state vector is the wrong size");
        return NULL;
    }
    for (int i = 0; i < COUNT; i++) {
        unsigned long word = PyLong_AsUnsignedLong(PyTuple_GET_ITEM(state, i));
        if (word == (unsigned long)-1 && PyErr_Occurred()) return NULL;
        words[i] = (uint32_t)word;
    }
    long index = PyLong_AsLong(PyTuple_GET_ITEM(state, COUNT));
    if (index == -1 && PyErr_Occurred()) return NULL;
    if (index < 0 || index > COUNT) {
        PyErr_SetString(PyExc_ValueError, "invalid state");
        return NULL;
    }
    self->index = (int)index;
    for (int i = 0; i < COUNT; i++) self->state[i] = words[i];
    Py_RETURN_NONE;
}

static PyObject *getrandbits_method(PyObject *o, PyObject *arg)
{
    Random *self = (Random *)o;
    int k = _PyLong_AsInt(arg);
    if (k == -1 && PyErr_Occurred()) return NULL;
    if (k < 0) {
        PyErr_SetString(PyExc_ValueError, "number of bits must be non-negative");
        return NULL;
    }
    if (k == 0) return PyLong_FromLong(0);
    if (k <= 32) return PyLong_FromUnsignedLong(next_word(self) >> (32 - k));
    size_t words = ((size_t)k - 1) / 32 + 1;
    uint32_t *bits = PyMem_New(uint32_t, words);
    if (!bits) return PyErr_NoMemory();
    for (size_t i = 0; i < words; i++, k -= 32) {
        uint32_t word = next_word(self);
        bits[i] = k < 32 ? word >> (32 - k) : word;
    }
    PyObject *r = _PyLong_FromByteArray((const unsigned char *)bits, words * 4, 1, 0);
    PyMem_Free(bits);
    return r;
}

static PyMethodDef random_methods[] = {
    {"random", random_method, METH_NOARGS,
     "random($self, /)\n--\n\nrandom() -> x in the interval [0, 1)."},
    {"seed", (PyCFunction)(void (*)(void))seed_method, METH_FASTCALL,
     "seed($self, n=None, /)\n--\n\n"
     "seed([n]) -> None.\n\nWithout n, or with None, from the system's random numbers, or the time "
     "if it has none."},
    {"getstate", getstate_method, METH_NOARGS,
     "getstate($self, /)\n--\n\ngetstate() -> tuple containing the current state."},
    {"setstate", setstate_method, METH_O,
     "setstate($self, state, /)\n--\n\nsetstate(state) -> None.  Restores generator state."},
    {"getrandbits", getrandbits_method, METH_O,
     "getrandbits($self, k, /)\n--\n\ngetrandbits(k) -> x.  Generates an int with k random bits."},
    {NULL, NULL, 0, NULL},
};

/* ---- The type ---- */

static PyModuleDef definition;

/* Seeds; the arguments of __new__ are left to it, so that a subclass may have an __init__ of its own. */
static int random_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    PyObject *seed = NULL;
    if (!_PyArg_NoKeywords("Random", kwargs) || !PyArg_UnpackTuple(args, "Random", 0, 1, &seed)) return -1;
    return seed_from((Random *)self, seed);
}

static PyType_Slot random_slots[] = {
    {Py_tp_doc,
     (void *)"Random() -> create a random number generator with its own internal state."},
    {Py_tp_methods, random_methods},
    {Py_tp_new, PyType_GenericNew},
    {Py_tp_init, random_init},
    {Py_tp_free, PyObject_Free},
    {0, NULL},
};

static PyType_Spec random_spec = {
    "_random.Random", sizeof(Random), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, random_slots,
};

static int module_exec(PyObject *module)
{
    struct RandomModule *state = PyModule_GetState(module);
    state->random_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &random_spec, NULL);
    return state->random_type ? PyModule_AddType(module, state->random_type) : -1;
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(((struct RandomModule *)PyModule_GetState(module))->random_type);
    return 0;
}

static int module_clear(PyObject *module)
{
    Py_CLEAR(((struct RandomModule *)PyModule_GetState(module))->random_type);
    return 0;
}

static void module_free(void *module)
{
    module_clear(module);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_random",
    .m_doc = "Module implements the Mersenne Twister random number generator.",
    .m_size = sizeof(struct RandomModule),
    .m_slots = slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit__random(void)
{
    return PyModuleDef_Init(&definition);
}
