#include "dns/txt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRING_SIZE 255

/* An octet in a quoted string; `out` has room for 5 characters. Where it ends. */
static char *write_octet(unsigned char octet, char *out)
{
    if (octet == '"' || octet == '\\')
        return out + sprintf(out, "\\%c", octet);
    if (octet < ' ' || octet > '~')
        return out + sprintf(out, "\\%03u", octet);
    *out = (char)octet;
    return out + 1;
}

char *txt_content(const char *text)
{
    size_t length = strlen(text);
    /* An octet becomes 4 characters at most, a string has 2 quotes and a space before the next. */
    char *content = malloc(4 * length + 3 * (length / STRING_SIZE + 1) + 2);
    char *out = content;

    if (!content)
        return NULL;
    *out++ = '"';
    for (size_t i = 0; i < length; ++i) {
        if (i > 0 && i % STRING_SIZE == 0)
            out = stpcpy(out, "\" \"");
        out = write_octet((unsigned char)text[i], out);
    }
    strcpy(out, "\"");
    return content;
}
