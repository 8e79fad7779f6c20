#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Bytes through a JSON parser that takes nothing but UTF-8
 *
 * PowerDNS puts whatever bytes it has into strings: NSEC3 salts, labels and TXT in any encoding. On
 * the way in each byte from 0x80 stands as a code point of its own, U+10FF80 to U+10FFFF (private
 * use), and is put back in the strings that come out. An escape such as \u00e9 is not touched and
 * becomes UTF-8, as it does in PowerDNS.
 *
 * A limit: in a line that also holds raw bytes, the escapes \udbff\udf80 to \udbff\udfff come out
 * as single bytes. Neither PowerDNS nor anything known to speak this protocol writes them.
 */

/* How many bytes of `text` have to be marked. */
size_t pdns_raw_bytes_count(const char *text, size_t size);

/* Writes size + 3 * count bytes to `ret`, all of them UTF-8 if the rest of `text` is ASCII. */
void pdns_raw_bytes_mark(const char *text, size_t size, char *ret);

/* Whether any byte of the UTF-8 `text` is a marked one. */
bool pdns_raw_bytes_is_marked(const char *text, size_t size);

/* Writes `text` with the bytes put back, and a NUL behind it, to `ret`; returns the size without
 * the NUL, at most `size`. `ret` has room for size + 1. */
size_t pdns_raw_bytes_restore(const char *text, size_t size, char *ret);
