/* Restored: when a node that came from a backup may write again (PROTOCOL.md, Recovering). */
#pragma once

#include "common/store/store.h"

/* restored_settle: is this node whole again? Its upstream has given back what it had, if there is one, and every device below that is
 * not revoked has agreed to the new epoch: what they hold of the journal may be ours. Then store_is_restored is over. To be
 * called whenever one of these has happened; costs nothing otherwise. */
MUST_CHECK Err restored_settle(Store *store);
/* restored_accept_loss: do not wait for the devices below: one of them is gone for good. */
MUST_CHECK Err restored_accept_loss(Store *store);
