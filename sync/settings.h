/* Settings: what replication keeps in the node's local settings, by name. Both halves and enrolment share these. */
#pragma once

#define SETTING_URL      "sync.url"      /* the upstream's address; "" on the root */
#define SETTING_UPSTREAM "sync.upstream" /* its NodeId */
#define SETTING_TOKEN    "sync.token"    /* what we prove ourselves with; sealed with the node's sealing key */
#define SETTING_KIND     "sync.kind"     /* office, lobby */
#define SETTING_NAMES    "sync.names"    /* for the browsers' certificate: "192.168.1.20,desk.local" */
#define SETTING_MODE     "sync.mode" /* "": ordinary; "snapshot": waits for one; "recover": one side has lost something */
#define SETTING_EPOCH    "sync.epoch"    /* of the upstream's journal, as last agreed */
#define SETTING_PULL_POS "sync.pull_pos" /* position in the upstream's journal up to which we have it */
#define SETTING_PUSH_POS "sync.push_pos" /* position in our journal up to which the upstream has it */
/* Position up to which our own entries have been given to nodes below while the upstream had not acknowledged them: these are
 * seen, and are not restamped. */
#define SETTING_SERVED_POS "sync.served_pos"

/* Counts attachments that came from below: a reason for the agent to ask what its upstream wants. */
#define SETTING_BLOB_NEWS "sync.blob_news"

/* Our own epoch, as it was when the agent had last got back from the upstream what we had written: another one means that we were
 * restored from a backup. */
#define SETTING_RECOVERED_EPOCH "sync.recovered_epoch"
/* sync.snapshot_head: position that a snapshot under installation reaches. Others are the store room's (store.h, LOCAL_...). */
#define SETTING_SNAPSHOT_HEAD "sync.snapshot_head"
