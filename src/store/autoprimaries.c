#include "store/autoprimaries.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/connection.h"

int autoprimaries_find(struct database *db, const char *ip, const char *nameserver,
                       char **ret_account)
{
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;

    int r = statements_start(statements, STATEMENT_AUTOPRIMARY_ACCOUNT, &statement);
    if (r < 0)
        return r;
    statements_bind_text(statements, statement, 1, ip);
    statements_bind_name(statements, statement, 2, nameserver);
    r = statements_next(statements, statement);
    if (r != 0)
        return r < 0 ? r : AUTOPRIMARIES_E_NOT_FOUND;
    char *account = strdup(statements_text(statements, statement, 0));
    statements_stop(statement);
    if (!account)
        return statements_no_memory(statements, "reading supermasters");
    *ret_account = account;
    return 0;
}

/* Appends to `*list`, which is NULL at first. */
static int append(char **list, const char *address)
{
    char *longer;

    if (asprintf(&longer, "%s%s%s", *list ? *list : "", *list ? ", " : "", address) < 0)
        return -ENOMEM;
    free(*list);
    *list = longer;
    return 0;
}

int autoprimaries_list_addresses(struct database *db, const char *nameserver, const char *account,
                                 char **ret)
{
    CLEANUP(cleanup_freep) char *list = NULL;
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;

    int r = statements_start(statements, STATEMENT_AUTOPRIMARY_ADDRESSES, &statement);
    if (r < 0)
        return r;
    statements_bind_name(statements, statement, 1, nameserver);
    statements_bind_text(statements, statement, 2, account);
    while ((r = statements_next(statements, statement)) == 0) {
        if (append(&list, statements_text(statements, statement, 0)) < 0) {
            statements_stop(statement);
            return statements_no_memory(statements, "reading supermasters");
        }
    }
    if (r < 0)
        return r;
    if (!list)
        return AUTOPRIMARIES_E_NOT_FOUND;
    *ret = TAKE(list);
    return 0;
}
