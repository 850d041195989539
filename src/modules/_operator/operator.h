/* The types of _operator. */
#ifndef KRAIT_MODULES_OPERATOR_H
#define KRAIT_MODULES_OPERATOR_H

#include "objects/containers.h"
#include "objects/immortal.h"
#include "objects/names.h"

extern PyTypeObject itemgetter_type, attrgetter_type, methodcaller_type;

#endif
