/* Capsules: C pointers that travel between extension modules. */
#include <Python.h>
#include <stdbool.h>
#include <string.h>

#include "objects/immortal.h"

typedef struct {
    PyObject_HEAD
    void *pointer;
    const char *name;           /* the creator keeps it alive */
    void *context;
    PyCapsule_Destructor destructor;
} Capsule;

/* Most who ask for a pointer hand over the very text that they made the capsule with. */
static inline bool same_name(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Checks an argument of PyCapsule_*; NULL with ValueError if it is no sound capsule. `invalid` is the message. */
static Capsule *capsule_check(PyObject *op, const char *invalid)
{
    if (op && PyCapsule_CheckExact(op) && ((Capsule *)op)->pointer) return (Capsule *)op;
    PyErr_SetString(PyExc_ValueError, invalid);
    return NULL;
}
#define CHECKED(op, function) capsule_check(op, function " called with invalid PyCapsule object")

PyObject *PyCapsule_New(void *pointer, const char *name, PyCapsule_Destructor destructor)
{
    if (!pointer) {
        PyErr_SetString(PyExc_ValueError, "PyCapsule_New called with null pointer");
        return NULL;
    }
    Capsule *capsule = PyObject_New(Capsule, &PyCapsule_Type);
    if (!capsule) return NULL;
    capsule->pointer = pointer;
    capsule->name = name;
    capsule->context = NULL;
    capsule->destructor = destructor;
    return (PyObject *)capsule;
}

int PyCapsule_IsValid(PyObject *op, const char *name)
{
    Capsule *capsule = (Capsule *)op;
    return op && PyCapsule_CheckExact(op) && capsule->pointer && same_name(capsule->name, name);
}

void *PyCapsule_GetPointer(PyObject *op, const char *name)
{
    Capsule *capsule = CHECKED(op, "PyCapsule_GetPointer");
    if (!capsule) return NULL;
    if (!same_name(name, capsule->name)) {
        PyErr_SetString(PyExc_ValueError, "PyCapsule_GetPointer called with incorrect name");
        return NULL;
    }
    return capsule->pointer;
}

const char *PyCapsule_GetName(PyObject *op)
{
    Capsule *capsule = CHECKED(op, "PyCapsule_GetName");
    return capsule ? capsule->name : NULL;
}

PyCapsule_Destructor PyCapsule_GetDestructor(PyObject *op)
{
    Capsule *capsule = CHECKED(op, "PyCapsule_GetDestructor");
    return capsule ? capsule->destructor : NULL;
}

void *PyCapsule_GetContext(PyObject *op)
{
    Capsule *capsule = CHECKED(op, "PyCapsule_GetContext");
    return capsule ? capsule->context : NULL;
}

int PyCapsule_SetPointer(PyObject *op, void *pointer)
{
    Capsule *capsule = CHECKED(op, "PyCapsule_SetPointer");
    if (!capsule) return -1;
    if (!pointer) {
        PyErr_SetString(PyExc_ValueError, "PyCapsule_SetPointer called with null pointer");
        return -1;
    }
    capsule->pointer = pointer;
    return 0;
}

int PyCapsule_SetName(PyObject *op, const char *name)
{
    Capsule *capsule = CHECKED(op, "PyCapsule_SetName");
    if (!capsule) return -1;
    capsule->name = name;
    return 0;
}

int PyCapsule_SetDestructor(PyObject *op, PyCapsule_Destructor destructor)
{
    Capsule *capsule = CHECKED(op, "PyCapsule_SetDestructor");
    if (!capsule) return -1;
    capsule->destructor = destructor;
    return 0;
}

int PyCapsule_SetContext(PyObject *op, void *context)
{
    Capsule *capsule = CHECKED(op, "PyCapsule_SetContext");
    if (!capsule) return -1;
    capsule->context = context;
    return 0;
}

/* The pointer of the capsule that the dotted `name` ("module.attribute…") leads to, which must also be the capsule's own name. */
void *PyCapsule_Import(const char *name, int no_block)
{
    (void)no_block;
    char *path = _PyMem_Strdup(name);
    if (!path) {
        PyErr_NoMemory();
        return NULL;
    }
    PyObject *op = NULL;
    void *result = NULL;
    for (char *part = path; part;) {
        char *dot = strchr(part, '.');
        if (dot) *dot++ = '\0';
        if (!op) {
            op = PyImport_ImportModule(part);
            if (!op) PyErr_Format(PyExc_ImportError, "PyCapsule_Import could not import module \"%s\"", part);
        } else {
            Py_SETREF(op, PyObject_GetAttrString(op, part));
        }
        if (!op) goto done;
        part = dot;
    }
    if (PyCapsule_IsValid(op, name)) result = ((Capsule *)op)->pointer;
    else PyErr_Format(PyExc_AttributeError, "PyCapsule_Import \"%s\" is not valid", name);
done:
    Py_XDECREF(op);
    PyMem_Free(path);
    return result;
}

static void capsule_dealloc(PyObject *self)
{
    if (((Capsule *)self)->destructor) ((Capsule *)self)->destructor(self);
    PyObject_Free(self);
}

static PyObject *capsule_repr(PyObject *self)
{
    const char *name = ((Capsule *)self)->name, *quote = name ? "\"" : "";
    return PyUnicode_FromFormat("<capsule object %s%s%s at %p>", quote, name ? name : "NULL", quote, self);
}

PyDoc_STRVAR(capsule_doc,
"Carries a C pointer from one extension module to another through Python, which cannot look\n"
"inside. The usual place for one is an attribute of the module that offers a C interface.");

PyTypeObject PyCapsule_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "PyCapsule",
    .tp_basicsize = sizeof(Capsule),
    .tp_dealloc = capsule_dealloc,
    .tp_repr = capsule_repr,
    .tp_doc = capsule_doc,
};
