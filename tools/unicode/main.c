/* make-unicode UCD-FOLDER OUTPUT-FOLDER: writes unicode_types.inc, unicode_data.inc and unicode_names.inc. */
#include "ucd.h"

static FILE *create(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *out = fopen(path, "w");
    if (out == NULL)
        die("cannot write %s", path);
    return out;
}

static void finish(FILE *out)
{
    if (ferror(out) || fclose(out) != 0)
        die("a write has failed");
}

int main(int argc, char **argv)
{
    Ucd ucd;
    if (argc != 3)
        die("usage: make-unicode UCD-FOLDER OUTPUT-FOLDER");
    ucd_read(&ucd, argv[1]);
    FILE *out = create(argv[2], "unicode_types.inc");
    make_types(&ucd, out);
    finish(out);
    out = create(argv[2], "unicode_data.inc");
    make_data(&ucd, out);
    finish(out);
    out = create(argv[2], "unicode_names.inc");
    make_names(&ucd, out);
    finish(out);
    return 0;
}
