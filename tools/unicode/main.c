/* makeunicode UCD-FOLDER DELTA-FILE OUTPUT-FOLDER: writes unicode_types.inc, unicode_data.inc and unicode_names.inc. */
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
    if (argc != 4)
        die("usage: makeunicode UCD-FOLDER DELTA-FILE OUTPUT-FOLDER");
    ucd_read(&ucd, argv[1]);
    FILE *out = create(argv[3], "unicode_types.inc");
    make_types(&ucd, out);
    finish(out);
    out = create(argv[3], "unicode_data.inc");
    make_data(&ucd, argv[2], out);
    finish(out);
    out = create(argv[3], "unicode_names.inc");
    make_names(&ucd, out);
    finish(out);
    return 0;
}
