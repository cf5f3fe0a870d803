/* Every SQL() that is linked into the program, against the schema. */
#pragma once

#include <stddef.h>

#include "common/store/query.h"

/* test_statements: each can be prepared, and each that is not SQL_SCAN gets by without reading the whole of a table that
 * grows with the years. Fails the test otherwise. Returns how many there are. */
size_t test_statements(void);
/* test_statement_scans: how many whole readings of such tables the plan of one has. */
int test_statement_scans(const Sql *sql);
