#include "sync/tls/certificate.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

enum { SERIAL_SIZE = 16 };

/* 1 January 9999: libcurl takes RFC 5280's 99991231235959Z for a date that cannot be read. */
static const time_t FOR_EVER = 253370764800;

static Err failed(const char *what, int code)
{
  return err_because(ERR_INVALID, "%s: %s", what, gnutls_strerror(code));
}

/* Owned objects that go with their scope. */
static void crt_fini(gnutls_x509_crt_t *crt)
{
  if (*crt) gnutls_x509_crt_deinit(*crt);
}
static void key_fini(gnutls_x509_privkey_t *key)
{
  if (*key) gnutls_x509_privkey_deinit(*key);
}
static void crq_fini(gnutls_x509_crq_t *crq)
{
  if (*crq) gnutls_x509_crq_deinit(*crq);
}
static void public_fini(gnutls_pubkey_t *key)
{
  if (*key) gnutls_pubkey_deinit(*key);
}

static gnutls_datum_t datum(Str s)
{
  return (gnutls_datum_t){(unsigned char *)(uintptr_t)s.ptr, (unsigned)s.len};
}

/* take: copy what GnuTLS allocated. */
static Str take(Arena *arena, gnutls_datum_t *from)
{
  Str out = arena_strdup(arena, (Str){(char *)from->data, from->size});
  gnutls_memset(from->data, 0, from->size); /* may be a key */
  gnutls_free(from->data);
  return out;
}

static Err load_crt(Str pem, gnutls_x509_crt_t *out)
{
  gnutls_datum_t data = datum(pem);
  gnutls_x509_crt_init(out);
  int code = gnutls_x509_crt_import(*out, &data, GNUTLS_X509_FMT_PEM);
  return code < 0 ? failed("certificate", code) : ERR_OK;
}

static Err load_key(Str pem, gnutls_x509_privkey_t *out)
{
  gnutls_datum_t data = datum(pem);
  gnutls_x509_privkey_init(out);
  int code = gnutls_x509_privkey_import2(*out, &data, GNUTLS_X509_FMT_PEM, NULL, 0);
  return code < 0 ? failed("key", code) : ERR_OK;
}

Err certificate_key_new(Arena *arena, Str *key_pem)
{
  AUTO(gnutls_x509_privkey_t, key, key_fini) = NULL;
  gnutls_datum_t out = {0};
  gnutls_x509_privkey_init(&key);
  int code = gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
  if (code == 0) code = gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &out);
  if (code < 0) return failed("new key", code);
  *key_pem = take(arena, &out);
  return ERR_OK;
}

static int set_common(gnutls_x509_crt_t crt, const Env *env, const char *common_name)
{
  uint8_t serial[SERIAL_SIZE];
  env_random(env, serial, sizeof serial);
  serial[0] &= 0x7f; /* a positive number */
  int code = gnutls_x509_crt_set_version(crt, 3);
  if (code == 0) code = gnutls_x509_crt_set_serial(crt, serial, sizeof serial);
  if (code == 0)
    code =
        gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, common_name, (unsigned)strlen(common_name));
  return code;
}

static int set_validity(gnutls_x509_crt_t crt, const Env *env, int days)
{
  time_t now = (time_t)(env_now(env) / 1000);
  int code = gnutls_x509_crt_set_activation_time(crt, days ? now - 86400 : 0);
  if (code == 0) code = gnutls_x509_crt_set_expiration_time(crt, days ? now + days * (time_t)86400 : FOR_EVER);
  return code;
}

static int set_key_ids(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer)
{
  uint8_t id[64];
  size_t size = sizeof id;
  int code = gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA1, id, &size);
  if (code == 0) code = gnutls_x509_crt_set_subject_key_id(crt, id, size);
  size = sizeof id;
  if (code == 0) code = gnutls_x509_crt_get_key_id(issuer, GNUTLS_KEYID_USE_SHA1, id, &size);
  if (code == 0) code = gnutls_x509_crt_set_authority_key_id(crt, id, size);
  return code;
}

static Err export_crt(Arena *arena, gnutls_x509_crt_t crt, Str *pem)
{
  gnutls_datum_t out = {0};
  int code = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &out);
  if (code < 0) return failed("certificate", code);
  *pem = take(arena, &out);
  return ERR_OK;
}

Err certificate_ca(Arena *arena, const Env *env, Str key_pem, const char *common_name, Str *ca_pem)
{
  AUTO(gnutls_x509_privkey_t, key, key_fini) = NULL;
  AUTO(gnutls_x509_crt_t, crt, crt_fini) = NULL;
  TRY(load_key(key_pem, &key));
  gnutls_x509_crt_init(&crt);
  int code = set_common(crt, env, common_name);
  if (code == 0) code = set_validity(crt, env, 0);
  if (code == 0) code = gnutls_x509_crt_set_key(crt, key);
  if (code == 0) code = gnutls_x509_crt_set_basic_constraints(crt, 1, 0);
  if (code == 0) code = gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN);
  if (code == 0) code = set_key_ids(crt, crt);
  if (code == 0) code = gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0);
  if (code < 0) return failed("new CA", code);
  return export_crt(arena, crt, ca_pem);
}

Err certificate_request(Arena *arena, Str key_pem, const char *common_name, Str *request_pem)
{
  AUTO(gnutls_x509_privkey_t, key, key_fini) = NULL;
  AUTO(gnutls_x509_crq_t, crq, crq_fini) = NULL;
  TRY(load_key(key_pem, &key));
  gnutls_x509_crq_init(&crq);
  gnutls_datum_t out = {0};
  int code = gnutls_x509_crq_set_version(crq, 1);
  if (code == 0) code = gnutls_x509_crq_set_key(crq, key);
  if (code == 0)
    code =
        gnutls_x509_crq_set_dn_by_oid(crq, GNUTLS_OID_X520_COMMON_NAME, 0, common_name, (unsigned)strlen(common_name));
  if (code == 0) code = gnutls_x509_crq_sign2(crq, key, GNUTLS_DIG_SHA256, 0);
  if (code == 0) code = gnutls_x509_crq_export2(crq, GNUTLS_X509_FMT_PEM, &out);
  if (code < 0) return failed("request for a certificate", code);
  *request_pem = take(arena, &out);
  return ERR_OK;
}

static size_t address_bytes(const char *name, uint8_t out[16])
{
  if (inet_pton(AF_INET, name, out) == 1) return 4;
  return inet_pton(AF_INET6, name, out) == 1 ? 16 : 0;
}

bool certificate_name_ok(const char *name)
{
  uint8_t bytes[16];
  if (address_bytes(name, bytes)) return true;
  size_t len = strlen(name);
  if (len == 0 || len > 253) return false;
  for (size_t i = 0; i < len; i++) {
    char before = i ? name[i - 1] : '.', after = name[i + 1] ? name[i + 1] : '.';
    bool inner = isalnum((unsigned char)name[i]) || (name[i] == '-' && before != '.' && after != '.');
    if (!inner && (name[i] != '.' || before == '.' || after == '.')) return false;
  }
  return true;
}

static int add_name(gnutls_x509_crt_t crt, const char *name)
{
  uint8_t bytes[16];
  size_t size = address_bytes(name, bytes);
  if (size)
    return gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, bytes, (unsigned)size, GNUTLS_FSAN_APPEND);
  return gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, name, (unsigned)strlen(name),
                                              GNUTLS_FSAN_APPEND);
}

static int set_purpose(gnutls_x509_crt_t crt, const CertificateWish *wish)
{
  int code = gnutls_x509_crt_set_basic_constraints(crt, 0, -1);
  if (code == 0) code = gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE);
  if (code == 0) code = gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0);
  for (const char *const *name = wish->names; *name && code == 0; name++) code = add_name(crt, *name);
  return code;
}

Err certificate_sign(Arena *arena, const Env *env, Str ca_pem, Str ca_key_pem, Str request_pem,
                     const CertificateWish *wish, Str *certificate_pem)
{
  AUTO(gnutls_x509_privkey_t, ca_key, key_fini) = NULL;
  AUTO(gnutls_x509_crt_t, ca, crt_fini) = NULL;
  AUTO(gnutls_x509_crt_t, crt, crt_fini) = NULL;
  AUTO(gnutls_x509_crq_t, crq, crq_fini) = NULL;
  AUTO(gnutls_pubkey_t, subject, public_fini) = NULL;
  gnutls_pubkey_init(&subject);
  TRY(load_crt(ca_pem, &ca));
  TRY(load_key(ca_key_pem, &ca_key));
  gnutls_x509_crq_init(&crq);
  gnutls_datum_t data = datum(request_pem);
  int code = gnutls_x509_crq_import(crq, &data, GNUTLS_X509_FMT_PEM);
  if (code == 0) code = gnutls_x509_crq_verify(crq, 0);
  if (code < 0) return failed("request for a certificate", code);
  gnutls_x509_crt_init(&crt);
  code = set_common(crt, env, wish->common_name);
  if (code == 0) code = set_validity(crt, env, wish->days);
  if (code == 0) code = gnutls_pubkey_import_x509_crq(subject, crq, 0);
  if (code == 0) code = gnutls_x509_crt_set_pubkey(crt, subject);
  if (code == 0) code = set_purpose(crt, wish);
  if (code == 0) code = set_key_ids(crt, ca);
  if (code == 0) code = gnutls_x509_crt_sign2(crt, ca, ca_key, GNUTLS_DIG_SHA256, 0);
  if (code < 0) return failed("new certificate", code);
  return export_crt(arena, crt, certificate_pem);
}

static Str public_key_of(Arena *arena, gnutls_x509_crt_t crt)
{
  AUTO(gnutls_pubkey_t, key, public_fini) = NULL;
  gnutls_datum_t der = {0};
  gnutls_pubkey_init(&key);
  if (gnutls_pubkey_import_x509(key, crt, 0) < 0 || gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &der) < 0)
    return (Str){0};
  return take(arena, &der);
}

static Str names_of(Arena *arena, gnutls_x509_crt_t crt)
{
  const char *list = "";
  for (unsigned i = 0;; i++) {
    char name[256], text[INET6_ADDRSTRLEN];
    size_t size = sizeof name - 1;
    int type = gnutls_x509_crt_get_subject_alt_name(crt, i, name, &size, NULL);
    if (type < 0) break;
    name[size] = '\0';
    const char *shown = name;
    if (type == GNUTLS_SAN_IPADDRESS) shown = inet_ntop(size == 4 ? AF_INET : AF_INET6, name, text, sizeof text);
    if (shown) list = arena_printf(arena, "%s%s%s", list, *list ? "," : "", shown);
  }
  return str_c(list);
}

Err certificate_facts(Arena *arena, Str certificate_pem, CertificateFacts *out)
{
  AUTO(gnutls_x509_crt_t, crt, crt_fini) = NULL;
  TRY(load_crt(certificate_pem, &crt));
  CertificateFacts facts = {.expires_at = (Instant)gnutls_x509_crt_get_expiration_time(crt) * 1000,
                            .public_key = public_key_of(arena, crt),
                            .names = names_of(arena, crt)};
  if (facts.public_key.len == 0) return err_because(ERR_INVALID, "certificate: its key cannot be read");
  *out = facts;
  return ERR_OK;
}

bool certificate_fits(Str certificate_pem, Str ca_pem, Str key_pem)
{
  AUTO(gnutls_x509_privkey_t, key, key_fini) = NULL;
  AUTO(gnutls_x509_crt_t, ca, crt_fini) = NULL;
  AUTO(gnutls_x509_crt_t, crt, crt_fini) = NULL;
  if (load_crt(certificate_pem, &crt) || load_crt(ca_pem, &ca) || load_key(key_pem, &key)) return false;
  uint8_t of_crt[64], of_key[64];
  size_t crt_size = sizeof of_crt, key_size = sizeof of_key;
  if (gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA256, of_crt, &crt_size) < 0) return false;
  if (gnutls_x509_privkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, of_key, &key_size) < 0) return false;
  unsigned status = 0;
  int code = gnutls_x509_crt_verify(crt, &ca, 1, GNUTLS_VERIFY_DISABLE_TIME_CHECKS, &status);
  return code == 0 && status == 0 && crt_size == key_size && crypto_equal(of_crt, of_key, key_size);
}
