#pragma once

/* The path as a URI that tells SQLite to take the file as it is (sqlite.org/uri.html, immutable);
 * from malloc, NULL: out of memory. */
char *fallback_uri_immutable(const char *path);
