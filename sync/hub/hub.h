/* Hub: the downstream half of foyerd: what a node offers to the nodes below it, as HTTPS routes under /sync/v1/
 * (sync/PROTOCOL.md).
 *
 * The functions that do the work (push.h) know no HTTP, so that a simulator can call them.
 */
#pragma once

#include "sync/follow.h"
#include "sync/http/server.h"

typedef struct Hub Hub;

/* hub_open: `store` is used in this call only. The folder snapshots/ in the replica's folder is emptied. */
MUST_CHECK Err hub_open(Store *store, Hub **out);
/* hub_follow: before hub_routes: who keeps the view whole; devices are told to wait while it cannot. It outlives the routes. */
void hub_follow(Hub *hub, const Follow *follow);
/* hub_routes: before http_server_start. The hub must live until http_server_free. */
void hub_routes(HttpServer *server, Hub *hub);
/* hub_tick: now and then: forget a snapshot that nobody fetches any more. */
void hub_tick(Hub *hub);
void hub_close(Hub *hub); /* NULL is fine */
