/* The types of _functools, a file each. */
#ifndef KRAIT_MODULES_FUNCTOOLS_H
#define KRAIT_MODULES_FUNCTOOLS_H

#include "objects/call.h"
#include "objects/containers.h"
#include "objects/immortal.h"
#include "objects/int/int.h"
#include "objects/names.h"

#include <structmember.h>

extern PyTypeObject partial_type, key_wrapper_type, lru_cache_type, lru_link_type;

/* Makes the object that parts keyword arguments from positional ones in cache keys. */
int lru_cache_init(void);

#endif
