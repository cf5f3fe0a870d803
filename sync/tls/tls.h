/* TLS: the practice's own certification authority and the certificates it signs. X.509 through GnuTLS, Ed25519 or P-256.
 *
 *   <folder>/tls/ca.pem       the CA's certificate: what devices pin and staff's browsers import; on every node
 *   <folder>/tls/ca.key       its key (mode 0600); on the root alone
 *   <folder>/tls/server.pem   this node's certificate; nodes that serve
 *   <folder>/tls/server.key   its key (mode 0600)
 *   <folder>/tls/given.pem, given.key   a certificate from elsewhere, shown to browsers instead (optional, see tls_load)
 *
 * Nodes know one another by number, not by address: a server's certificate names <8 hex digits>.node.foyer.internal, and the
 * client asks for that name wherever the address leads. So an office may change its address while its internet is cut, and a
 * stolen office cannot pose as the root: the CA signs for each device its own name only.
 */
#pragma once

#include "common/base/arena.h"
#include "common/store/store.h"

enum { TLS_NAME_MAX = 64, TLS_PIN_SIZE = 10, TLS_CA_YEARS = 30, TLS_SERVER_DAYS = 397, TLS_RENEW_DAYS = 90 };

/* tls_node_name: "1f3a90bc.node.foyer.internal". */
void tls_node_name(NodeId node, char out[TLS_NAME_MAX]);

/* tls_setup: on the root: make the CA, if there is none, and a server certificate for `names` ("localhost,10.0.0.5"). */
MUST_CHECK Err tls_setup(Store *store, const char *names);

typedef struct TlsIdentity {
  Str ca_pem;
  Str certificate_pem; /* for nodes; "" on a node that serves nobody */
  Str key_pem;
  Str given_certificate_pem; /* for whoever asks for another name; "" when none was given */
  Str given_key_pem;
  Instant expires_at;
  const char *names; /* that certificate_pem was made for, without the node's own: "localhost,10.0.0.5" */
} TlsIdentity;
/* tls_load: ERR_NOT_FOUND when there is no CA here; ERR_INVALID when a file is not what it should be. In the arena. */
MUST_CHECK Err tls_load(Store *store, Arena *arena, TlsIdentity *out);
/* tls_holds_ca: can this node sign? */
bool tls_holds_ca(Store *store);
/* tls_due: does the server certificate end within TLS_RENEW_DAYS? */
bool tls_due(const TlsIdentity *identity, Instant now);

/* tls_request: a new server key, kept beside the present one as server.key.new, and a request for a certificate (PKCS #10).
 * tls_install: what came back: CA and certificate; the new key takes effect. ERR_INVALID when they do not fit. Without
 * `certificate_pem` the CA alone is kept (a device that serves nobody). */
MUST_CHECK Err tls_request(Store *store, Arena *arena, Str *request_pem);
MUST_CHECK Err tls_install(Store *store, Str ca_pem, Str certificate_pem);
/* tls_sign: on the root: a certificate for `node` with these further names. ERR_INVALID request malformed or not signed by its
 * key, or a name that is not a host name or address, or is in foyer.internal. */
MUST_CHECK Err tls_sign(Store *store, Arena *arena, Str request_pem, NodeId node, const char *names,
                        Str *certificate_pem);

/* tls_pin: what an enrolment code says of the CA and of the node that made the code. ERR_INVALID not a certificate. */
MUST_CHECK Err tls_pin(Str ca_pem, NodeId node, uint8_t out[TLS_PIN_SIZE]);
