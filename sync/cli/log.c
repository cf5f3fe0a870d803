/* log: where the journal of a root lives (sync/SCALE.md). */
#include <inttypes.h>
#include <unistd.h>

#include "common/store/logstore.h"
#include "sync/cli/cli.h"
#include "sync/postgres/postgres.h"

#define DATA_OPTION                                                           \
  {                                                                           \
    "--data", "DIR", "folder of this node's replica", "/var/lib/foyer", false \
  }

Err cli_move_log(Store *store, const char *address)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  if (local_get_int(store, "sync.upstream", 0) != 0)
    return err_because(ERR_UNSUPPORTED, "only the central server's journal can live in PostgreSQL");
  if (logstore_address(store, &arena).len > 0) return err_because(ERR_EXISTS, "it lives in PostgreSQL already");
  TRY(postgres_prepare(postgres_env(), address, store_key(store)->public_key));
  return logstore_attach(store, address);
}

static int run_move(Cli *cli)
{
  AUTO(Store *, store, store_closep) = NULL;
  Err err = cli_open(cli, &store);
  if (err == ERR_OK) err = cli_move_log(store, cli->rest[0]);
  if (err != ERR_OK) return cli_fail("moving the journal", err);
  cli_print(
      cli, json_pack("{s:I}", "entries", (json_int_t)store_head(store)),
      "The journal is in PostgreSQL now: %" PRId64 " transactions. Start foyerd (again): one that was running until "
      "now no longer writes.\nMore daemons: `foyer log join ADDRESS --keys DIR`, DIR holding this folder's node.key "
      "and tls/.\n",
      store_head(store));
  return CLI_OK;
}

static int run_join(Cli *cli)
{
  const char *folder = cli_value(cli, "--data"), *keys = cli_value(cli, "--keys");
  AUTO(Store *, store, store_closep) = NULL;
  Err err = logstore_join(folder, cli->env, arena_printf(cli->arena, "%s/node.key", keys), cli->rest[0], &store);
  if (err == ERR_OK) err = cli_copy_tls(cli->arena, keys, folder);
  if (err != ERR_OK) return cli_fail("joining", err);
  cli_print(cli, json_pack("{s:s, s:I}", "data", folder, "entries", (json_int_t)store_head(store)),
            "%s is a view of the journal: %" PRId64
            " transactions.\nStart it:   foyerd --data %s --listen ADDRESS:8443\n",
            folder, store_head(store), folder);
  return CLI_OK;
}

/* leave: in this order, whatever happens in between, there is never more than one place where the journal grows. */
static Err leave(Store *store)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  const char *address = arena_cstr(&arena, logstore_address(store, &arena));
  if (!*address) return err_because(ERR_NOT_FOUND, "the journal is in this folder");
  Err err = postgres_leave(postgres_env(), address, store_key(store)->public_key);
  if (err != ERR_OK && err != ERR_NOT_FOUND) return err; /* begun before, and cut short */
  return logstore_detach(store);
}

static int run_leave(Cli *cli)
{
  AUTO(Store *, store, store_closep) = NULL;
  Err err = cli_open(cli, &store);
  if (err == ERR_OK) err = leave(store);
  if (err != ERR_OK) return cli_fail("taking the journal back", err);
  cli_print(cli, json_pack("{s:I}", "entries", (json_int_t)store_head(store)),
            "The journal is in this folder again: %" PRId64 " transactions. Start foyerd here; stop all others.\n",
            store_head(store));
  return CLI_OK;
}

/* without_password: an address as it may be shown. */
static const char *without_password(Arena *arena, Str address)
{
  for (size_t i = 0; i + 8 < address.len; i++)
    if (strncmp(address.ptr + i, "password", 8) == 0) return "(with a password)";
  const char *text = arena_cstr(arena, address), *at = strchr(text, '@'), *colon = strstr(text, "://");
  if (!at || !colon || !memchr(colon + 3, ':', (size_t)(at - colon - 3))) return text;
  return arena_printf(arena, "%.*s...%s", (int)(colon + 3 - text), text, at);
}

static int run_status(Cli *cli)
{
  AUTO(Store *, store, store_closep) = NULL;
  Err err = cli_open(cli, &store);
  if (err != ERR_OK) return cli_fail("opening the replica", err);
  const char *address = without_password(cli->arena, logstore_address(store, cli->arena));
  err = logstore_catch_up(store);
  cli_print(cli,
            json_pack("{s:s, s:I, s:s}", "address", address, "entries", (json_int_t)store_head(store), "error",
                      err == ERR_OK ? "" : err_name(err)),
            "journal        %s\ntransactions   %" PRId64 "\nreachable      %s\n", *address ? address : "in this folder",
            store_head(store), err == ERR_OK ? "yes" : err_detail());
  return err == ERR_OK ? CLI_OK : CLI_FAILED;
}

const CliCommand cli_log_commands[] = {
    {"log move",
     "ADDRESS",
     1,
     1,
     "keep the central server's journal in PostgreSQL from now on",
     run_move,
     {DATA_OPTION, {0}}},
    {"log join",
     "ADDRESS",
     1,
     1,
     "one more daemon for a central server whose journal is in PostgreSQL",
     run_join,
     {{"--data", "DIR", "empty folder for its view", "/var/lib/foyer", false},
      {"--keys", "DIR", "folder with the central server's node.key and tls/", NULL, true},
      {0}}},
    {"log leave", "", 0, 0, "take the journal back from PostgreSQL into this folder", run_leave, {DATA_OPTION, {0}}},
    {"log status", "", 0, 0, "where the journal lives", run_status, {DATA_OPTION, {0}}},
    {0},
};
