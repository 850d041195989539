/* The shared bytes objects: the empty one and one for each byte value. */
#include "objects/bytes/bytes.h"
#include "objects/immortal.h"

#define HEAD(n) {.ob_base = IMMORTAL_HEAD(&PyBytes_Type), .ob_size = (n)}
#define ONE(c) {.head = HEAD(1), .hash = -1, .text = {(char)(c), 0}}
#define FOUR(c) ONE(c), ONE((c) + 1), ONE((c) + 2), ONE((c) + 3)
#define SIXTEEN(c) FOUR(c), FOUR((c) + 4), FOUR((c) + 8), FOUR((c) + 12)
#define SIXTY_FOUR(c) SIXTEEN(c), SIXTEEN((c) + 16), SIXTEEN((c) + 32), SIXTEEN((c) + 48)

static_assert(offsetof(BytesStatic, text) == offsetof(PyBytesObject, ob_sval), "a static bytes object is a bytes object");

BytesStatic bytes_static_empty = {.head = HEAD(0), .hash = -1};
BytesStatic bytes_static_one[256] = {SIXTY_FOUR(0), SIXTY_FOUR(64), SIXTY_FOUR(128), SIXTY_FOUR(192)};
