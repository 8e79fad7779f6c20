#pragma once

/* The addresses in `list` (separated by commas, blanks or tabs) that PowerDNS can read, copied to
 * `ret`, which has room for strlen(list) + 1, separated by blanks. An address may carry a port:
 * 192.0.2.1:5300, [2001:db8::1]:5300 (ComboAddress in pdns/iputils.hh). */
void primaries_filter(const char *list, char *ret);
