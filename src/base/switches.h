/* Switches for seeing inside and for hostile testing: -X dump=…, -X stress=…. Set at start-up, read anywhere. */
#ifndef KRAIT_BASE_SWITCHES_H
#define KRAIT_BASE_SWITCHES_H

#include <stdbool.h>

struct Switches {
    /* -X dump=tokens,ast,scopes,code,exec,caches */
    bool dump_tokens, dump_ast, dump_scopes, dump_code, dump_exec, dump_caches;
    /* -X stress=gc,frames,specialise,generic,plain,breaker */
    bool stress_gc;             /* collect at every allocation of a container */
    bool stress_frames;         /* make a frame object for every frame */
    bool stress_specialise;     /* specialise at the first execution */
    bool stress_generic;        /* never specialise */
    bool stress_plain;          /* run the plain translation */
    bool stress_breaker;        /* look at the eval breaker at every instruction */
};
extern struct Switches switches;

#endif
