/* TLS: the practice's own certification authority and the certificates it signs. X.509 (P-256) through GnuTLS.
 *
 *   <folder>/tls/ca.pem       the CA's certificate: what devices pin and staff's browsers import; on every node
 *   <folder>/tls/ca.key       its key (mode 0600); on the root alone
 *   <folder>/tls/server.key   the key of a node that serves (mode 0600)
 *   <folder>/tls/node.pem     certificate for devices
 *   <folder>/tls/browser.pem  certificate for browsers, on the same key
 *   <folder>/tls/given.pem, given.key   a certificate from elsewhere, shown to browsers instead (optional)
 *
 * Devices know a node by number, not by address: node.pem names <8 hex digits>.node.foyer.internal, and the client asks for that
 * name wherever the address leads. So an office may change its address while its internet is cut, and a stolen office cannot
 * pose as the root: the CA signs for each node its own name only. It is valid from 1970 to 9999, since a device whose clock
 * is off must still reach the one who can tell it the time. browser.pem names addresses and lives as long as browsers like.
 */
#pragma once

#include "common/base/arena.h"
#include "common/store/store.h"

enum { TLS_NAME_MAX = 64, TLS_PIN_SIZE = 10, TLS_BROWSER_DAYS = 397, TLS_RENEW_DAYS = 90 };

/* tls_node_name: "1f3a90bc.node.foyer.internal". */
void tls_node_name(NodeId node, char out[TLS_NAME_MAX]);

/* tls_setup: on the root: make the CA and the key, if there are none, and both certificates, the browsers' for `names`
 * ("localhost,10.0.0.5"). Again at any time, with other names or when tls_due says so. */
MUST_CHECK Err tls_setup(Store *store, const char *names);

typedef struct TlsIdentity {
  Str ca_pem;
  Str node_pem, node_key_pem;       /* "" on a node that serves nobody */
  Str browser_pem, browser_key_pem; /* the given one, if there is one */
  Instant browser_expires_at;
  const char *names; /* that browser.pem was made for: "localhost,10.0.0.5"; "" when it was given */
} TlsIdentity;
/* tls_load: ERR_NOT_FOUND when there is no CA here; ERR_INVALID when a file is not what it should be. In the arena. */
MUST_CHECK Err tls_load(Store *store, Arena *arena, TlsIdentity *out);
/* tls_ca_path: the file ca.pem, whether or not it is there. */
const char *tls_ca_path(Store *store, Arena *arena);
/* tls_holds_ca: can this node sign? */
bool tls_holds_ca(Store *store);
/* tls_due: does the browsers' certificate end within TLS_RENEW_DAYS? Never for a given one. */
bool tls_due(const TlsIdentity *identity, Instant now);

/* tls_request: a request for certificates (PKCS #10, PEM) with this node's key, which is made if there is none. */
MUST_CHECK Err tls_request(Store *store, Arena *arena, Str *request_pem);
/* tls_sign: on the root: certificates for `node`, the browsers' with these names. ERR_INVALID: the request is malformed or not
 * signed by its key, or a name is not a host name or address, or is inside foyer.internal. */
MUST_CHECK Err tls_sign(Store *store, Arena *arena, Str request_pem, NodeId node, const char *names, Str *node_pem,
                        Str *browser_pem);
/* tls_install: what came back. Without certificates the CA alone is kept (a device that serves nobody). ERR_INVALID when they
 * are not the CA's or not for our key; nothing is changed then. */
MUST_CHECK Err tls_install(Store *store, Str ca_pem, Str node_pem, Str browser_pem);

/* tls_pin: what an enrolment code says of the CA and of the node that made the code. ERR_INVALID: not a certificate. */
MUST_CHECK Err tls_pin(Str ca_pem, NodeId node, uint8_t out[TLS_PIN_SIZE]);
