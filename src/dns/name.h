#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Domain names as text
 *
 * Everywhere in the daemon a name is text in the form that the zone database keeps: presentation
 * format (RFC 1035 5.1, escapes as PowerDNS writes them: `\.`, `\\`, `\DDD`), lower case, no
 * trailing dot; the root is "". That is what PowerDNS's gsqlite3 binds to its queries
 * (DNSName::makeLowerCase, toStringRootDot), so a name from a request is compared as it is.
 */

/* The longest name is 255 octets on the wire; each octet of a label takes up to four characters. */
#define NAME_TEXT_SIZE 1025

enum {
    /* Not a name: an empty label, a label over 63 octets, a name over 255, a broken escape. */
    NAME_E_INVALID = 1,
};

/* Writes the canonical form of `text` (with or without trailing dot, in any case; "." and "" are
 * the root) to `ret`. 0, or NAME_E_INVALID. */
int name_canonicalize(const char *text, char ret[NAME_TEXT_SIZE]);

/* The same for a record's content that is one name: PowerDNS's parser passes over white space
 * around it. There has to be a name: "" is NAME_E_INVALID. */
int name_canonicalize_content(const char *content, char ret[NAME_TEXT_SIZE]);

/* Lower-cases ASCII and drops the trailing dot, nothing else: no check of labels and escapes. For
 * names in requests, which PowerDNS has parsed already. Longer text than fits is NAME_E_INVALID. */
int name_fold(const char *text, char ret[NAME_TEXT_SIZE]);
