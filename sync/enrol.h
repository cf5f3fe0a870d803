/* Enrolment: how a device becomes a node of the practice. A node that accepts devices makes a one-time code; whoever sets up
 * the device types it there, with the node's address (or scans both as a link).
 *
 * The code is six groups of four letters and digits. The first two are a secret that is good once and for a short time; the
 * other four are the first 80 bits of the hash of the practice's CA key and of the accepting node's number, so that the
 * device knows whom it talks to before it says anything. Works without internet: an office enrols a tablet over its LAN.
 */
#pragma once

#include "common/base/arena.h"
#include "common/base/fault.h"
#include "common/store/tx.h"

enum { ENROL_MINUTES = 60, ENROL_CODE_LEN = 29 };

typedef struct EnrolInvitation {
  const char *name;  /* "Lobby tablet 1" */
  const char *kind;  /* office or lobby */
  const char *scope; /* practice or lobby; NULL: an office holds the practice, a lobby device its scope */
  Uuid site;         /* where it will stand */
  int minutes;       /* the code's validity; 0: ENROL_MINUTES */
} EnrolInvitation;

typedef struct EnrolCode {
  const char *code; /* "K7QM-2ZPT-...", in the arena */
  Instant expires_at;
} EnrolCode;

/* enrol_invite: make a code. At most ENROL_OPEN_MAX are open at a time.
 * errors  ERR_INVALID with faults: name, kind, site; ERR_NOT_FOUND this node has no certificate: it accepts no devices;
 *         ERR_DENIED an office that does not hold the CA's key invites another office (only the root does);
 *         ERR_THROTTLED too many open codes */
enum { ENROL_OPEN_MAX = 64 };
MUST_CHECK Err enrol_invite(Store *store, Actor actor, const EnrolInvitation *invitation, Arena *arena, Faults *faults,
                            EnrolCode *out);

/* enrol_link: address and code in one text, for a QR code: "https://192.168.1.20:8443/#K7QM-...".
 * enrol_split_link: the counterpart; also takes an address alone (*code is then ""). False when it is neither. */
const char *enrol_link(Arena *arena, const char *url, const char *code);
bool enrol_split_link(Arena *arena, Str link, const char **url, const char **code);

typedef struct Enrolled {
  NodeId node, upstream;
  const char *name, *kind; /* in the arena */
} Enrolled;

/* enrol_join: make `folder` a replica of the practice that the code invites to. Afterwards the node has its keys, its trust
 * and its upstream; foyerd (or sync_catch_up) fetches the data. May be called again after a failure: it goes on.
 *
 * names   for an office: names and addresses under which its devices and browsers reach it ("192.168.1.20,desk.local"); NULL
 *         or "" for a device that serves nobody
 * errors  ERR_INVALID no address or no code; ERR_EXISTS the folder holds a node that is enrolled already;
 *         ERR_DENIED the code is wrong, used or too old, or the server is not the one that made it (err_detail says which);
 *         ERR_THROTTLED; ERR_NETWORK; ERR_PEER; operating errors */
MUST_CHECK Err enrol_join(const char *folder, const Env *env, const char *url, const char *code, const char *names,
                          Arena *arena, Enrolled *out);
