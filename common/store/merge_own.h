/* Merge, for this node's own transactions: they too decide between edits that had not seen one another, and they too can
 * delete. Called by tx.c; for the store room alone.
 *
 * An own edit has seen everything here, so whatever was listed as overwritten in the groups that it touches is decided by it.
 */
#pragma once

#include "common/store/store.h"
#include "common/store/version.h"

/* merge_own_any: is there anything that merge_own_commit would look at? One cheap query; a caller may keep the answer until
 * another process or a merge has written, and must ask again after merge_own_delete. */
MUST_CHECK Err merge_own_any(Store *store, bool *any);
/* merge_own_delete: inside the Tx, before the row is deleted: keep its state aside, since edits of it may still come from
 * nodes that have not seen the deletion. ERR_NOT_FOUND when there is no such row. */
MUST_CHECK Err merge_own_delete(Store *store, uint32_t table, Uuid id, Stamp stamp);
/* merge_own_commit: inside the Tx, once its body is complete. */
MUST_CHECK Err merge_own_commit(Store *store, Str body, Stamp stamp);
/* merge_catch_up: after a migration, outside any transaction: when it brought tables or columns that newer peers had sent
 * before, rebuild all tables from the journal. Cheap when there is nothing to do. */
MUST_CHECK Err merge_catch_up(Store *store);
