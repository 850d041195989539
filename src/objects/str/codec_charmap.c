/* The charmap codec: bytes to characters and back through a mapping, and EncodingMap, the quick form of such a mapping. */
#include "objects/immortal.h"
#include "objects/str/codec.h"
#include "objects/str/encoding_map.h"

static const char undefined[] = "character maps to <undefined>";

/* --- EncodingMap --- */

/* A trie over the 16 bits of a character: 5 bits choose a row, 4 a place in the row, which names a page, 7 a place in the page. */
enum { ROW_BITS = 4, ROW_SIZE = 1 << ROW_BITS, PAGE_BITS = 7, PAGE_SIZE = 1 << PAGE_BITS, NONE = 0xff };

typedef struct {
    PyObject_HEAD
    unsigned char row[0x10000 >> (ROW_BITS + PAGE_BITS)];       /* number of a row, or NONE */
    int rows, pages;
    unsigned char parts[1];     /* the rows: numbers of pages, or NONE; then the pages: bytes, 0: none (U+0000 is always byte 0) */
} EncodingMap;
static_assert(sizeof(EncodingMap) == 64, "sys.getsizeof(EncodingMap)");

static size_t map_bytes(int rows, int pages)
{
    return sizeof(EncodingMap) - 1 + (size_t)rows * ROW_SIZE + (size_t)pages * PAGE_SIZE;
}

static PyObject *map_size(PyObject *self, PyObject *unused)
{
    (void)unused;
    return PyLong_FromSize_t(map_bytes(((EncodingMap *)self)->rows, ((EncodingMap *)self)->pages));
}

static PyMethodDef map_methods[] = {
    {"size", map_size, METH_NOARGS, PyDoc_STR("bytes that it takes")},
    {0},
};

static void map_dealloc(PyObject *self)
{
    PyObject_Free(self);
}

PyTypeObject EncodingMap_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "EncodingMap",
    .tp_basicsize = sizeof(EncodingMap),
    .tp_dealloc = map_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_methods = map_methods,
};

/* Where the byte of a character up to U+FFFF is, or NULL. */
static unsigned char *map_place(EncodingMap *map, Py_UCS4 ch)
{
    int row = map->row[ch >> (ROW_BITS + PAGE_BITS)];
    int page = row == NONE ? NONE : map->parts[row * ROW_SIZE + (ch >> PAGE_BITS & (ROW_SIZE - 1))];
    return page == NONE ? NULL : &map->parts[map->rows * ROW_SIZE + page * PAGE_SIZE + (ch & (PAGE_SIZE - 1))];
}

/* A dict from ordinals to bytes. */
static PyObject *mapping_dict(StrView v)
{
    PyObject *dict = PyDict_New();
    for (Py_ssize_t i = 0; dict != NULL && i < v.length; i++) {
        PyObject *key = PyLong_FromLong((long)PyUnicode_READ(v.kind, v.data, i)), *value = PyLong_FromSsize_t(i);
        if (key == NULL || value == NULL || PyDict_SetItem(dict, key, value) < 0)
            Py_CLEAR(dict);
        Py_XDECREF(key);
        Py_XDECREF(value);
    }
    return dict;
}

/* New mapping for encoding, from a decoding table of up to 256 characters: an EncodingMap, or a dict where that cannot be. */
PyObject *PyUnicode_BuildEncodingMap(PyObject *string)
{
    if (!PyUnicode_Check(string) || PyUnicode_READY(string) < 0 || !PyUnicode_GET_LENGTH(string)) {
        PyErr_BadArgument();
        return NULL;
    }
    StrView v = str_view(string);
    v.length = Py_MIN(v.length, 256);
    unsigned char row[sizeof(((EncodingMap *)0)->row)], parts[256 * ROW_SIZE];
    int rows = 0, pages = 0;
    memset(row, NONE, sizeof row);
    memset(parts, NONE, sizeof parts);
    if (PyUnicode_READ(v.kind, v.data, 0) != 0)
        return mapping_dict(v);
    for (Py_ssize_t i = 1; i < v.length; i++) {
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
        if (ch == 0 || ch > 0xffff)
            return mapping_dict(v);
        if (ch == 0xfffe)
            continue;
        unsigned char *number = &row[ch >> (ROW_BITS + PAGE_BITS)];
        if (*number == NONE)
            *number = (unsigned char)rows++;
        number = &parts[*number * ROW_SIZE + (ch >> PAGE_BITS & (ROW_SIZE - 1))];
        if (*number == NONE)
            *number = (unsigned char)pages++;
        if (pages >= NONE)
            return mapping_dict(v);
    }
    EncodingMap *map = PyObject_Malloc(map_bytes(rows, pages));
    if (map == NULL)
        return PyErr_NoMemory();
    PyObject_Init((PyObject *)map, &EncodingMap_Type);
    map->rows = rows;
    map->pages = pages;
    memcpy(map->row, row, sizeof row);
    memcpy(map->parts, parts, (size_t)rows * ROW_SIZE);
    memset(map->parts + rows * ROW_SIZE, 0, (size_t)pages * PAGE_SIZE);
    for (Py_ssize_t i = 1; i < v.length; i++) {
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
        if (ch != 0xfffe)
            *map_place(map, ch) = (unsigned char)i;
    }
    return (PyObject *)map;
}

/* Byte of a character, or -1. */
static int map_lookup(EncodingMap *map, Py_UCS4 ch)
{
    if (ch == 0)
        return 0;
    if (ch > 0xffff)
        return -1;
    unsigned char *place = map_place(map, ch);
    return place == NULL || *place == 0 ? -1 : *place;
}

/* --- decoding --- */

/* Writes what the mapping has for a byte: 1 written, 0 undefined, -1 error. */
static int decode_byte(Decoder *d, PyObject *mapping, unsigned char byte)
{
    PyObject *key = PyLong_FromLong(byte);
    PyObject *value = key == NULL ? NULL : PyObject_GetItem(mapping, key);
    Py_XDECREF(key);
    int r = -1;
    if (value == NULL) {
        if (key != NULL && PyErr_ExceptionMatches(PyExc_LookupError)) {
            PyErr_Clear();
            return 0;
        }
        return -1;
    }
    if (value == Py_None) {
        r = 0;
    } else if (PyLong_Check(value)) {
        long ch = PyLong_AsLong(value);
        if (ch == 0xfffe) {
            r = 0;
        } else if (ch < 0 || ch > (long)STR_MAX_CODE) {
            if (!(ch == -1 && PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_OverflowError)))
                PyErr_Format(PyExc_TypeError, "character mapping must be in range(0x%x)", (int)STR_MAX_CODE + 1);
        } else {
            r = _PyUnicodeWriter_WriteChar(&d->out, (Py_UCS4)ch) < 0 ? -1 : 1;
        }
    } else if (PyUnicode_Check(value)) {
        if (PyUnicode_READY(value) == 0) {
            if (PyUnicode_GET_LENGTH(value) == 1 && PyUnicode_READ_CHAR(value, 0) == 0xfffe)
                r = 0;
            else
                r = _PyUnicodeWriter_WriteStr(&d->out, value) < 0 ? -1 : 1;
        }
    } else {
        PyErr_SetString(PyExc_TypeError, "character mapping must return integer, None or str");
    }
    Py_DECREF(value);
    return r;
}

/* Decodes bytes that a table has characters below U+10000 for, up to one that it has not. 0 or -1. */
static int decode_by_table(Decoder *d, StrView table)
{
    Py_UCS2 run[DECODER_RUN];
    Py_ssize_t n;
    do {
        Py_ssize_t most = Py_MIN(d->end - d->at, DECODER_RUN);
        Py_UCS4 all = 0;
        for (n = 0; n < most; n++) {
            unsigned char byte = (unsigned char)d->at[n];
            Py_UCS4 ch = byte < table.length ? PyUnicode_READ(table.kind, table.data, byte) : 0xfffe;
            if (ch == 0xfffe || ch > 0xffff) break;
            run[n] = (Py_UCS2)ch;
            all |= ch;
        }
        d->at += n;
        if (decoder_write_run(d, run, n, all) < 0) return -1;
    } while (n == DECODER_RUN);
    return 0;
}

/* New str; mapping NULL: Latin-1. */
PyObject *PyUnicode_DecodeCharmap(const char *bytes, Py_ssize_t size, PyObject *mapping, const char *errors)
{
    if (mapping == NULL)
        return PyUnicode_DecodeLatin1(bytes, size, errors);
    bool table = PyUnicode_CheckExact(mapping);
    if (table && PyUnicode_READY(mapping) < 0)
        return NULL;
    Decoder d;
    StrView v = table ? str_view(mapping) : (StrView){0};
    decoder_init(&d, "charmap", errors, bytes, size);
    d.out.min_length = size;
    while (d.at < d.end) {
        if (table && decode_by_table(&d, v) < 0)
            return decoder_finish(&d, true);
        if (d.at == d.end)
            break;
        unsigned char byte = (unsigned char)*d.at;
        int r;
        if (table) {
            Py_UCS4 ch = byte < v.length ? PyUnicode_READ(v.kind, v.data, byte) : 0xfffe;
            r = ch == 0xfffe ? 0 : _PyUnicodeWriter_WriteChar(&d.out, ch) < 0 ? -1 : 1;
        } else {
            r = decode_byte(&d, mapping, byte);
        }
        if (r > 0)
            d.at++;
        else if (r < 0 || decoder_error(&d, d.at, d.at + 1, undefined) < 0)
            return decoder_finish(&d, true);
    }
    return decoder_finish(&d, false);
}

/* --- encoding --- */

static int append(Encoder *e, const char *bytes, Py_ssize_t n)
{
    char *to = _PyBytesWriter_WriteBytes(&e->out, e->to, bytes, n);
    if (to == NULL)
        return -1;
    e->to = to;
    return 0;
}

/* Writes what the mapping has for a character: 1 written, 0 undefined, -1 error. */
static int encode_char(Encoder *e, PyObject *mapping, Py_UCS4 ch)
{
    char byte;
    if (Py_IS_TYPE(mapping, &EncodingMap_Type)) {
        int value = map_lookup((EncodingMap *)mapping, ch);
        byte = (char)value;
        return value < 0 ? 0 : append(e, &byte, 1) < 0 ? -1 : 1;
    }
    PyObject *key = PyLong_FromLong((long)ch);
    PyObject *value = key == NULL ? NULL : PyObject_GetItem(mapping, key);
    Py_XDECREF(key);
    if (value == NULL) {
        if (key == NULL || !PyErr_ExceptionMatches(PyExc_LookupError))
            return -1;
        PyErr_Clear();
        return 0;
    }
    int r = -1;
    if (value == Py_None) {
        r = 0;
    } else if (PyLong_Check(value)) {
        long number = PyLong_AsLong(value);
        if (number < 0 || number > 255) {
            if (!(number == -1 && PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_OverflowError)))
                PyErr_SetString(PyExc_TypeError, "character mapping must be in range(256)");
        } else {
            byte = (char)number;
            r = append(e, &byte, 1) < 0 ? -1 : 1;
        }
    } else if (PyBytes_Check(value)) {
        r = append(e, PyBytes_AS_STRING(value), PyBytes_GET_SIZE(value)) < 0 ? -1 : 1;
    } else {
        PyErr_Format(PyExc_TypeError, "character mapping must return integer, bytes or None, not %.400s",
                     Py_TYPE(value)->tp_name);
    }
    Py_DECREF(value);
    return r;
}

/* Is there something for the character? Writes nothing. -1 on error. */
static int is_encodable(PyObject *mapping, Py_UCS4 ch)
{
    if (Py_IS_TYPE(mapping, &EncodingMap_Type))
        return map_lookup((EncodingMap *)mapping, ch) >= 0;
    PyObject *key = PyLong_FromLong((long)ch);
    PyObject *value = key == NULL ? NULL : PyObject_GetItem(mapping, key);
    Py_XDECREF(key);
    if (value == NULL) {
        if (key == NULL || !PyErr_ExceptionMatches(PyExc_LookupError))
            return -1;
        PyErr_Clear();
        return 0;
    }
    int r = value != Py_None;
    Py_DECREF(value);
    return r;
}

/* Characters of a replacement, themselves through the mapping. */
static int encode_text(Encoder *e, PyObject *mapping, StrView text, Py_ssize_t first, Py_ssize_t last)
{
    for (Py_ssize_t i = 0; i < text.length; i++) {
        int r = encode_char(e, mapping, PyUnicode_READ(text.kind, text.data, i));
        if (r == 0)
            encoder_raise(e, first, last, undefined);
        if (r <= 0)
            return -1;
    }
    return 0;
}

static int encode_bad(Encoder *e, PyObject *mapping, Py_ssize_t first, Py_ssize_t last)
{
    if (e->kind == ERRORS_UNKNOWN)
        e->kind = codec_errors_kind(e->errors);
    switch (e->kind) {
    case ERRORS_STRICT:
        encoder_raise(e, first, last, undefined);
        return -1;
    case ERRORS_REPLACE:
        for (Py_ssize_t i = first; i < last; i++)
            if (encode_text(e, mapping, (StrView){1, 1, "?"}, first, last) < 0)
                return -1;
        e->at = last;
        return 0;
    case ERRORS_IGNORE:
        e->at = last;
        return 0;
    case ERRORS_XMLCHARREFREPLACE:
        for (Py_ssize_t i = first; i < last; i++) {
            char text[16];
            Py_ssize_t n = codec_put_charref(text, PyUnicode_READ(e->text.kind, e->text.data, i)) - text;
            if (encode_text(e, mapping, (StrView){1, n, text}, first, last) < 0)
                return -1;
        }
        e->at = last;
        return 0;
    default:
        break;
    }
    PyObject *rep = encoder_call_handler(e, first, last, undefined);
    if (rep == NULL)
        return -1;
    int r = PyBytes_Check(rep) ? append(e, PyBytes_AS_STRING(rep), PyBytes_GET_SIZE(rep))
                               : encode_text(e, mapping, str_view(rep), first, last);
    Py_DECREF(rep);
    return r;
}

/* Encodes characters that the map has bytes for, up to one that it has not; there is room for a byte each. */
static void encode_by_map(Encoder *e, EncodingMap *map, StrView v)
{
    char *to = e->to;
    for (; e->at < v.length; e->at++) {
        int value = map_lookup(map, PyUnicode_READ(v.kind, v.data, e->at));
        if (value < 0) break;
        *to++ = (char)value;
    }
    e->to = to;
}

/* New bytes; mapping NULL: Latin-1. */
PyObject *_PyUnicode_EncodeCharmap(PyObject *s, PyObject *mapping, const char *errors)
{
    Encoder e;
    if (PyUnicode_READY(s) < 0)
        return NULL;
    if (mapping == NULL)
        return _PyUnicode_AsLatin1String(s, errors);
    StrView v = str_view(s);
    if (v.length == 0)
        return PyBytes_FromStringAndSize(NULL, 0);
    if (encoder_init(&e, "charmap", errors, s, 0) < 0)
        return encoder_finish(&e, true);
    e.out.overallocate = 1;
    bool is_map = Py_IS_TYPE(mapping, &EncodingMap_Type);
    while (e.at < v.length) {
        if (is_map) {
            e.to = _PyBytesWriter_Prepare(&e.out, e.to, v.length - e.at);
            if (e.to == NULL)
                return encoder_finish(&e, true);
            e.out.min_size -= v.length - e.at;      /* as much as will be written counts */
            Py_ssize_t first = e.at;
            encode_by_map(&e, (EncodingMap *)mapping, v);
            e.out.min_size += e.at - first;
            if (e.at == v.length)
                break;
        }
        int r = encode_char(&e, mapping, PyUnicode_READ(v.kind, v.data, e.at));
        if (r > 0) {
            e.at++;
            continue;
        }
        Py_ssize_t last = e.at + 1;
        while (r == 0 && last < v.length) {
            int good = is_encodable(mapping, PyUnicode_READ(v.kind, v.data, last));
            if (good != 0) {
                r = good < 0 ? -1 : 0;
                break;
            }
            last++;
        }
        if (r < 0 || encode_bad(&e, mapping, e.at, last) < 0)
            return encoder_finish(&e, true);
    }
    return encoder_finish(&e, false);
}

PyObject *PyUnicode_AsCharmapString(PyObject *s, PyObject *mapping)
{
    if (!PyUnicode_Check(s) || mapping == NULL) {
        PyErr_BadArgument();
        return NULL;
    }
    return _PyUnicode_EncodeCharmap(s, mapping, NULL);
}
