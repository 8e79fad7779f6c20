#pragma once

#include <stddef.h>

#include "dns/name.h"

/*
 * What a name's text (dns/name.h) consists of: its labels
 *
 * A dot that belongs to a label is written `\.`, so it is never taken for a separator.
 */

/* The longest name on the wire (RFC 1035 2.3.4). */
#define LABELS_WIRE_SIZE 255

/* The name one label shorter: "b.example" of "a.b.example"; "" of "example" and of "". Points into
 * `name`. */
const char *labels_parent(const char *name);

/* The octets of a canonical name as in a message, the root's at the end. How many. */
size_t labels_to_wire(const char *name, unsigned char ret[LABELS_WIRE_SIZE]);

/* The labels of `text`, separated by `from`, in reverse order and separated by `to`: "b a" of
 * "a.b". A separator at the end is dropped. To be freed; NULL: no memory. */
char *labels_reverse(const char *text, char from, char to);
