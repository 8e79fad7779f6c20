#include "dns/labels.h"

#include <stdlib.h>
#include <string.h>

static size_t label_length(const char *text, char separator)
{
    size_t length = 0;

    while (text[length] && text[length] != separator)
        length += text[length] == '\\' && text[length + 1] ? 2 : 1;
    return length;
}

const char *labels_parent(const char *name)
{
    name += label_length(name, '.');
    return *name ? name + 1 : name;
}

static int is_digit(char character)
{
    return character >= '0' && character <= '9';
}

/* One octet of a label, escaped or not; moves behind it. */
static unsigned char read_octet(const char **text)
{
    const char *p = *text;

    if (*p != '\\') {
        *text = p + 1;
        return (unsigned char)*p;
    }
    if (!is_digit(p[1])) {
        *text = p + 2;
        return (unsigned char)p[1];
    }
    *text = p + 4;
    return (unsigned char)((p[1] - '0') * 100 + (p[2] - '0') * 10 + (p[3] - '0'));
}

size_t labels_to_wire(const char *name, unsigned char ret[LABELS_WIRE_SIZE])
{
    size_t used = 0;

    while (*name) {
        size_t length_at = used++;
        const char *end = name + label_length(name, '.');
        while (name < end)
            ret[used++] = read_octet(&name);
        ret[length_at] = (unsigned char)(used - length_at - 1);
        name += *name == '.';
    }
    ret[used++] = 0;
    return used;
}

char *labels_reverse(const char *text, char from, char to)
{
    size_t size = strlen(text);

    char *reversed = malloc(size + 1);
    if (!reversed)
        return NULL;

    size_t start = size + 1; /* of what is written so far, from the right */
    reversed[size] = '\0';
    while (*text) {
        size_t length = label_length(text, from);
        if (start <= size)
            reversed[--start] = to;
        else
            start = size;
        start -= length;
        memcpy(reversed + start, text, length);
        text += length;
        text += *text == from;
    }
    if (start <= size)
        memmove(reversed, reversed + start, size + 1 - start);
    else
        *reversed = '\0';
    return reversed;
}
