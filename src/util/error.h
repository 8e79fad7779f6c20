#pragma once

/*
 * Return values
 *
 * 0         done.
 * positive  an outcome that the caller has to decide on. Each module lists its own in its header
 *           (RECORDS_E_EOF, say); they are never passed on to the caller's caller.
 * negative  a failure, -errno. It is logged where it is found, with what was tried on what, passed
 *           up unchanged, and ends at the session, which turns it into a reply without `result`.
 *
 * Results come as the last parameters, named `ret` or `ret_x`, and are untouched on failure.
 */
