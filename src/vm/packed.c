#include "vm/packed.h"

#include <limits.h>

#include "objects/memoryview.h"
#include "vm/vm.h"

static bool memoryview_items(PyMemoryViewObject *m, PackedItems *p)
{
    const Py_buffer *view = &m->view;
    if ((m->flags | m->mbuf->flags) & _Py_MEMORYVIEW_RELEASED || view->ndim != 1 || view->suboffsets) return false;
    Py_ssize_t size;
    *p = (PackedItems){view->buf, view->shape[0], view->strides[0], memoryview_native_format(view->format, &size), view->readonly};
    return true;
}
static_assert(_Py_MEMORYVIEW_RELEASED == _Py_MANAGED_BUFFER_RELEASED, "the two flags can be asked for at once");

/* What is known of an object's items; false if it has none of that kind. */
static inline bool find_items(PyObject *o, PackedItems *p)
{
    PyTypeObject *type = Py_TYPE(o);
    if (type == &PyByteArray_Type) {
        *p = (PackedItems){PyByteArray_AS_STRING(o), PyByteArray_GET_SIZE(o), 1, 'B', false};
        return true;
    }
    if (type == vm_runtime.array_type) {
        vm_runtime.array_items(o, p);
        return true;
    }
    return type == &PyMemoryView_Type && memoryview_items((PyMemoryViewObject *)o, p);
}

/* The place of item i, counted from the end if negative; NULL if there is none. */
static inline char *item_at(const PackedItems *p, int64_t i)
{
    if (i < 0) i += p->count;
    return (size_t)i < (size_t)p->count ? p->items + i * p->stride : NULL;
}

#define READ(type) ({ type value_; memcpy(&value_, at, sizeof value_); value_; })

Value packed_load(PyObject *o, int64_t i)
{
    PackedItems p;
    char *at = find_items(o, &p) ? item_at(&p, i) : NULL;
    if (!at) return VALUE_EMPTY;
    int64_t number;
    switch (p.format) {
    case 'B': return value_from_int(*(unsigned char *)at);
    case 'b': return value_from_int(*(signed char *)at);
    case 'h': return value_from_int(READ(short));
    case 'H': return value_from_int(READ(unsigned short));
    case 'i': return value_from_int(READ(int));
    case 'I': return value_from_int(READ(unsigned));
    case 'l':
    case 'q':
        number = READ(int64_t);
        return value_int_fits(number) ? value_from_int(number) : VALUE_EMPTY;
    case 'L':
    case 'Q':
        number = READ(int64_t);
        return number >= 0 && value_int_fits(number) ? value_from_int(number) : VALUE_EMPTY;
    case 'd': return value_try_float(READ(double));
    case 'f': return value_try_float(READ(float));
    default: return VALUE_EMPTY;
    }
}

#define WRITE(type, low, high) ({ \
    bool fits_ = is_int && number >= (low) && number <= (high); \
    type value_ = (type)number; \
    if (fits_) memcpy(at, &value_, sizeof value_); \
    fits_; })

bool packed_store(PyObject *o, int64_t i, Value v)
{
    PackedItems p;
    char *at = find_items(o, &p) && !p.readonly ? item_at(&p, i) : NULL;
    if (!at) return false;
    if (value_is_object(v) && v) v = value_unbox_borrowed(value_object(v));
    bool is_int = value_is_int(v);
    int64_t number = is_int ? value_int(v) : 0;
    switch (p.format) {
    case 'B': return WRITE(unsigned char, 0, UCHAR_MAX);
    case 'b': return WRITE(signed char, SCHAR_MIN, SCHAR_MAX);
    case 'h': return WRITE(short, SHRT_MIN, SHRT_MAX);
    case 'H': return WRITE(unsigned short, 0, USHRT_MAX);
    case 'i': return WRITE(int, INT_MIN, INT_MAX);
    case 'I': return WRITE(unsigned, 0, UINT_MAX);
    case 'l':
    case 'q': return WRITE(int64_t, VALUE_INT_MIN, VALUE_INT_MAX);
    case 'L':
    case 'Q': return WRITE(int64_t, 0, VALUE_INT_MAX);
    case 'd':
        if (!is_int && !value_is_float(v)) return false;
        memcpy(at, &(double){is_int ? (double)number : value_float(v)}, sizeof(double));
        return true;
    default: return false;
    }
}
