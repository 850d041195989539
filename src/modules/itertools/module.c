/* itertools: the module. */
#include "modules/itertools/itertools.h"

static int module_exec(PyObject *module)
{
    PyTypeObject *const types[] = {
        &accumulate_type, &combinations_type, &combinations_with_replacement_type, &cycle_type, &dropwhile_type,
        &takewhile_type, &islice_type, &starmap_type, &chain_type, &compress_type, &filterfalse_type, &count_type,
        &pairwise_type, &zip_longest_type, &permutations_type, &product_type, &repeat_type, &groupby_type, &grouper_type,
        &tee_type, &tee_data_type,
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types); i++) {
        if (PyModule_AddType(module, types[i]) < 0) return -1;
    }
    return 0;
}

static PyMethodDef module_methods[] = {
    {"tee", (PyCFunction)(void (*)(void))itertools_tee, METH_FASTCALL,
     "tee($module, iterable, n=2, /)\n--\n\nA tuple of n iterators over the same items that do not get in each other's way."},
    METHODS_END,
};

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_exec},
    {0, NULL},
};

static struct PyModuleDef module_def = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "itertools",
    .m_doc = "Building blocks for iterators.\n\n"
             "Without end:\n"
             "count(start=0, step=1) --> start, start+step, start+2*step, …\n"
             "cycle(p) --> p0, p1, … plast, p0, p1, …\n"
             "repeat(elem [,n]) --> elem, elem, elem, … endlessly or up to n times\n\n"
             "As long as the shortest input:\n"
             "accumulate(p[, func]) --> p0, p0+p1, p0+p1+p2\n"
             "chain(p, q, …) --> p0, p1, … plast, q0, q1, …\n"
             "chain.from_iterable([p, q, …]) --> p0, p1, … plast, q0, q1, …\n"
             "compress(data, selectors) --> (d[0] if s[0]), (d[1] if s[1]), …\n"
             "dropwhile(predicate, seq) --> seq[n], seq[n+1], from the first that fails predicate\n"
             "groupby(iterable[, keyfunc]) --> sub-iterators grouped by value of keyfunc(v)\n"
             "filterfalse(predicate, seq) --> elements of seq where predicate(elem) is False\n"
             "islice(seq, [start,] stop [, step]) --> elements from seq[start:stop:step]\n"
             "pairwise(s) --> (s[0],s[1]), (s[1],s[2]), (s[2], s[3]), …\n"
             "starmap(fun, seq) --> fun(*seq[0]), fun(*seq[1]), …\n"
             "tee(it, n=2) --> (it1, it2 , … itn) splits one iterator into n\n"
             "takewhile(predicate, seq) --> seq[0], seq[1], until predicate fails\n"
             "zip_longest(p, q, …) --> (p[0], q[0]), (p[1], q[1]), …\n\n"
             "Of combinations:\n"
             "product(p, q, … [repeat=1]) --> cartesian product\n"
             "permutations(p[, r])\n"
             "combinations(p, r)\n"
             "combinations_with_replacement(p, r)\n",
    .m_methods = module_methods,
    .m_slots = module_slots,
};

PyMODINIT_FUNC PyInit_itertools(void)
{
    return PyModuleDef_Init(&module_def);
}
