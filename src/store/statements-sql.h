#pragma once

#include "store/statements.h"

/* The text of each statement. */
extern const char *const statements_sql[STATEMENT_COUNT];

/* What it is for, as messages say it: "reading records". */
extern const char *const statements_task[STATEMENT_COUNT];
