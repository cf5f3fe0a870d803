/* What the agent's files share. Not for others. */
#pragma once

#include "common/base/buf.h"
#include "common/store/blob.h"
#include "common/store/scope.h"
#include "sync/agent/agent.h"
#include "sync/protocol/message.h"

typedef enum Mode {
  MODE_ORDINARY,
  MODE_SNAPSHOT,     /* has nothing yet */
  MODE_RECOVER_PULL, /* one side has lost something: take what we lack ... */
  MODE_RECOVER_PUSH, /* ... then offer what the upstream lacks, whoever wrote it */
} Mode;

/* Step: one kind of request. */
typedef struct Step {
  const char *name;
  int lane;
  bool (*wanted)(Agent *agent);                           /* cheap */
  Err (*ask)(Agent *agent, Arena *arena, HttpCall *call); /* ERR_NOT_FOUND: nothing to ask after all */
  Err (*take)(Agent *agent, Arena *arena, const HttpAnswer *answer);
} Step;

typedef struct AgentLane {
  const Step *step; /* what is under way; NULL: nothing */
  Arena arena;      /* of the call and of taking its answer */
} AgentLane;

typedef struct Download { /* a snapshot */
  char id[HASH_HEX_LEN + 1];
  char path[512];
  int64_t size, expanded, head, done;
  char epoch[EPOCH_MAX + 1];
} Download;

typedef struct Parcel { /* a frame in pieces */
  Hash name;
  Buf bytes;
  int64_t size; /* 0: none */
  int64_t done; /* how much the other side, or we, have */
} Parcel;

typedef struct BlobQueue { /* attachments to send, or to fetch */
  Arena arena;
  Hash *list;
  size_t count, at;
  int64_t done;     /* bytes of list[at] that the other side, or we, have */
  Str bytes;        /* of list[at], when sending */
  bool stale;       /* look again what there is */
  int64_t again_ms; /* not before; 0: at once */
} BlobQueue;

struct Agent {
  Store *store;
  const Env *env;
  Arena arena; /* trust */
  const char *ca_path, *token, *url;
  char name[80];
  NodeId upstream;
  bool lobby;
  bool scoped;      /* it may hold a part of the practice only */
  int64_t scope_ms; /* scope_tick has something to do then */
  Mode mode;
  char epoch[EPOCH_MAX + 1];
  int64_t pull_pos, push_pos;
  int64_t kept_push_pos; /* as in the settings */
  size_t push_bytes;     /* of bodies in a batch: less on a bad line */
  int64_t piece_bytes;   /* likewise of a download or an attachment */
  int64_t pushing_pos;   /* where the batch that is under way ends */
  size_t pushing_count;
  bool as_is;               /* the upstream found stamps ahead that are not ours to change any more */
  bool pushing_attachments; /* it has rows that name some */
  Parcel parcel_up, parcel_down;
  unsigned recoveries,
      asked_recoveries; /* how often cursors were forgotten: then, and when the present pull was asked */
  bool pull_current;    /* the last pull brought everything */
  AgentLane lanes[AGENT_LANES];
  Download download;
  BlobQueue up, down;
  int64_t blob_news;      /* SETTING_BLOB_NEWS when we asked last */
  int64_t certificate_ms; /* look at it again then */

  bool connected; /* the last exchange worked */
  bool ended, wiped;
  bool fresh; /* agent_wants_fresh */
  int failures;
  int64_t try_ms;       /* no request before */
  int64_t tried_ms;     /* last request */
  int64_t counted_head; /* our head when the status last said how much waits */
  int64_t failed_head;  /* our head when it failed: a change since then is a reason to try soon */
  int64_t gap_pos;      /* where we went back to after the last gap; -1: none since something was acknowledged */
  SyncStatus status;
  char detail[256];
  Instant exchange_written_at; /* the status says when the last exchange was, but is not written for each */
  int64_t busy_ms;             /* since when there is work; 0: there is none */
};

extern const Step step_pull, step_push, step_recover_pull;            /* exchange.c */
extern const Step step_parcel_put, step_parcel_send, step_parcel_get; /* parcel.c */
extern const Step step_snapshot_ask, step_snapshot_piece;             /* snapshot.c */
extern const Step step_blobs_wanted, step_blob_put, step_blob_get;    /* attachment.c */
extern const Step step_scope;                                         /* scope.c */
extern const Step step_certificate;                                   /* certificate.c */

/* agent.c */
void agent_set_state(Agent *agent, SyncState state, Err err);
/* agent_end: for good. */
void agent_end(Agent *agent, SyncState state, Err err);
/* agent_call: method, path, token. */
void agent_call(Agent *agent, HttpCall *call, const char *method, const char *path);
/* agent_json: a JSON answer of status 200; refusals become their errors. */
MUST_CHECK Err agent_json(const HttpAnswer *answer, json_t **out);
/* agent_refusal: the error of an answer that is not 2xx. */
MUST_CHECK Err agent_refusal(const HttpAnswer *answer);
/* agent_clock: learn from the upstream's time. */
MUST_CHECK Err agent_clock(Agent *agent, Instant upstream_now);
/* agent_worked: the line carried this much: dare more. */
void agent_worked(Agent *agent);

/* exchange.c: into recovery: cursors are forgotten, and both sides compare what they have. */
MUST_CHECK Err exchange_recover(Agent *agent, Str epoch);
/* exchange_ask_pull: the call of a pull; waiting and sizes are filled in. exchange_take_pull: *here is false when what it says is
 * still to come, or was about another journal. */
MUST_CHECK Err exchange_ask_pull(Agent *agent, Arena *arena, Message *message, HttpCall *call);
MUST_CHECK Err exchange_take_pull(Agent *agent, Arena *arena, const HttpAnswer *answer, Message *message, bool *here);
/* scope.c: what is to be done on a scoped node as time goes by. */
void scope_tick(Agent *agent);
/* parcel.c. parcel_begin: true when `wire` is better sent in pieces; it is kept then. parcel_frame_max: for a pull. */
bool parcel_begin(Agent *agent, Str wire);
int64_t parcel_frame_max(const Agent *agent);
void parcel_fini(Parcel *parcel);
/* snapshot.c: what an interrupted installation left. */
MUST_CHECK Err snapshot_resume(Agent *agent);
/* wipe.c: remove the replica from this device: keys first. Leaves <folder>/revoked, which says so. */
void wipe_replica(const char *folder);
