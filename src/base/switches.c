#include "base/switches.h"

struct Switches switches;
