/* deque: a doubly linked list of blocks of 64 items.
 *
 * What must hold: there is always at least one block. The items are those from left_block[left_index] to right_block[right_index],
 * 0 <= index < BLOCK_SIZE. An empty deque has one block and left_index == right_index + 1 == CENTER + 1.
 */
#include "modules/_collections/collections.h"

enum { BLOCK_SIZE = 64, CENTER = (BLOCK_SIZE - 1) / 2, MAX_FREE_BLOCKS = 16 };

typedef struct Block {
    struct Block *left;
    PyObject *items[BLOCK_SIZE];
    struct Block *right;
} Block;

typedef struct {
    PyObject_VAR_HEAD
    Block *left_block, *right_block;
    Py_ssize_t left_index, right_index;
    size_t state;               /* changes with every change of the items */
    Py_ssize_t max_length;      /* -1: no limit */
    Py_ssize_t n_free;
    Block *free_blocks[MAX_FREE_BLOCKS];
    PyObject *weakreflist;
} Deque;
static_assert(sizeof(Deque) == 216, "deque.__basicsize__");

static inline Deque *as_deque(PyObject *op)
{
    return (Deque *)op;
}

static inline bool is_deque(PyObject *op)
{
    return PyObject_TypeCheck(op, &deque_type);
}

/* ---- Primitives ---- */

/* NULL without an exception if there is no memory. */
static Block *block_allocate(Deque *deque)
{
    return deque->n_free > 0 ? deque->free_blocks[--deque->n_free] : PyMem_New(Block, 1);
}

static Block *block_new(Deque *deque)
{
    Block *block = block_allocate(deque);
    if (block == NULL) PyErr_NoMemory();
    return block;
}

static void block_release(Deque *deque, Block *block)
{
    if (deque->n_free < MAX_FREE_BLOCKS) {
        deque->free_blocks[deque->n_free++] = block;
    } else {
        PyMem_Free(block);
    }
}

static void recentre(Deque *deque)
{
    deque->left_index = CENTER + 1;
    deque->right_index = CENTER;
}

/* The caller owns the item. The deque is not empty. */
static PyObject *pop_right_take(Deque *deque)
{
    PyObject *item = deque->right_block->items[deque->right_index--];
    Py_SET_SIZE(deque, Py_SIZE(deque) - 1);
    deque->state++;
    if (deque->right_index < 0) {
        if (Py_SIZE(deque) > 0) {
            Block *left = deque->right_block->left;
            block_release(deque, deque->right_block);
            deque->right_block = left;
            left->right = NULL;
            deque->right_index = BLOCK_SIZE - 1;
        } else {
            recentre(deque);
        }
    }
    return item;
}

static PyObject *pop_left_take(Deque *deque)
{
    PyObject *item = deque->left_block->items[deque->left_index++];
    Py_SET_SIZE(deque, Py_SIZE(deque) - 1);
    deque->state++;
    if (deque->left_index == BLOCK_SIZE) {
        if (Py_SIZE(deque) > 0) {
            Block *right = deque->left_block->right;
            block_release(deque, deque->left_block);
            deque->left_block = right;
            right->left = NULL;
            deque->left_index = 0;
        } else {
            recentre(deque);
        }
    }
    return item;
}

static inline bool is_too_long(const Deque *deque)
{
    return (size_t)Py_SIZE(deque) > (size_t)deque->max_length;
}

static int push_right_steal(Deque *deque, PyObject *item)
{
    if (deque->right_index == BLOCK_SIZE - 1) {
        Block *block = block_new(deque);
        if (block == NULL) {
            Py_DECREF(item);
            return -1;
        }
        block->left = deque->right_block;
        block->right = NULL;
        deque->right_block->right = block;
        deque->right_block = block;
        deque->right_index = -1;
    }
    deque->right_block->items[++deque->right_index] = item;
    Py_SET_SIZE(deque, Py_SIZE(deque) + 1);
    if (is_too_long(deque)) {
        PyObject *old = pop_left_take(deque);
        Py_DECREF(old);
    } else {
        deque->state++;
    }
    return 0;
}

static int push_left_steal(Deque *deque, PyObject *item)
{
    if (deque->left_index == 0) {
        Block *block = block_new(deque);
        if (block == NULL) {
            Py_DECREF(item);
            return -1;
        }
        block->right = deque->left_block;
        block->left = NULL;
        deque->left_block->left = block;
        deque->left_block = block;
        deque->left_index = BLOCK_SIZE;
    }
    deque->left_block->items[--deque->left_index] = item;
    Py_SET_SIZE(deque, Py_SIZE(deque) + 1);
    if (is_too_long(deque)) {
        PyObject *old = pop_right_take(deque);
        Py_DECREF(old);
    } else {
        deque->state++;
    }
    return 0;
}

/* Items are released once the deque is empty, for that may run code that uses it. */
static void clear_all(Deque *deque)
{
    if (Py_SIZE(deque) == 0) return;
    Block *fresh = block_allocate(deque);     /* destruction may be on the way of an exception, which stays */
    if (fresh == NULL) {    /* no memory for a new start: one by one */
        while (Py_SIZE(deque) > 0) {
            PyObject *item = pop_right_take(deque);
            Py_DECREF(item);
        }
        return;
    }
    Block *block = deque->left_block;
    Py_ssize_t index = deque->left_index, n = Py_SIZE(deque);
    fresh->left = fresh->right = NULL;
    deque->left_block = deque->right_block = fresh;
    recentre(deque);
    Py_SET_SIZE(deque, 0);
    deque->state++;
    while (n-- > 0) {
        PyObject *item = block->items[index++];
        if (index == BLOCK_SIZE || n == 0) {
            Block *done = block;
            block = block->right;
            index = 0;
            block_release(deque, done);
        }
        Py_DECREF(item);
    }
}

/* Where item i stands, 0 <= i < size; sought from the nearer end. */
static PyObject **item_slot(Deque *deque, Py_ssize_t i)
{
    Py_ssize_t place = i + deque->left_index, blocks = place / BLOCK_SIZE;
    Block *block;
    if (i < (Py_SIZE(deque) >> 1)) {
        for (block = deque->left_block; blocks > 0; blocks--) block = block->right;
    } else {
        blocks = (deque->left_index + Py_SIZE(deque) - 1) / BLOCK_SIZE - blocks;
        for (block = deque->right_block; blocks > 0; blocks--) block = block->left;
    }
    return &block->items[place % BLOCK_SIZE];
}

/* n steps to the right, to the left if negative. */
static int rotate(Deque *deque, Py_ssize_t n)
{
    Py_ssize_t length = Py_SIZE(deque), half = length >> 1;
    if (length <= 1) return 0;
    if (n > half || n < -half) {
        n %= length;
        if (n > half) n -= length;
        else if (n < -half) n += length;
    }
    Py_ssize_t max_length = deque->max_length;
    deque->max_length = -1;     /* for the moment between taking out and putting in */
    int result = 0;
    for (; n > 0 && result == 0; n--) result = push_left_steal(deque, pop_right_take(deque));
    for (; n < 0 && result == 0; n++) result = push_right_steal(deque, pop_left_take(deque));
    deque->max_length = max_length;
    return result;
}

static int extend(Deque *deque, PyObject *iterable, int (*push)(Deque *, PyObject *))
{
    if ((PyObject *)deque == iterable) {
        PyObject *list = PySequence_List(iterable);
        if (list == NULL) return -1;
        int result = extend(deque, list, push);
        Py_DECREF(list);
        return result;
    }
    PyObject *iterator = PyObject_GetIter(iterable), *item;
    if (iterator == NULL) return -1;
    iternextfunc next = Py_TYPE(iterator)->tp_iternext;
    int result = 0;
    if (Py_SIZE(deque) == 0 && deque->max_length != 0) {    /* room for all of it on one side */
        deque->left_index = push == push_right_steal ? 1 : BLOCK_SIZE - 1;
        deque->right_index = deque->left_index - 1;
    }
    while (result == 0 && (item = next(iterator)) != NULL) {
        if (deque->max_length == 0) Py_DECREF(item);
        else result = push(deque, item);
    }
    Py_DECREF(iterator);
    if (Py_SIZE(deque) == 0) recentre(deque);
    if (result < 0) return -1;
    if (PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_StopIteration)) return -1;
        PyErr_Clear();
    }
    return 0;
}

/* ---- Life ---- */

static PyObject *deque_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    Deque *deque = (Deque *)type->tp_alloc(type, 0);
    if (deque == NULL) return NULL;
    deque->max_length = -1;
    deque->n_free = 0;
    deque->weakreflist = NULL;
    Block *block = block_new(deque);
    if (block == NULL) {
        Py_DECREF(deque);
        return NULL;
    }
    block->left = block->right = NULL;
    deque->left_block = deque->right_block = block;
    recentre(deque);
    return (PyObject *)deque;
}

static int deque_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"iterable", "maxlen", NULL};
    PyObject *iterable = NULL, *max_length_arg = NULL;
    Py_ssize_t max_length = -1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OO:deque", keywords, &iterable, &max_length_arg)) return -1;
    if (max_length_arg != NULL && max_length_arg != Py_None) {
        max_length = PyLong_AsSsize_t(max_length_arg);
        if (max_length == -1 && PyErr_Occurred()) return -1;
        if (max_length < 0) {
            PyErr_SetString(PyExc_ValueError, "maxlen must be non-negative");
            return -1;
        }
    }
    as_deque(self)->max_length = max_length;
    clear_all(as_deque(self));
    return iterable == NULL ? 0 : extend(as_deque(self), iterable, push_right_steal);
}

static void deque_dealloc(PyObject *self)
{
    Deque *deque = as_deque(self);
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, deque_dealloc)
    if (deque->weakreflist != NULL) PyObject_ClearWeakRefs(self);
    if (deque->left_block != NULL) {
        clear_all(deque);
        PyMem_Free(deque->left_block);
    }
    for (Py_ssize_t i = 0; i < deque->n_free; i++) PyMem_Free(deque->free_blocks[i]);
    type->tp_free(self);
    Py_TRASHCAN_END
}

static int deque_traverse(PyObject *self, visitproc visit, void *arg)
{
    Deque *deque = as_deque(self);
    Block *block = deque->left_block;
    Py_ssize_t index = deque->left_index;
    for (Py_ssize_t n = Py_SIZE(deque); n > 0; n--) {
        Py_VISIT(block->items[index]);
        if (++index == BLOCK_SIZE) {
            block = block->right;
            index = 0;
        }
    }
    return 0;
}

static int deque_tp_clear(PyObject *self)
{
    clear_all(as_deque(self));
    return 0;
}

/* ---- Methods at the ends ---- */

static PyObject *deque_append(PyObject *self, PyObject *item)
{
    if (push_right_steal(as_deque(self), Py_NewRef(item)) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *deque_appendleft(PyObject *self, PyObject *item)
{
    if (push_left_steal(as_deque(self), Py_NewRef(item)) < 0) return NULL;
    Py_RETURN_NONE;
}

static bool check_not_empty(PyObject *self)
{
    if (Py_SIZE(self) > 0) return true;
    PyErr_SetString(PyExc_IndexError, "pop from an empty deque");
    return false;
}

static PyObject *deque_pop(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return check_not_empty(self) ? pop_right_take(as_deque(self)) : NULL;
}

static PyObject *deque_popleft(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return check_not_empty(self) ? pop_left_take(as_deque(self)) : NULL;
}

static PyObject *deque_extend(PyObject *self, PyObject *iterable)
{
    if (extend(as_deque(self), iterable, push_right_steal) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *deque_extendleft(PyObject *self, PyObject *iterable)
{
    if (extend(as_deque(self), iterable, push_left_steal) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *deque_inplace_concat(PyObject *self, PyObject *other)
{
    return extend(as_deque(self), other, push_right_steal) < 0 ? NULL : Py_NewRef(self);
}

static PyObject *deque_clear_method(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    clear_all(as_deque(self));
    Py_RETURN_NONE;
}

static PyObject *deque_rotate(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t n = 1;
    if (!_PyArg_CheckPositional("deque.rotate", nargs, 0, 1)) return NULL;
    if (nargs == 1) {
        PyObject *number = PyNumber_Index(args[0]);
        if (number == NULL) return NULL;
        n = PyLong_AsSsize_t(number);
        Py_DECREF(number);
        if (n == -1 && PyErr_Occurred()) return NULL;
    }
    if (rotate(as_deque(self), n) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *deque_reverse(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Deque *deque = as_deque(self);
    Block *left = deque->left_block, *right = deque->right_block;
    Py_ssize_t i = deque->left_index, j = deque->right_index;
    for (Py_ssize_t n = Py_SIZE(deque) >> 1; n > 0; n--) {
        PyObject *item = left->items[i];
        left->items[i] = right->items[j];
        right->items[j] = item;
        if (++i == BLOCK_SIZE) {
            left = left->right;
            i = 0;
        }
        if (--j < 0) {
            right = right->left;
            j = BLOCK_SIZE - 1;
        }
    }
    Py_RETURN_NONE;
}

/* ---- Copies ---- */

static PyObject *deque_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Deque *deque = as_deque(self);
    if (Py_IS_TYPE(self, &deque_type)) {
        PyObject *copy = deque_new(&deque_type, NULL, NULL);
        if (copy == NULL) return NULL;
        as_deque(copy)->max_length = deque->max_length;
        if (extend(as_deque(copy), self, push_right_steal) < 0) Py_CLEAR(copy);
        return copy;
    }
    PyObject *type = (PyObject *)Py_TYPE(self);
    PyObject *copy = deque->max_length < 0 ? PyObject_CallOneArg(type, self)
                                           : PyObject_CallFunction(type, "On", self, deque->max_length);
    if (copy != NULL && !is_deque(copy)) {
        PyErr_Format(PyExc_TypeError, "%.200s() must return a deque, not %.200s", Py_TYPE(self)->tp_name,
                     Py_TYPE(copy)->tp_name);
        Py_CLEAR(copy);
    }
    return copy;
}

static PyObject *deque_concat(PyObject *self, PyObject *other)
{
    int comparable = PyObject_IsInstance(other, (PyObject *)&deque_type);
    if (comparable <= 0) {
        if (comparable == 0) {
            PyErr_Format(PyExc_TypeError, "can only concatenate deque (not \"%.200s\") to deque", Py_TYPE(other)->tp_name);
        }
        return NULL;
    }
    PyObject *copy = deque_copy(self, NULL);
    if (copy != NULL && extend(as_deque(copy), other, push_right_steal) < 0) Py_CLEAR(copy);
    return copy;
}

static PyObject *deque_inplace_repeat(PyObject *self, Py_ssize_t n)
{
    Deque *deque = as_deque(self);
    Py_ssize_t size = Py_SIZE(deque);
    if (size == 0 || n == 1) return Py_NewRef(self);
    if (n <= 0) {
        clear_all(deque);
        return Py_NewRef(self);
    }
    if (size > PY_SSIZE_T_MAX / n) return PyErr_NoMemory();
    if (deque->max_length >= 0 && n * size > deque->max_length) n = (deque->max_length + size - 1) / size;
    PyObject *list = PySequence_List(self);
    if (list == NULL) return NULL;
    int result = 0;
    for (Py_ssize_t i = 1; i < n && result == 0; i++) result = extend(deque, list, push_right_steal);
    Py_DECREF(list);
    return result < 0 ? NULL : Py_NewRef(self);
}

static PyObject *deque_repeat(PyObject *self, Py_ssize_t n)
{
    PyObject *copy = deque_copy(self, NULL);
    if (copy == NULL) return NULL;
    PyObject *result = deque_inplace_repeat(copy, n);
    Py_DECREF(copy);
    return result;
}

/* ---- Items ---- */

static bool check_index(PyObject *self, Py_ssize_t i)
{
    if ((size_t)i < (size_t)Py_SIZE(self)) return true;
    PyErr_SetString(PyExc_IndexError, "deque index out of range");
    return false;
}

static Py_ssize_t deque_length(PyObject *self)
{
    return Py_SIZE(self);
}

static PyObject *deque_item(PyObject *self, Py_ssize_t i)
{
    return check_index(self, i) ? Py_NewRef(*item_slot(as_deque(self), i)) : NULL;
}

/* Takes item i out and releases it. */
static int delete_at(Deque *deque, Py_ssize_t i)
{
    if (rotate(deque, -i) < 0) return -1;
    PyObject *item = pop_left_take(deque);
    int result = rotate(deque, i);
    Py_DECREF(item);
    return result;
}

static int deque_ass_item(PyObject *self, Py_ssize_t i, PyObject *value)
{
    if (!check_index(self, i)) return -1;
    if (value == NULL) return delete_at(as_deque(self), i);
    PyObject **slot = item_slot(as_deque(self), i), *old = *slot;
    *slot = Py_NewRef(value);
    Py_DECREF(old);
    return 0;
}

static PyObject *deque_insert(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Deque *deque = as_deque(self);
    Py_ssize_t index;
    PyObject *value;
    if (!_PyArg_ParseStack(args, nargs, "nO:insert", &index, &value)) return NULL;
    Py_ssize_t n = Py_SIZE(deque);
    if (deque->max_length == n) {
        PyErr_SetString(PyExc_IndexError, "deque already at its maximum size");
        return NULL;
    }
    if (index >= n) return deque_append(self, value);
    if (index <= -n || index == 0) return deque_appendleft(self, value);
    if (rotate(deque, -index) < 0) return NULL;
    int result = index < 0 ? push_right_steal(deque, Py_NewRef(value)) : push_left_steal(deque, Py_NewRef(value));
    if (result < 0 || rotate(deque, index) < 0) return NULL;
    Py_RETURN_NONE;
}

/* The first place in start … stop of an item equal to value; -1 if there is none, -2 with an exception. */
static Py_ssize_t find(Deque *deque, PyObject *value, Py_ssize_t start, Py_ssize_t stop, PyObject *exception, const char *message)
{
    size_t state = deque->state;
    stop = Py_MIN(stop, Py_SIZE(deque));
    if (start >= stop) return -1;
    Py_ssize_t place = start + deque->left_index;
    Block *block = deque->left_block;
    for (Py_ssize_t i = place / BLOCK_SIZE; i > 0; i--) block = block->right;
    place %= BLOCK_SIZE;
    for (Py_ssize_t i = start; i < stop; i++) {
        PyObject *item = block->items[place];
        if (item == value) return i;
        Py_INCREF(item);
        int equal = key_equal(item, value);
        Py_DECREF(item);
        if (equal < 0) return -2;
        if (state != deque->state) {
            PyErr_SetString(exception, message);
            return -2;
        }
        if (equal) return i;
        if (++place == BLOCK_SIZE) {
            block = block->right;
            place = 0;
        }
    }
    return -1;
}

#define MUTATED PyExc_RuntimeError, "deque mutated during iteration"

static int deque_contains(PyObject *self, PyObject *value)
{
    Py_ssize_t place = find(as_deque(self), value, 0, PY_SSIZE_T_MAX, MUTATED);
    return place == -2 ? -1 : place >= 0;
}

static PyObject *deque_index(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t start = 0, stop = PY_SSIZE_T_MAX, n = Py_SIZE(self);
    PyObject *value;
    if (!_PyArg_ParseStack(args, nargs, "O|O&O&:index", &value, _PyEval_SliceIndexNotNone, &start, _PyEval_SliceIndexNotNone,
                           &stop)) {
        return NULL;
    }
    if (start < 0) start = Py_MAX(start + n, 0);
    if (stop < 0) stop = Py_MAX(stop + n, 0);
    Py_ssize_t place = find(as_deque(self), value, start, stop, MUTATED);
    if (place >= 0) return PyLong_FromSsize_t(place);
    if (place == -1) PyErr_Format(PyExc_ValueError, "%R is not in deque", value);
    return NULL;
}

static PyObject *deque_count(PyObject *self, PyObject *value)
{
    Py_ssize_t count = 0, place = -1;
    for (;;) {
        place = find(as_deque(self), value, place + 1, PY_SSIZE_T_MAX, MUTATED);
        if (place == -2) return NULL;
        if (place == -1) return PyLong_FromSsize_t(count);
        count++;
    }
}

static PyObject *deque_remove(PyObject *self, PyObject *value)
{
    Py_ssize_t place = find(as_deque(self), value, 0, PY_SSIZE_T_MAX, PyExc_IndexError, "deque mutated during iteration");
    if (place == -1) PyErr_Format(PyExc_ValueError, "%R is not in deque", value);
    if (place < 0 || delete_at(as_deque(self), place) < 0) return NULL;
    Py_RETURN_NONE;
}

/* ---- Others ---- */

static PyObject *deque_repr(PyObject *self)
{
    int entered = Py_ReprEnter(self);
    if (entered != 0) return entered > 0 ? PyUnicode_FromString("[...]") : NULL;
    PyObject *text = NULL, *list = PySequence_List(self);
    const char *name = _PyType_Name(Py_TYPE(self));
    if (list != NULL) {
        Py_ssize_t max_length = as_deque(self)->max_length;
        text = max_length >= 0 ? PyUnicode_FromFormat("%s(%R, maxlen=%zd)", name, list, max_length)
                               : PyUnicode_FromFormat("%s(%R)", name, list);
        Py_DECREF(list);
    }
    Py_ReprLeave(self);
    return text;
}

static PyObject *deque_richcompare(PyObject *a, PyObject *b, int op)
{
    if (!is_deque(a) || !is_deque(b)) Py_RETURN_NOTIMPLEMENTED;
    Py_ssize_t n = Py_SIZE(a), m = Py_SIZE(b);
    if (op == Py_EQ || op == Py_NE) {
        if (a == b) return bool_from(op == Py_EQ);
        if (n != m) return bool_from(op == Py_NE);
    }
    PyObject *x_iterator = PyObject_GetIter(a), *y_iterator = PyObject_GetIter(b), *result = NULL;
    while (x_iterator != NULL && y_iterator != NULL) {
        PyObject *x = PyIter_Next(x_iterator), *y = PyErr_Occurred() ? NULL : PyIter_Next(y_iterator);
        if (PyErr_Occurred()) {
            Py_XDECREF(x);
            Py_XDECREF(y);
            break;
        }
        int equal = x != NULL && y != NULL ? (x == y ? 1 : key_equal(x, y)) : 0;
        if (equal <= 0) {
            if (equal == 0 && x != NULL && y != NULL) {
                result = PyObject_RichCompare(x, y, op);
            } else if (equal == 0) {    /* one is a prefix of the other */
                int longer = (x != NULL) - (y != NULL);
                result = bool_from(op == Py_LT ? longer < 0 : op == Py_LE ? longer <= 0 : op == Py_EQ ? longer == 0
                                  : op == Py_NE ? longer != 0 : op == Py_GT ? longer > 0 : longer >= 0);
            }
            Py_XDECREF(x);
            Py_XDECREF(y);
            break;
        }
        Py_DECREF(x);
        Py_DECREF(y);
    }
    Py_XDECREF(x_iterator);
    Py_XDECREF(y_iterator);
    return result;
}

static PyObject *deque_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *state = _PyObject_GetState(self);
    if (state == NULL) return NULL;
    PyObject *iterator = PyObject_GetIter(self);
    if (iterator == NULL) {
        Py_DECREF(state);
        return NULL;
    }
    Py_ssize_t max_length = as_deque(self)->max_length;
    if (max_length < 0) return Py_BuildValue("O()NN", Py_TYPE(self), state, iterator);
    return Py_BuildValue("O(()n)NN", Py_TYPE(self), max_length, state, iterator);
}

static PyObject *deque_sizeof(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Deque *deque = as_deque(self);
    Py_ssize_t blocks = (deque->left_index + Py_SIZE(deque) + BLOCK_SIZE - 1) / BLOCK_SIZE;
    return PyLong_FromSsize_t(Py_TYPE(self)->tp_basicsize + blocks * (Py_ssize_t)sizeof(Block));
}

static PyObject *deque_get_maxlen(PyObject *self, void *Py_UNUSED(ignored))
{
    if (as_deque(self)->max_length < 0) Py_RETURN_NONE;
    return PyLong_FromSsize_t(as_deque(self)->max_length);
}

static PyObject *deque_iter(PyObject *self);
static PyObject *deque_reversed(PyObject *self, PyObject *Py_UNUSED(ignored));

#define FASTCALL(function) ((PyCFunction)(void (*)(void))(function)), METH_FASTCALL

static PyMethodDef deque_methods[] = {
    {"append", deque_append, METH_O, "Adds an item at the right end."},
    {"appendleft", deque_appendleft, METH_O, "Adds an item at the left end."},
    {"clear", deque_clear_method, METH_NOARGS, "Takes all items out."},
    {"__copy__", deque_copy, METH_NOARGS, "A new deque of the same items."},
    {"copy", deque_copy, METH_NOARGS, "A new deque of the same items."},
    {"count", deque_count, METH_O, "D.count(value) -> how often value occurs"},
    {"extend", deque_extend, METH_O, "Adds the items of an iterable at the right end."},
    {"extendleft", deque_extendleft, METH_O, "Adds the items of an iterable at the left end, one after the other."},
    {"index", FASTCALL(deque_index),
     "D.index(value, [start, [stop]]) -> the first position of value.\nValueError if it is not there."},
    {"insert", FASTCALL(deque_insert), "D.insert(index, object) -- puts object in front of index"},
    {"pop", deque_pop, METH_NOARGS, "Takes out the item at the right end and returns it."},
    {"popleft", deque_popleft, METH_NOARGS, "Takes out the item at the left end and returns it."},
    {"__reduce__", deque_reduce, METH_NOARGS, "What pickling needs."},
    {"remove", deque_remove, METH_O, "D.remove(value) -- takes out the first item equal to value."},
    {"__reversed__", deque_reversed, METH_NOARGS, "D.__reversed__() -- an iterator over the items, last to first"},
    {"reverse", deque_reverse, METH_NOARGS, "D.reverse() -- turns the deque around *IN PLACE*"},
    {"rotate", FASTCALL(deque_rotate), "Moves all items n steps to the right (n=1 by default), to the left if n is negative."},
    {"__sizeof__", deque_sizeof, METH_NOARGS, "D.__sizeof__() -- bytes of memory that D takes"},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "See PEP 585"},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef deque_getset[] = {
    {"maxlen", deque_get_maxlen, NULL, "the largest size, or None if there is no limit", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PySequenceMethods deque_as_sequence = {
    .sq_length = deque_length,
    .sq_concat = deque_concat,
    .sq_repeat = deque_repeat,
    .sq_item = deque_item,
    .sq_ass_item = deque_ass_item,
    .sq_contains = deque_contains,
    .sq_inplace_concat = deque_inplace_concat,
    .sq_inplace_repeat = deque_inplace_repeat,
};

PyTypeObject deque_type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "collections.deque",
    .tp_basicsize = sizeof(Deque),
    .tp_dealloc = deque_dealloc,
    .tp_repr = deque_repr,
    .tp_as_sequence = &deque_as_sequence,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_SEQUENCE,
    .tp_doc = "deque([iterable[, maxlen]]) --> deque object\n\nA sequence that grows and shrinks fast at both ends.",
    .tp_traverse = deque_traverse,
    .tp_clear = deque_tp_clear,
    .tp_richcompare = deque_richcompare,
    .tp_weaklistoffset = offsetof(Deque, weakreflist),
    .tp_iter = deque_iter,
    .tp_methods = deque_methods,
    .tp_getset = deque_getset,
    .tp_init = deque_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = deque_new,
    .tp_free = PyObject_GC_Del,
};

/* ---- Iterators ---- */

typedef struct {
    PyObject_HEAD
    Block *block;
    Py_ssize_t index;
    Deque *deque;           /* owned */
    size_t state;           /* that of the deque, which must keep it */
    Py_ssize_t left;        /* items still to come */
} DequeIterator;

static PyObject *iterator_new(PyTypeObject *type, Deque *deque)
{
    DequeIterator *it = PyObject_GC_New(DequeIterator, type);
    if (it == NULL) return NULL;
    bool forward = type == &deque_iterator_type;
    it->block = forward ? deque->left_block : deque->right_block;
    it->index = forward ? deque->left_index : deque->right_index;
    it->deque = (Deque *)Py_NewRef(deque);
    it->state = deque->state;
    it->left = Py_SIZE(deque);
    PyObject_GC_Track(it);
    return (PyObject *)it;
}

static PyObject *deque_iter(PyObject *self)
{
    return iterator_new(&deque_iterator_type, as_deque(self));
}

static PyObject *deque_reversed(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return iterator_new(&deque_reverse_iterator_type, as_deque(self));
}

static void iterator_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_XDECREF(((DequeIterator *)self)->deque);
    PyObject_GC_Del(self);
}

static int iterator_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((DequeIterator *)self)->deque);
    return 0;
}

static bool check_unchanged(DequeIterator *it)
{
    if (LIKELY(it->deque->state == it->state)) return true;
    it->left = 0;
    PyErr_SetString(MUTATED);
    return false;
}

static PyObject *iterator_next(PyObject *self)
{
    DequeIterator *it = (DequeIterator *)self;
    if (!check_unchanged(it) || it->left == 0) return NULL;
    PyObject *item = it->block->items[it->index++];
    it->left--;
    if (it->index == BLOCK_SIZE && it->left > 0) {
        it->block = it->block->right;
        it->index = 0;
    }
    return Py_NewRef(item);
}

static PyObject *reverse_next(PyObject *self)
{
    DequeIterator *it = (DequeIterator *)self;
    if (it->left == 0 || !check_unchanged(it)) return NULL;
    PyObject *item = it->block->items[it->index--];
    it->left--;
    if (it->index < 0 && it->left > 0) {
        it->block = it->block->left;
        it->index = BLOCK_SIZE - 1;
    }
    return Py_NewRef(item);
}

/* (deque, index=0): what __reduce__ gives. */
static PyObject *iterator_make(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    PyObject *deque;
    Py_ssize_t index = 0;
    if (!PyArg_ParseTuple(args, "O!|n", &deque_type, &deque, &index)) return NULL;
    PyObject *it = iterator_new(type, as_deque(deque));
    for (Py_ssize_t i = 0; it != NULL && i < index; i++) {
        PyObject *item = type->tp_iternext(it);
        if (item == NULL) {
            if (PyErr_Occurred()) Py_CLEAR(it);
            break;
        }
        Py_DECREF(item);
    }
    return it;
}

static PyObject *iterator_length_hint(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromSsize_t(((DequeIterator *)self)->left);
}

static PyObject *iterator_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    DequeIterator *it = (DequeIterator *)self;
    return Py_BuildValue("O(On)", Py_TYPE(self), it->deque, Py_SIZE(it->deque) - it->left);
}

static PyMethodDef iterator_methods[] = {
    {"__length_hint__", iterator_length_hint, METH_NOARGS, "How many items are still to come, as a guess for len(list(it))."},
    {"__reduce__", iterator_reduce, METH_NOARGS, "What pickling needs."},
    {NULL, NULL, 0, NULL},
};

#define DEQUE_ITERATOR_TYPE(variable, name, next)                       \
    PyTypeObject variable = {                                           \
        IMMORTAL_TYPE_HEAD,                                             \
        .tp_name = name,                                                \
        .tp_basicsize = sizeof(DequeIterator),                          \
        .tp_dealloc = iterator_dealloc,                                 \
        .tp_getattro = PyObject_GenericGetAttr,                         \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,            \
        .tp_traverse = iterator_traverse,                               \
        .tp_iter = PyObject_SelfIter,                                   \
        .tp_iternext = next,                                            \
        .tp_methods = iterator_methods,                                 \
        .tp_new = iterator_make,                                        \
    }

DEQUE_ITERATOR_TYPE(deque_iterator_type, "_collections._deque_iterator", iterator_next);
DEQUE_ITERATOR_TYPE(deque_reverse_iterator_type, "_collections._deque_reverse_iterator", reverse_next);
