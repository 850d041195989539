/* The types of _collections, a file each. */
#ifndef KRAIT_MODULES_COLLECTIONS_H
#define KRAIT_MODULES_COLLECTIONS_H

#include "objects/containers.h"
#include "objects/immortal.h"
#include "objects/names.h"

#include <structmember.h>

extern PyTypeObject deque_type, deque_iterator_type, deque_reverse_iterator_type;
extern PyTypeObject defaultdict_type, tuplegetter_type;

#endif
