/* Errors: the operating troubles that a caller must look at.
 *
 * Three kinds of trouble exist. A programmer's error asserts. An operating error (disk full, busy, network, bad peer)
 * is an `Err`: it must be checked, it never ends a program. A person's mistake is a list of field and message
 * (common/base/fault.h), never an `Err`.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define MUST_CHECK             __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/* ERR_TABLE: name, worth retrying by itself, i18n key of what to tell a person (assets/i18n). */
#define ERR_TABLE(X)                                                                                                \
  X(ERR_OK, false, "error.none")                                                                                    \
  X(ERR_NOT_FOUND, false, "error.not_found") /* no such row, file, route */                                         \
  X(ERR_EXISTS, false, "error.exists")       /* a unique thing is there already */                                  \
  X(ERR_INVALID, false, "error.invalid")     /* input that does not parse or breaks a rule */                       \
  X(ERR_RANGE, false, "error.invalid")       /* a number or size outside its limits */                              \
  X(ERR_TOO_LARGE, false, "error.too_large") /* over a stated maximum */                                            \
  X(ERR_DENIED, false, "error.denied")       /* not signed in, or not permitted */                                  \
  X(ERR_THROTTLED, true, "error.throttled")  /* too many tries; wait */                                             \
  X(ERR_BUSY, true, "error.busy")            /* another process holds the database */                               \
  X(ERR_NO_SPACE, true, "error.no_space")    /* the disk is full */                                                 \
  X(ERR_IO, true, "error.io")                /* reading or writing failed */                                        \
  X(ERR_CORRUPT, false, "error.corrupt")     /* stored data fails its check */                                      \
  X(ERR_NETWORK, true, "error.network")      /* the peer cannot be reached */                                       \
  X(ERR_PEER, true, "error.peer")            /* the peer answered something wrong */                                \
  X(ERR_REVOKED, false, "error.revoked")     /* this device is no longer trusted */                                 \
  X(ERR_EPOCH, true, "error.epoch")          /* the peer's journal is another one than before */                    \
  X(ERR_FORK, false, "error.fork")           /* one node, two histories: a cloned disk */                           \
  X(ERR_GAP, true, "error.gap")              /* transactions before these are missing */                            \
  X(ERR_CLOCK, true, "error.clock")          /* transactions are too far ahead of our time */                       \
  X(ERR_CONFLICT, false, "error.conflict")   /* someone else changed it meanwhile, or a rule of state forbids it */ \
  X(ERR_DOWNGRADE, false, "error.downgrade") /* the file was written by a newer Foyer */                            \
  X(ERR_CANCELLED, false, "error.cancelled") /* asked to stop */                                                    \
  X(ERR_UNSUPPORTED, false, "error.unsupported") /* understood, but not something we do */

typedef enum Err {
#define ERR_NAME(name, retry, key) name,
  ERR_TABLE(ERR_NAME)
#undef ERR_NAME
} Err;

/* err_name: "ERR_BUSY". For logs. */
const char *err_name(Err err);
/* err_retry: may the same call succeed later without anyone doing something? */
bool err_retry(Err err);
/* err_key: the i18n key of the sentence that tells a person what to do. */
const char *err_key(Err err);

/* err_because: return `err` and remember a technical sentence for logs and command-line messages (thread-local,
 * at most 511 bytes, never client data). Used as `return err_because(ERR_IO, "open %s: %s", path, strerror(errno));` */
MUST_CHECK Err err_because(Err err, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* err_detail: what the last err_because on this thread said; "" if nothing. */
const char *err_detail(void);
void err_clear(void);

/* TRY: return early with the error of `expr`. */
#define TRY(expr)                            \
  do {                                       \
    Err try_err_ = (expr);                   \
    if (try_err_ != ERR_OK) return try_err_; \
  } while (0)

/* AUTO: a local variable whose `fini` runs when it leaves scope, so that every early return undoes.
 *   AUTO(Buf, frame, buf_fini) = buf_make(1 << 20); */
#define AUTO(type, name, fini) __attribute__((cleanup(fini))) type name

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
