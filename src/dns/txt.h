#pragma once

/* The content of a TXT record that says `text`, as it is written in a zone file: quoted, cut into
 * strings of at most 255 octets, with a backslash before quotes and backslashes, and other octets
 * than printable ASCII by their numbers (RFC 1035 3.3, 5.1). From malloc; NULL: out of memory. */
char *txt_content(const char *text);
