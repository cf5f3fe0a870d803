/* Company that is not polite: TLS by hand, so that a test decides every byte, and a server that is not ours. */
#pragma once

#include <stdbool.h>

#include "common/base/arena.h"

/* rude_connect: TCP to loopback, nothing said. */
int rude_connect(int port);

typedef struct Rude Rude;
/* rude_open: a TLS connection that checks nothing. `priorities` as GnuTLS's; NULL: its own. NULL when the server refuses. */
Rude *rude_open(int port, const char *priorities);
void rude_close(Rude *rude);
void rude_closep(Rude **rude);
/* rude_send: false when the other side is gone. */
bool rude_send(Rude *rude, Str bytes);
/* rude_read: what comes until the other side closes or nothing has come for so long; *closed says which. In the arena. */
Str rude_read(Rude *rude, Arena *arena, int silence_ms, bool *closed);

/* A server that answers every request with "{}", or fails to shake hands. */
typedef struct RudeServer RudeServer;
RudeServer *rude_server_start(Str certificate_pem, Str key_pem, const char *priorities);
int rude_server_port(const RudeServer *server);
/* rude_server_stop: how many requests it was sent. */
int rude_server_stop(RudeServer *server);
