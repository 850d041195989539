/* macOS overrides of pyconfig.h live here in other builds; Krait has none. */
#ifndef PYMACCONFIG_H
#define PYMACCONFIG_H

#endif /* PYMACCONFIG_H */
