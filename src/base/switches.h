/* Switches for seeing inside and for hostile testing (switches.def). Set at start-up, read anywhere. */
#ifndef KRAIT_BASE_SWITCHES_H
#define KRAIT_BASE_SWITCHES_H

#include <stdbool.h>

struct Switches {
#define DUMP(name, field) bool field;
#define STRESS(name, field) bool field;
#include "base/switches.def"
#undef DUMP
#undef STRESS
};
extern struct Switches switches;

/* Turn on what a list of names separated by commas says; NULL is an empty list. Names that are none are passed over. */
void switches_read_dump(const char *list);
void switches_read_stress(const char *list);

#endif
