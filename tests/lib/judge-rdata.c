#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/rdata.h"
#include "util/cleanup.h"

/*
 * For tests/system/test_bad_rows.py: a line "TYPE HEX" on standard input, a line "good", "unknown",
 * "bad: why" or "doubtful: why" on standard output.
 */

static size_t decode(const char *hex, char *ret)
{
    unsigned int octet;
    size_t size = 0;

    for (; sscanf(hex, "%2x", &octet) == 1; hex += 2)
        ret[size++] = (char)octet;
    return size;
}

static void judge(char *line)
{
    char *hex = strchr(line, ' ');
    const char *reason;

    *hex++ = '\0';
    size_t size = decode(hex, hex);
    switch (rdata_judge(line, hex, size, &reason)) {
    case RDATA_GOOD:
        puts("good");
        break;
    case RDATA_BAD:
        printf("bad: %s\n", reason);
        break;
    case RDATA_DOUBTFUL:
        printf("doubtful: %s\n", reason);
        break;
    case RDATA_UNKNOWN:
        puts("unknown");
        break;
    }
}

int main(void)
{
    CLEANUP(cleanup_freep) char *line = NULL;
    size_t size = 0;

    while (getline(&line, &size, stdin) > 0)
        judge(line);
    return EXIT_SUCCESS;
}
