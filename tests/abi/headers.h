/* Every public header, for the programs of this folder. */
#include <Python.h>
#include <datetime.h>
#include <errcode.h>
#include <frameobject.h>
#include <marshal.h>
#include <opcode.h>
#include <osdefs.h>
#include <structmember.h>
#include <token.h>
