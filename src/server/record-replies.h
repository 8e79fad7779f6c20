#pragma once

#include "alias/expansion.h"
#include "server/session.h"
#include "store/records.h"

/* Elements of the replies to lookup, list and searchRecords, under the owner name `owner` */

/* A row as it is. */
void record_reply_row(struct session *session, const char *owner, const struct records_row *row);

/* The TXT records that tell the targets of the ALIAS rows, if they are wanted. 0 or -ENOMEM. */
int record_reply_txt(struct session *session, const char *owner, const struct expansion *expansion);

/* The addresses that the ALIAS rows stand for. */
void record_reply_expansion(struct session *session, const char *owner,
                            const struct expansion *expansion);

/* The ALIAS row itself, of which there is one. */
void record_reply_alias(struct session *session, const char *owner,
                        const struct expansion *expansion);

/* The name exists, with nothing there. */
void record_reply_empty_non_terminal(struct session *session, const char *owner,
                                     const struct expansion *expansion);

/* Whether the session is shown rows as they are stored: also inside a transaction, since dynamic
 * updates and IXFR write back what they read. */
bool record_reply_is_raw(const struct session *session);
