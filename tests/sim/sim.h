/* Sim: whole practices in one process and one thread: the product's store, merge, protocol, agent and hub under a clock, a network and
 * disks that this folder lends them. One seed decides everything; the same seed gives the same trace to the byte. README.md says
 * how the files hang together and how to add an operation, a fault or a check.
 */
#pragma once

#include <sqlite3.h>

#include "common/base/buf.h"
#include "common/store/store.h"
#include "sync/agent/agent.h"
#include "sync/hub/hub.h"
#include "tests/sim/disk.h"
#include "tests/sim/rng.h"

enum { SIM_NODES_MAX = 10, SIM_SITES = 2, SIM_FAULTS_MAX = 4096 };
_Static_assert((int)SIM_NODES_MAX < (int)DISK_MAX, "a disk for each node");

typedef struct Sim Sim;
typedef struct Flight Flight; /* a request or its answer, under way (net.c) */
typedef struct Model Model;   /* what must be true (model.h) */

typedef enum NodeKind { NODE_ROOT, NODE_OFFICE, NODE_LOBBY } NodeKind;

typedef struct SimClock {
  Env env; /* first */
  Sim *sim;
  int64_t offset_ms; /* of the wall clock, from the true time */
  int64_t drift_ppm;
  Rng rng;
} SimClock;

typedef struct SimLink { /* between a node and its upstream; per mille */
  bool down;
  unsigned lose, lose_answer, cut, twice;
  int64_t delay_least_ms, delay_most_ms, silence_ms;
} SimLink;

typedef struct SimNode {
  Sim *sim;
  int index, up; /* up: the upstream's index; -1: the root */
  NodeKind kind;
  char folder[40];
  SimClock clock;
  Disk *disk;
  NodeId number;
  bool enrolled, running;
  bool gone;      /* for good: its disk is lost, or it has wiped itself */
  bool revoked;   /* someone has revoked it: it need not converge, and is given nothing */
  bool forked;    /* it is a copy, or was copied: it may have been stopped */
  bool fenced;    /* restored, and not whole yet (as foyerd has it) */
  bool one_store; /* one connection for all, instead of one each */
  int64_t accept_loss_at, enrolled_at, backup_at;
  bool has_backup;
  sqlite3 *pin; /* a reader that holds on to its moment */
  unsigned boots;
  Store *store, *agent_store, *hub_store;
  Agent *agent;
  Hub *hub;
  struct HttpServer *server;
  Arena arena;                     /* of the request that is served */
  uint64_t lane_call[AGENT_LANES]; /* 0: nothing under way */
  uint64_t poll_id;
  Flight *parked;
  SimLink link;
  /* The spy: an SQLite connection of the test's own, that only reads. */
  sqlite3 *spy;
  sqlite3_stmt *spy_journal;
  int64_t spy_pos, spy_generation;
} SimNode;

typedef struct SimOptions {
  uint64_t seed;
  uint64_t faults; /* bits of FaultKind that may happen */
  uint64_t kinds;  /* bits of operations that may happen */
  int operations, nodes;
  bool verbose;
  const char *skip; /* numbers of faults to leave out: "3,17"; "" none */
} SimOptions;

typedef struct SimCounts {
  uint64_t operations, refused, events, crashes, cuts, losses, restarts, checks;
  uint64_t faults[64];
  int64_t simulated_ms;
  uint64_t bytes;
} SimCounts;

struct Sim {
  SimOptions options;
  SimCounts counts, *out;
  int64_t now; /* ms since 1970: the true time */
  int64_t started_at;
  SimNode nodes[SIM_NODES_MAX];
  int node_count;
  Model *model;
  struct Event *events; /* a heap */
  size_t event_count, event_capacity;
  uint64_t order, call_no;
  Rng net, disk_rng;
  bool healing;               /* no more faults: everything must come right */
  int operation;              /* number of the present one */
  Disk images[SIM_NODES_MAX]; /* old images of disks, for restores */
  bool has_image[SIM_NODES_MAX];
  uint64_t trace_hash;
  char *tail[256]; /* of the trace, for a report */
  size_t tail_at;
  /* What set-up has made. */
  Uuid practice, sites[SIM_SITES], type, walk_in_type, staff;
  void *ops; /* ops.c */
};

/* sim_run: one seed from set-up to the last check. Ends the process with 1 when a rule is broken. */
void sim_run(const SimOptions *options, SimCounts *counts, uint64_t *trace_hash);
/* sim_trace: a line of the story; part of what a seed must give again. */
void sim_trace(Sim *sim, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* sim_fail: a rule of design.md ("What must never happen") or of this folder is broken: says so with the end of the story, and
 * ends the process. */
_Noreturn void sim_fail(Sim *sim, const char *rule, const char *fmt, ...) PRINTF_LIKE(3, 4);
#define SIM_OK(sim, call)                                                                                 \
  do {                                                                                                    \
    Err sim_err_ = (call);                                                                                \
    if (sim_err_ != ERR_OK) sim_fail(sim, "works", "%s: %s %s", #call, err_name(sim_err_), err_detail()); \
  } while (0)

/* Events (event.c). */
typedef enum EventKind {
  EVENT_POLL,
  EVENT_ARRIVE,
  EVENT_ANSWER,
  EVENT_UNPARK,
  EVENT_BOOT,
  EVENT_TICK,
  EVENT_END
} EventKind;
void event_add(Sim *sim, int64_t in_ms, EventKind kind, int node, uint64_t id, Flight *flight);
/* event_run: the next one, if it is due by `until`; false when there is none. Time goes on to it, or to `until`. */
bool event_run(Sim *sim, int64_t until);

/* Nodes (node.c). */
void clock_init(SimClock *clock, Sim *sim, int index);
SimNode *node_new(Sim *sim, NodeKind kind, int up);
void node_boot(SimNode *node);
void node_boot_in(SimNode *node, int64_t in_ms);
void node_stop(SimNode *node);                   /* in order */
void node_crash(SimNode *node, int64_t down_ms); /* the power fails now */
void node_gone(SimNode *node);
void node_poll(SimNode *node);
void node_poll_soon(SimNode *node, int64_t in_ms);
/* node_after: once something was done at it: was it the last thing? Are there news for those that wait? */
void node_after(SimNode *node);
void node_tick(SimNode *node);
/* node_can_write: is there somebody who could work at it now? */
bool node_can_write(const SimNode *node);
/* node_enrol: by the front door: invite, join. False when it did not come to it (it may be tried again). */
bool node_enrol(SimNode *node);
/* node_pin: another program reads for a long time. node_unpin: no more. */
void node_pin(SimNode *node);
void node_unpin(SimNode *node);

/* Network (net.c, serve.c). */
void net_send(SimNode *node, int lane, const HttpCall *call);
void net_arrive(Sim *sim, Flight *flight);
void net_answer(Sim *sim, Flight *flight);
void net_unpark(Sim *sim, int node, uint64_t id);
/* net_wake: those that wait for news of this node. net_hang_up: it is gone. */
void net_wake(SimNode *node, int64_t head);
void net_hang_up(SimNode *node);
const SimLink *link_good(void);
/* serve_open: routes of the node's hub. serve: one request; false: it parks. The answer lives in node->arena. */
typedef struct Served {
  int status;
  Str body;
  int64_t park_head;
  int park_ms;
} Served;
void serve_open(SimNode *node);
void serve_close(SimNode *node);
typedef struct Asked {
  const char *method, *path, *token;
  Str body;
  int64_t range_start, range_length, waited_ms;
  bool woken, timed_out;
} Asked;
Served serve(SimNode *node, const Asked *asked);
/* client_here: whose enrolment http_client_call speaks for (client.c). */
void client_here(SimNode *node);

/* Faults (fault.c): the table is FAULT_TABLE. */
#define FAULT_TABLE(X)                                                                    \
  X(FAULT_PARTITION, "partition", 60)         /* a link is down for a while */            \
  X(FAULT_BAD_LINK, "bad link", 60)           /* loses, delays, repeats, cuts */          \
  X(FAULT_CRASH, "crash", 60)                 /* power fails between two steps */         \
  X(FAULT_CRASH_STEP, "crash at a step", 120) /* power fails at a write or sync */        \
  X(FAULT_RESTART, "restart", 30)             /* in order */                              \
  X(FAULT_FULL, "full disk", 30)              /* for a while */                           \
  X(FAULT_BROKEN, "I/O errors", 30)           /* one or a few */                          \
  X(FAULT_BUSY, "busy", 30)                   /* locks are refused */                     \
  X(FAULT_CLOCK, "clock", 60)                 /* of a node jumps, drifts, is set right */ \
  X(FAULT_ROOT_CLOCK, "root's clock", 8)                                                  \
  X(FAULT_SLEEP, "time passes", 50) /* hours to weeks in which nobody does anything */    \
  X(FAULT_ENROL, "enrolment", 20)                                                         \
  X(FAULT_REVOKE, "revocation", 12)                                                       \
  X(FAULT_OLD_IMAGE, "old image", 8) /* a node comes back as it once was, unknowing */    \
  X(FAULT_CLONE, "clone", 6)         /* two nodes with one identity */                    \
  X(FAULT_RESTORE, "restore", 10)    /* a node from a backup, by the book */              \
  X(FAULT_ROOT_RESTORE, "root's restore", 10)                                             \
  X(FAULT_OUTSIDE, "write from outside", 10) /* another program, VACUUM, a long reader */ \
  X(FAULT_MALICE, "malice", 40)              /* a device that lies (malice.c) */
typedef enum FaultKind {
#define FAULT_NAME(id, text, weight) id,
  FAULT_TABLE(FAULT_NAME)
#undef FAULT_NAME
      FAULT_COUNT
} FaultKind;
const char *fault_name(FaultKind kind);
void fault_happen(Sim *sim, int number);
/* fault_end: of one that lasts. */
void fault_end(SimNode *node, FaultKind kind);
void malice(Sim *sim, SimNode *node, Rng *rng);
/* faults_end: links, disks, clocks are good again; what was switched off is switched on. */
void faults_end(Sim *sim);
