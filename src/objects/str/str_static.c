/* The shared strs: the empty one, and one for each character below U+0100. They need no start-up code. */
#include "objects/immortal.h"
#include "objects/str/str.h"

#define STATE(is_ascii) {.kind = PyUnicode_1BYTE_KIND, .compact = 1, .ascii = (is_ascii), .ready = 1}
#define HEAD(n, is_ascii) \
    {.ob_base = IMMORTAL_HEAD(&PyUnicode_Type), .length = (n), .hash = -1, .state = STATE(is_ascii), .wstr = NULL}

#define ASCII(c) {.head = HEAD(1, 1), .text = {(c), 0}}
#define LATIN1(c) {.head = {._base = HEAD(1, 0)}, .text = {(c), 0}}
#define FOUR(M, c) M(c), M((c) + 1), M((c) + 2), M((c) + 3)
#define SIXTEEN(M, c) FOUR(M, c), FOUR(M, (c) + 4), FOUR(M, (c) + 8), FOUR(M, (c) + 12)
#define SIXTY_FOUR(M, c) SIXTEEN(M, c), SIXTEEN(M, (c) + 16), SIXTEEN(M, (c) + 32), SIXTEEN(M, (c) + 48)

struct StrRuntime str_runtime;

StrStaticAscii str_static_empty = {.head = HEAD(0, 1)};
StrStaticAscii str_static_ascii[128] = {SIXTY_FOUR(ASCII, 0), SIXTY_FOUR(ASCII, 64)};
StrStaticLatin1 str_static_latin1[128] = {SIXTY_FOUR(LATIN1, 128), SIXTY_FOUR(LATIN1, 192)};
