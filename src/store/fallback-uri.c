#include "store/fallback-uri.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *fallback_uri_immutable(const char *path)
{
    char *uri = malloc(strlen(path) * 3 + sizeof("file:?immutable=1"));
    char *position = uri;

    if (!uri)
        return NULL;
    position = stpcpy(position, "file:");
    for (; *path; ++path) {
        if (strchr("%?#", *path))
            position += sprintf(position, "%%%02X", (unsigned char)*path);
        else
            *position++ = *path;
    }
    strcpy(position, "?immutable=1");
    return uri;
}
