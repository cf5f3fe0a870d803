/* A TCP proxy on loopback that fails as networks do. Bytes pass unchanged (TLS is end to end). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct Proxy Proxy;

Proxy *proxy_start(int target_port);
int proxy_port(const Proxy *proxy);
void proxy_stop(Proxy *proxy);
void proxy_stopp(Proxy **proxy);

/* proxy_link: false: connections are cut and refused, as when the cable is pulled. */
void proxy_link(Proxy *proxy, bool up);
/* proxy_cut_after: every connection is cut once so many bytes have passed on it towards the target, or back. -1: never. */
void proxy_cut_after(Proxy *proxy, int64_t up_bytes, int64_t down_bytes);
/* proxy_drop_answers: from the next byte that comes back on, everything that comes back is thrown away and its connection cut: a
 * request that was carried out and never answered. */
void proxy_drop_answers(Proxy *proxy, bool drop);
/* proxy_bytes: what has passed so far. */
void proxy_bytes(Proxy *proxy, uint64_t *up, uint64_t *down);
/* proxy_attempts: connections that were asked for. */
uint64_t proxy_attempts(Proxy *proxy);
/* proxy_rate: bytes a second each way on all connections together; 0: as fast as it goes. */
void proxy_rate(Proxy *proxy, int64_t bytes_a_second);
