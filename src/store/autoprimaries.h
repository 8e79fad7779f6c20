#pragma once

#include "store/database.h"

/*
 * The `supermasters` table: primaries at whose NOTIFY PowerDNS adds a zone by itself
 * (GSQLBackend::superMasterBackend, createSlaveDomain in pdns/backends/gsql/gsqlbackend.cc)
 */

enum {
    AUTOPRIMARIES_E_NOT_FOUND = 1,
};

/* Whether the primary at `ip` may add zones whose NS are `nameserver` (canonical), and for which
 * account (to be freed). 0; AUTOPRIMARIES_E_NOT_FOUND; negative. */
int autoprimaries_find(struct database *db, const char *ip, const char *nameserver,
                       char **ret_account);

/* All addresses of that name server and account, separated by ", " (to be freed). 0;
 * AUTOPRIMARIES_E_NOT_FOUND; negative. */
int autoprimaries_list_addresses(struct database *db, const char *nameserver, const char *account,
                                 char **ret);
