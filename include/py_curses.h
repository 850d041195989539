/* What the _curses module offers to _curses_panel and others. */
#ifndef Py_CURSES_H
#define Py_CURSES_H

#include <ncurses.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PyCurses_API_pointers 4
#define PyCurses_CAPSULE_NAME "_curses._C_API"

typedef struct {
    PyObject_HEAD
    WINDOW *win;
    char *encoding;
} PyCursesWindowObject;

#define PyCursesWindow_Check(v) Py_IS_TYPE(v, &PyCursesWindow_Type)

#ifndef CURSES_MODULE
static void **PyCurses_API __attribute__((unused));

#define import_curses() PyCurses_API = (void **)PyCapsule_Import(PyCurses_CAPSULE_NAME, 1);
#define PyCursesWindow_Type (*_PyType_CAST(PyCurses_API[0]))

/* Each returns NULL from the caller, with an exception set, if its function fails. */
#define PyCurses_Require(n)                                                                    \
    {                                                                                          \
        if (!((int (*)(void))PyCurses_API[n])())                                               \
            return NULL;                                                                       \
    }
#define PyCursesSetupTermCalled PyCurses_Require(1)
#define PyCursesInitialised PyCurses_Require(2)
#define PyCursesInitialisedColor PyCurses_Require(3)
#endif

static const char catchall_ERR[] __attribute__((unused)) = "curses function returned ERR";
static const char catchall_NULL[] __attribute__((unused)) = "curses function returned NULL";

#ifdef __cplusplus
}
#endif

#endif /* Py_CURSES_H */
