/* Which certificate to show: nodes ask for a name in foyer.internal, browsers for an address or another name. */
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>

#include "sync/http/serve.h"

enum { CHAIN_MAX = 8 };

typedef struct Chain {
  gnutls_pcert_st certificates[CHAIN_MAX];
  unsigned count;
  gnutls_privkey_t key;
} Chain;

struct Shown {
  Chain node, browser;
};

/* GnuTLS hands the callback no context of ours; but MHD runs every handshake of a server on its one polling thread. */
static _Thread_local const struct Shown *here;

void choose_here(const struct Shown *shown)
{
  here = shown;
}

static gnutls_datum_t datum(Str s)
{
  return (gnutls_datum_t){(unsigned char *)(uintptr_t)s.ptr, (unsigned)s.len};
}

static Err chain_load(Chain *chain, Str certificate_pem, Str key_pem)
{
  gnutls_datum_t pem = datum(certificate_pem), key = datum(key_pem);
  unsigned count = CHAIN_MAX;
  int code = gnutls_pcert_list_import_x509_raw(chain->certificates, &count, &pem, GNUTLS_X509_FMT_PEM, 0);
  if (code < 0) return err_because(ERR_INVALID, "server certificate: %s", gnutls_strerror(code));
  chain->count = count;
  code = gnutls_privkey_init(&chain->key);
  if (code == 0) code = gnutls_privkey_import_x509_raw(chain->key, &key, GNUTLS_X509_FMT_PEM, NULL, 0);
  return code < 0 ? err_because(ERR_INVALID, "server key: %s", gnutls_strerror(code)) : ERR_OK;
}

static void chain_fini(Chain *chain)
{
  for (unsigned i = 0; i < chain->count; i++) gnutls_pcert_deinit(&chain->certificates[i]);
  if (chain->key) gnutls_privkey_deinit(chain->key);
}

Err choose_open(const HttpOptions *options, struct Shown **out)
{
  *out = NULL;
  if (options->browser_certificate_pem.len == 0) return ERR_OK;
  struct Shown *shown = calloc(1, sizeof *shown);
  if (!shown) return err_because(ERR_NO_SPACE, "memory for certificates");
  Err err = chain_load(&shown->node, options->certificate_pem, options->key_pem);
  if (err == ERR_OK) err = chain_load(&shown->browser, options->browser_certificate_pem, options->browser_key_pem);
  if (err != ERR_OK)
    choose_close(shown);
  else
    *out = shown;
  return err;
}

void choose_close(struct Shown *shown)
{
  if (!shown) return;
  chain_fini(&shown->node);
  chain_fini(&shown->browser);
  free(shown);
}

static bool asks_for_a_node(gnutls_session_t session)
{
  static const char OWN[] = ".foyer.internal";
  char name[256];
  size_t len = sizeof name;
  unsigned type = 0;
  if (gnutls_server_name_get(session, name, &len, &type, 0) != 0 || type != GNUTLS_NAME_DNS) return false;
  len = strnlen(name, len);
  size_t own = sizeof OWN - 1;
  return len > own && str_eq_ascii_nocase((Str){name + len - own, own}, (Str){OWN, own});
}

static int choose(gnutls_session_t session, const gnutls_datum_t *authorities, int authority_count,
                  const gnutls_pk_algorithm_t *algorithms, int algorithm_count, gnutls_pcert_st **certificates,
                  unsigned *count, gnutls_privkey_t *key)
{
  (void)authorities;
  (void)authority_count;
  (void)algorithms;
  (void)algorithm_count;
  if (!here) return -1;
  const Chain *chain = asks_for_a_node(session) ? &here->node : &here->browser;
  *certificates = (gnutls_pcert_st *)(uintptr_t)chain->certificates; /* GnuTLS only reads it */
  *count = chain->count;
  *key = chain->key;
  return 0;
}

void *choose_callback(void)
{
  return (void *)(uintptr_t)choose;
}
