/* verify, digest, backup, restore: the replica as a whole. */
#include <inttypes.h>
#include <stdio.h>

#include "common/base/file.h"
#include "common/store/verify.h"
#include "sync/cli/cli.h"

#define DATA_OPTION                                                           \
  {                                                                           \
    "--data", "DIR", "folder of this node's replica", "/var/lib/foyer", false \
  }

static int run_verify(Cli *cli)
{
  AUTO(Store *, store, store_closep) = NULL;
  VerifyReport report = {0};
  Err err = cli_open(cli, &store);
  if (err == ERR_OK) {
    err = verify_store(store, &report);
  } else if (err == ERR_CORRUPT) { /* so damaged that it cannot even be opened */
    snprintf(report.fault, sizeof report.fault, "%s", err_detail());
  }
  if (err != ERR_OK && report.fault[0] == '\0') return cli_fail("verifying", err);
  bool sound = err == ERR_OK;
  json_t *value =
      json_pack("{s:b, s:b, s:I, s:I, s:I, s:I, s:s}", "sound", sound, "scoped", report.scoped, "entries",
                (json_int_t)report.entries, "rows", (json_int_t)report.rows, "signatures",
                (json_int_t)report.signatures, "postings", (json_int_t)report.postings, "fault", report.fault);
  if (sound && report.scoped)
    cli_print(cli, value,
              "sound, as far as a device can tell that holds a part of the practice: %" PRIu64
              " entries of its own, %" PRIu64 " signatures, %" PRIu64 " rows\n",
              report.entries, report.signatures, report.rows);
  else if (sound)
    cli_print(cli, value,
              "sound: %" PRIu64 " journal entries, %" PRIu64 " signatures, %" PRIu64 " rows, %" PRIu64 " postings\n",
              report.entries, report.signatures, report.rows, report.postings);
  else
    cli_print(cli, value, "NOT SOUND: %s\n", report.fault);
  return sound ? CLI_OK : CLI_FAILED;
}

static int run_digest(Cli *cli)
{
  AUTO(Store *, store, store_closep) = NULL;
  Err err = cli_open(cli, &store);
  if (err != ERR_OK) return cli_fail("opening the replica", err);
  Hash digest;
  err = verify_digest(store, &digest);
  if (err != ERR_OK) return cli_fail("reading the tables", err);
  char hex[HASH_HEX_LEN + 1];
  hash_hex(digest, hex);
  cli_print(cli, json_pack("{s:s}", "digest", hex), "%s\n", hex);
  return CLI_OK;
}

static int run_backup(Cli *cli)
{
  AUTO(Store *, store, store_closep) = NULL;
  Err err = cli_open(cli, &store);
  if (err != ERR_OK) return cli_fail("opening the replica", err);
  err = backup_make(store, cli->rest[0]);
  if (err != ERR_OK) return cli_fail("backing up", err);
  cli_print(cli, json_pack("{s:s}", "backup", cli->rest[0]),
            "backed up to %s and checked. Keep node.key and tls/ of %s apart from it: a restore needs both.\n",
            cli->rest[0], store_folder(store));
  return CLI_OK;
}

Err cli_copy_tls(Arena *arena, const char *from, const char *folder)
{
  static const char *const NAMES[] = {"ca.pem",      "ca.key",    "server.key", "node.pem",
                                      "browser.pem", "given.pem", "given.key"};
  TRY(file_make_folders(arena_printf(arena, "%s/tls", folder), 0700));
  for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
    Str bytes;
    Err err = file_read(arena, arena_printf(arena, "%s/tls/%s", from, NAMES[i]), 1 << 20, &bytes);
    if (err == ERR_NOT_FOUND) continue;
    TRY(err);
    TRY(file_write(arena_printf(arena, "%s/tls/%s", folder, NAMES[i]), bytes.ptr, bytes.len, 0600));
  }
  return ERR_OK;
}

static int run_restore(Cli *cli)
{
  const char *folder = cli_value(cli, "--data"), *keys = cli_value(cli, "--keys");
  Err err = backup_restore(cli->rest[0], arena_printf(cli->arena, "%s/node.key", keys), folder, cli->env);
  if (err == ERR_OK) err = cli_copy_tls(cli->arena, keys, folder);
  if (err != ERR_OK) return cli_fail("restoring", err);
  cli_print(cli, json_pack("{s:s}", "restored", folder),
            "restored into %s. What other nodes have sent since the backup is asked for again.\n", folder);
  return CLI_OK;
}

const CliCommand cli_replica_commands[] = {
    {"verify",
     "",
     0,
     0,
     "check chains, signatures, tables against the journal, and sums",
     run_verify,
     {DATA_OPTION, {0}}},
    {"digest", "", 0, 0, "one hash over all practice tables: equal on equal replicas", run_digest, {DATA_OPTION, {0}}},
    {"backup", "FILE", 1, 1, "copy the replica while it is in use, and check the copy", run_backup, {DATA_OPTION, {0}}},
    {"restore",
     "FILE",
     1,
     1,
     "make a node again from a backup",
     run_restore,
     {{"--data", "DIR", "empty folder for the replica", "/var/lib/foyer", false},
      {"--keys", "DIR", "folder with the node's node.key and tls/: the old one, or a copy", NULL, true},
      {0}}},
    {0},
};
