/* Web: what foyerd serves to browsers: the desk board's pages and the JSON API behind them (sync/web/API.md).
 *
 * Everything is served from this node's own store, so the office works without internet. Pages, theme and sentences are read once, at
 * web_open; a handler touches no file.
 */
#pragma once

#include "sync/http/server.h"

typedef struct Web Web;

typedef struct WebOptions {
  const char *assets; /* folder with web/, i18n/ and theme.json; NULL: the program's own (common/base/assets.h) */
  int64_t idle_ms;    /* signed out after so long without a person's activity; 0: WEB_IDLE_MS */
  const char
      *enrol_url; /* where a new device reaches this node: "https://192.168.1.20:8443"; NULL: the Host of the request */
} WebOptions;
enum { WEB_IDLE_MS = 15 * 60 * 1000 };

/* web_open: ERR_NOT_FOUND, ERR_IO or ERR_INVALID when the pages, sentences or theme cannot be read. */
MUST_CHECK Err web_open(const WebOptions *options, Web **out);
/* web_routes: before http_server_start. `web` must live until http_server_free. */
void web_routes(HttpServer *server, Web *web);
void web_close(Web *web); /* NULL is fine */
