/* Prints each struct's size and each field's offset, as the headers it was compiled with say. */
#include "headers.h"

int main(void)
{
#define LAYOUT(type, size) printf("%s %zu\n", #type, sizeof(type));
#define FIELD(type, field, offset) \
    printf("%s.%s %zu %zu\n", #type, #field, offsetof(type, field), sizeof(((type *)0)->field));
#include "layouts.def"

    /* The bit-fields of a str have no address: set each alone and print the word. */
    PyASCIIObject s;
    unsigned int word;
#define BITS(field)                                        \
    memset(&s, 0, sizeof s);                               \
    s.state.field = -1;                                    \
    memcpy(&word, &s.state, sizeof word);                  \
    printf("PyASCIIObject.state.%s 0x%x\n", #field, word);
    BITS(interned)
    BITS(kind)
    BITS(compact)
    BITS(ascii)
    BITS(ready)
    return 0;
}
