/* enrol, enrol-code, nodes, revoke, status: the devices of a practice. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/practice/practice.h"
#include "sync/cli/cli.h"
#include "sync/enrol.h"
#include "sync/status.h"

#define DATA_OPTION                                                           \
  {                                                                           \
    "--data", "DIR", "folder of this node's replica", "/var/lib/foyer", false \
  }

static int run_enrol(Cli *cli)
{
  const char *folder = cli_value(cli, "--data"), *url, *code;
  if (!enrol_split_link(cli->arena, str_c(cli->rest[0]), &url, &code))
    return cli_fail("reading the address", ERR_INVALID);
  if (cli->rest_count > 1) code = cli->rest[1];
  Enrolled enrolled;
  Err err = enrol_join(folder, cli->env, url, code, cli_value(cli, "--host"), cli->arena, &enrolled);
  if (err != ERR_OK) return cli_fail("enrolling", err);
  char node[NODE_TEXT_LEN + 1], upstream[NODE_TEXT_LEN + 1];
  node_text(enrolled.node, node);
  node_text(enrolled.upstream, upstream);
  cli_print(cli,
            json_pack("{s:s, s:s, s:s, s:s}", "node", node, "upstream", upstream, "name", enrolled.name, "kind",
                      enrolled.kind),
            "This is now %s (node %s, %s). Start foyerd --data %s: it fetches the practice's data.\n", enrolled.name,
            node, enrolled.kind, folder);
  return CLI_OK;
}

/* find_site: by name or prefix; the only one when none is named. */
static Err find_site(Store *store, Arena *arena, const char *name, Uuid *out)
{
  Site *sites;
  size_t count;
  TRY(site_list(store, arena, &sites, &count));
  for (size_t i = 0; i < count; i++)
    if (name ? strcmp(sites[i].name, name) == 0 || strcmp(sites[i].prefix, name) == 0 : count == 1) {
      *out = sites[i].id;
      return ERR_OK;
    }
  return err_because(ERR_NOT_FOUND, name ? "there is no site '%s'" : "name one of the sites with --site%s",
                     name ? name : "");
}

static int run_enrol_code(Cli *cli)
{
  AUTO(Store *, store, store_closep) = NULL;
  Err err = cli_open(cli, &store);
  if (err != ERR_OK) return cli_fail("opening the replica", err);
  EnrolInvitation invitation = {.name = cli_value(cli, "--name"), .kind = cli_value(cli, "--kind")};
  Faults faults = faults_make(cli->arena);
  EnrolCode code;
  err = find_site(store, cli->arena, cli_value(cli, "--site"), &invitation.site);
  if (err == ERR_OK) err = enrol_invite(store, actor_system(), &invitation, cli->arena, &faults, &code);
  if (err != ERR_OK) return faults.count ? cli_faults(&faults) : cli_fail("making a code", err);
  cli_print(cli, json_pack("{s:s, s:I}", "code", code.code, "expires_at", (json_int_t)code.expires_at),
            "%s\nOn the new device, within the hour:  foyer enrol https://THIS-SERVER:8443 %s --data DIR\n", code.code,
            code.code);
  return CLI_OK;
}

static int run_nodes(Cli *cli)
{
  AUTO(Store *, store, store_closep) = NULL;
  Err err = cli_open(cli, &store);
  if (err != ERR_OK) return cli_fail("opening the replica", err);
  Node *nodes;
  size_t count;
  err = node_list(store, cli->arena, &nodes, &count);
  if (err != ERR_OK) return cli_fail("reading the nodes", err);
  json_t *list = json_array();
  for (size_t i = 0; i < count; i++) {
    char number[NODE_TEXT_LEN + 1];
    node_text(nodes[i].number, number);
    json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:b}", "node", number, "name", nodes[i].name, "kind",
                                          nodes[i].kind, "revoked", nodes[i].revoked_at != 0));
    if (!cli->json)
      printf("%s  %-7s %s%s\n", number, nodes[i].kind, nodes[i].name, nodes[i].revoked_at ? "  (revoked)" : "");
  }
  if (cli->json) json_dumpf(list, stdout, JSON_INDENT(2)), putchar('\n');
  json_decref(list);
  return CLI_OK;
}

static int run_revoke(Cli *cli)
{
  NodeId node;
  if (!node_parse(str_c(cli->rest[0]), &node))
    return cli_fail("reading the node's number (8 hex digits, see `foyer nodes`)", ERR_INVALID);
  AUTO(Store *, store, store_closep) = NULL;
  Err err = cli_open(cli, &store);
  if (err != ERR_OK) return cli_fail("opening the replica", err);
  AUTO(Tx, tx, tx_fini) = {0};
  err = tx_begin(store, actor_system(), "node.revoke", cli_value(cli, "--reason"), &tx);
  if (err == ERR_OK) err = node_revoke(&tx, node);
  if (err == ERR_OK) err = tx_commit(&tx);
  if (err != ERR_OK) return cli_fail("revoking", err);
  cli_print(cli, json_pack("{s:s}", "revoked", cli->rest[0]), "node %s is no longer trusted\n", cli->rest[0]);
  return CLI_OK;
}

/* ago: "12 s", "5 min", "3 h", "2 days". */
static const char *ago(Arena *arena, int64_t ms)
{
  int64_t s = ms < 0 ? 0 : ms / 1000;
  if (s < 120) return arena_printf(arena, "%" PRId64 " s", s);
  if (s < 7200) return arena_printf(arena, "%" PRId64 " min", s / 60);
  if (s < 48 * 3600) return arena_printf(arena, "%" PRId64 " h", s / 3600);
  return arena_printf(arena, "%" PRId64 " days", s / 86400);
}

static int run_status(Cli *cli)
{
  AUTO(Store *, store, store_closep) = NULL;
  Err err = cli_open(cli, &store);
  if (err != ERR_OK) return cli_fail("opening the replica", err);
  SyncStatus status;
  err = status_read(store, cli->arena, &status);
  if (err != ERR_OK) return cli_fail("reading the state of replication", err);
  Instant now = env_now(cli->env);
  const char *exchange = status.last_exchange_at
                             ? arena_printf(cli->arena, "%s ago", ago(cli->arena, now - status.last_exchange_at))
                             : "never";
  cli_print(cli, status_json(&status),
            "state          %s%s\nupstream       %s\nlast exchange  %s\nwaiting        %" PRId64
            " transactions, %" PRId64 " attachments to send, %" PRId64 " to fetch\n",
            sync_state_text(status.state),
            status.since ? arena_printf(cli->arena, ", since %s", ago(cli->arena, now - status.since)) : "",
            *status.upstream_url ? status.upstream_url : "none: this is the root", exchange, status.waiting_entries,
            status.waiting_blobs_up, status.waiting_blobs_down);
  if (!cli->json && status.set_aside > 0)
    printf("set aside      %" PRId64 " transactions that the upstream refuses: look at its log for the reason\n",
           status.set_aside);
  if (!cli->json && status.err != ERR_OK) printf("why            %s %s\n", err_name(status.err), status.detail);
  return CLI_OK;
}

const CliCommand cli_node_commands[] = {
    {"enrol",
     "URL [CODE]",
     1,
     2,
     "make this machine a device of the practice that gave the code",
     run_enrol,
     {{"--data", "DIR", "empty folder for the replica", "/var/lib/foyer", false},
      {"--host", "NAMES", "for an office: names and addresses under which it is reached", "", false},
      {0}}},
    {"enrol-code",
     "",
     0,
     0,
     "make a one-time code for a new device",
     run_enrol_code,
     {DATA_OPTION,
      {"--name", "NAME", "the device's name: \"Lobby tablet 1\"", NULL, true},
      {"--kind", "KIND", "office or lobby", "lobby", false},
      {"--site", "NAME", "where it will stand: a site's name or prefix", NULL, false},
      {0}}},
    {"nodes", "", 0, 0, "the practice's devices", run_nodes, {DATA_OPTION, {0}}},
    {"revoke",
     "NODE",
     1,
     1,
     "end the trust in a device",
     run_revoke,
     {DATA_OPTION, {"--reason", "WORDS", "for the audit trail", "", false}, {0}}},
    {"status", "", 0, 0, "last exchange, what waits, and why", run_status, {DATA_OPTION, {0}}},
    {0},
};
