/* The lobby's scope: the least that a tablet needs so that people can check in at it, declared here and nowhere else: which rows
 * it holds, which of their columns, and what it may write.
 *
 * It holds the practice, its own site with rooms and devices; types of visit, providers' names, forms, texts and rules; staff who
 * have a PIN and may see the board here, without what they sign in with elsewhere; the site's visits from yesterday to tomorrow
 * that are not cancelled, and of the people who come to these (all records that are linked as one person): name, contact, active
 * coverage, what says that their time is firm, and of what they have answered and signed only that and when, the newest of each form that is not asked
 * every time anyway. Of tasks those that it has made itself, while they are open.
 *
 * Not there: everybody else, other days, other sites; answers, signatures, notes, money, audit, others' tasks; passwords.
 * A person without a visit in these days is a walk-in to the tablet and checks in as a new record; the desk is asked to look
 * whether there is another one of the same person (checkin_finish).
 */
#pragma once

#include "common/store/scope.h"

extern const ScopeRules SCOPE_LOBBY_RULES;

enum { SCOPE_DAYS_BEFORE = 1, SCOPE_DAYS_AFTER = 1 };

/* scope_of: what the node may hold. *scoped is false for one that may hold everything.
 * ERR_DENIED: it is not known here, or a tablet that stands at no site: it may hold nothing. */
MUST_CHECK Err scope_of(Store *store, NodeId node, bool *scoped, ScopeOf *out);
/* scope_first_day: the oldest day that this node, a tablet, may hold now by its own clock. ERR_NOT_FOUND before it knows its site. */
MUST_CHECK Err scope_first_day(Store *store, char out[DATE_TEXT_LEN + 1]);

/* scope_may_write: may a tablet at `site` have written this? ERR_DENIED with the reason in err_detail, which names no one. */
MUST_CHECK Err scope_may_write(Uuid site, const JournalEntry *entry);
