/* Verification of code objects that no compiler of ours made: types.CodeType(), replace(),
 * forged .pyc files.
 *
 * What holds for code that passes, along every path that control can take, exceptions included:
 *  - only known opcodes run, each whole with its caches; jumps and handlers lead to instructions;
 *  - the stack holds what each instruction takes, never exceeds co_stacksize, and is equally
 *    deep whenever a place is reached;
 *  - indices of constants, names and variables are in range; cells are made before they are
 *    used and only cells are used as such; keyword names are a tuple of str and belong to the
 *    call that follows;
 *  - a NULL on the stack only reaches the calls that expect one; what is appended to is the
 *    list, set or dict that was built;
 *  - control never runs off the end; generators, and only they, yield;
 *  - FOR_ITER's operand comes from GET_ITER, or from the variable that is loaded just before it,
 *    which the translator has checked.
 *
 * What it leaves to the VM, because only values tell: that MAKE_FUNCTION's operand is a code
 * object with as many free variables as its closure has cells, MATCH_CLASS's, MATCH_KEYS's and
 * BUILD_CONST_KEY_MAP's names tuples, RERAISE's and PUSH_EXC_INFO's an exception, POP_EXCEPT's an
 * exception or None, RERAISE's lasti an int; and that a function's closure has co_nfreevars cells.
 */
#ifndef KRAIT_BYTECODE_VERIFY_H
#define KRAIT_BYTECODE_VERIFY_H

#include <Python.h>

/* 0 when the code may run, and then its mark as foreign is taken off; -1 with SystemError set
 * when it may not. Cheap for code that is not foreign. To be called before code is translated. */
int code_verify(PyCodeObject *code);

#endif
