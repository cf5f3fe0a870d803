#include "sync/web/web.h"

#include <stdlib.h>

#include "common/base/assets.h"
#include "sync/web/state.h"

const WebRoute *const web_tables[] = {web_session_routes, web_board_routes,
                                      web_visit_routes,   web_client_routes,
                                      web_record_routes,  web_task_routes,
                                      web_sync_routes,    web_device_routes,
                                      web_booking_routes, NULL};

Err web_open(const WebOptions *options, Web **out)
{
  Web *web = calloc(1, sizeof *web);
  if (!web) return ERR_NO_SPACE;
  web->arena = arena_make(0);
  pthread_mutex_init(&web->lock, NULL);
  web->idle_ms = options->idle_ms ? options->idle_ms : WEB_IDLE_MS;
  web->enrol_url = options->enrol_url;
  const char *folder = options->assets ? options->assets : assets_path(&web->arena, ".");
  Err err = web_pages_load(web, folder);
  if (err != ERR_OK) {
    web_close(web);
    return err;
  }
  *out = web;
  return ERR_OK;
}

void web_routes(HttpServer *server, Web *web)
{
  size_t count = 0, n = 0;
  for (size_t t = 0; web_tables[t]; t++)
    for (const WebRoute *r = web_tables[t]; r->method; r++) count++;
  web->bindings = ARENA_ARRAY(&web->arena, WebBinding, count);
  for (size_t t = 0; web_tables[t]; t++) {
    for (const WebRoute *r = web_tables[t]; r->method; r++) {
      WebBinding *binding = &web->bindings[n++];
      *binding = (WebBinding){.web = web, .route = r};
      http_route(server, r->method, r->pattern, WEB_BODY_MAX, web_gate, binding);
    }
  }
  web_pages_routes(server, web);
}

void web_close(Web *web)
{
  if (!web) return;
  for (size_t i = 0; i < WEB_BOARDS_MAX; i++) free(web->boards[i].body);
  json_decref(web->theme);
  pthread_mutex_destroy(&web->lock);
  arena_fini(&web->arena);
  free(web);
}
