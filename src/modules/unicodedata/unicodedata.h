/* The parts of the module unicodedata. `old` asks for Unicode 3.2.0 instead of 14.0. */
#ifndef KRAIT_MODULES_UNICODEDATA_H
#define KRAIT_MODULES_UNICODEDATA_H

#include "objects/str/str.h"
#include "objects/str/unicode_names.h"

/* data.c */
bool ucd_assigned_in_old(Py_UCS4 ch);
unsigned ucd_category(Py_UCS4 ch, bool old);    /* a number for ucd_word, as the next two */
unsigned ucd_bidirectional(Py_UCS4 ch, bool old);
unsigned ucd_width(Py_UCS4 ch, bool old);
typedef enum { UCD_CATEGORIES, UCD_BIDIRECTIONALS, UCD_WIDTHS, UCD_WORDS_KINDS } UcdWords;
enum { UCD_WORDS_MAX = 32 };                    /* of one kind */
const char *ucd_word(UcdWords words, unsigned number);
int ucd_combining(Py_UCS4 ch, bool old);
int ucd_mirrored(Py_UCS4 ch, bool old);
int ucd_decimal(Py_UCS4 ch, bool old);          /* -1: none */
/* What normal forms go by. */
typedef struct {
    uint8_t combining;                          /* its class */
    uint8_t quick_check;                        /* two bits at 2 * NormalForm: 0 yes, 1 maybe, 2 no */
} UcdNormal;
UcdNormal ucd_normal(Py_UCS4 ch);
/* Decomposition of a character: number of codes (0: none), *codes and *prefix ("" for a canonical one). Not for Hangul. */
int ucd_decomposition(Py_UCS4 ch, const Py_UCS4 **codes, const char **prefix);
/* What 3.2.0 has in place of a corrected decomposition, or 0. */
Py_UCS4 ucd_old_decomposition(Py_UCS4 ch);
/* The composite of two characters, or 0. */
Py_UCS4 ucd_compose(Py_UCS4 first, Py_UCS4 second);

/* names.c */
extern const UnicodeNameApi ucd_name_api;
/* Writes the name and a zero. Its length; 0: there is none, or no room for it. */
int ucd_name(Py_UCS4 ch, char *buffer, int size);
/* 1 with a character; 2 with a sequence's number in *code; 0 when there is no such name. Aliases and sequences are newer
 * than the old version. */
int ucd_lookup(const char *name, int length, bool old, Py_UCS4 *code);
PyObject *ucd_sequence(Py_UCS4 number);

/* normalize.c */
typedef enum { NFD, NFKD, NFC, NFKC } NormalForm;
PyObject *ucd_normalize(PyObject *s, NormalForm form, bool old);
/* 1, 0, or -1 on error. */
int ucd_is_normalized(PyObject *s, NormalForm form, bool old);

#endif
