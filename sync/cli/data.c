/* import, show, history: practice data from the command line. */
#include <inttypes.h>
#include <stdio.h>

#include "common/practice/import.h"
#include "common/store/journal.h"
#include "sync/cli/cli.h"

#define DATA_OPTION                                                           \
  {                                                                           \
    "--data", "DIR", "folder of this node's replica", "/var/lib/foyer", false \
  }

static void print_import(Cli *cli, const char *path, const ImportReport *report)
{
  cli_print(cli, import_report_json(report),
            "%s: clients %zu, providers %zu, sites %zu, coverages %zu, identifiers %zu, related persons %zu, "
            "appointments %zu, questionnaires %zu new or "
            "changed; %zu unchanged\n",
            path, report->clients, report->providers, report->sites, report->coverages, report->identifiers,
            report->related, report->appointments, report->questionnaires, report->unchanged);
  if (cli->json) return;
  for (size_t i = 0; i < report->skipped_count; i++)
    printf("  not taken: %zu x %s: %s\n", report->skipped[i].count, report->skipped[i].what, report->skipped[i].why);
}

typedef Err ImportFile(Store *store, const char *kind, const char *path, ImportReport *report);

static Err import_fhir_of(Store *store, const char *kind, const char *path, ImportReport *report)
{
  (void)kind;
  return import_fhir_file(store, actor_system(), path, report);
}

static Err import_csv_of(Store *store, const char *kind, const char *path, ImportReport *report)
{
  return import_csv_file(store, actor_system(), kind, path, report);
}

static int import_files(Cli *cli, const char *kind, int first, ImportFile *import, ImportOptions options)
{
  AUTO(Store *, store, store_closep) = NULL;
  Err err = cli_open(cli, &store);
  if (err != ERR_OK) return cli_fail("opening the replica", err);
  int code = CLI_OK;
  for (int i = first; i < cli->rest_count; i++) {
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    ImportReport report = {.arena = &arena, .options = options};
    err_clear();
    err = import(store, kind, cli->rest[i], &report);
    if (err == ERR_OK) {
      print_import(cli, cli->rest[i], &report);
    } else {
      fprintf(stderr, "%s: nothing taken. ", cli->rest[i]);
      code = cli_fail("importing", err);
    }
  }
  return code;
}

static int run_import_fhir(Cli *cli)
{
  ImportOptions options = {.strip_digits = cli_flag(cli, "--strip-digits"),
                           .take_sites = cli_flag(cli, "--take-sites")};
  return import_files(cli, "", 0, import_fhir_of, options);
}
static int run_import_csv(Cli *cli)
{
  return import_files(cli, cli->rest[0], 1, import_csv_of, (ImportOptions){0});
}

static int run_show(Cli *cli)
{
  NodeId node;
  int64_t seq;
  if (!node_parse(str_c(cli->rest[0]), &node) || !str_to_int64(str_c(cli->rest[1]), &seq) || seq < 1) {
    fputs("foyer show: name an entry by its author (8 hex digits) and number, as in `foyer show 1f3a90bc 12`\n",
          stderr);
    return CLI_USAGE;
  }
  AUTO(Store *, store, store_closep) = NULL;
  Err err = cli_open(cli, &store);
  if (err != ERR_OK) return cli_fail("opening the replica", err);
  JournalEntry entry;
  json_t *value = NULL;
  err = journal_find(store, cli->arena, node, (uint64_t)seq, &entry);
  if (err == ERR_OK) err = journal_json(&entry, &value);
  if (err != ERR_OK) return cli_fail("reading the entry", err);
  cli->json = true;
  cli_print(cli, value, "%s", "");
  return CLI_OK;
}

static int run_history(Cli *cli)
{
  Uuid id;
  if (!uuid_parse(str_c(cli->rest[1]), &id)) {
    fputs("foyer history: the second argument is a row's id (UUID)\n", stderr);
    return CLI_USAGE;
  }
  AUTO(Store *, store, store_closep) = NULL;
  Err err = cli_open(cli, &store);
  if (err != ERR_OK) return cli_fail("opening the replica", err);
  JournalEntry *entries;
  size_t count;
  err = journal_history(store, cli->arena, cli->rest[0], id, 1000, &entries, &count);
  if (err != ERR_OK) return cli_fail("reading the journal", err);
  json_t *list = json_array();
  for (size_t i = 0; i < count; i++) {
    json_t *value = NULL;
    if (journal_json(&entries[i], &value) == ERR_OK) json_array_append_new(list, value);
  }
  cli->json = true;
  cli_print(cli, list, "%s", "");
  return CLI_OK;
}

const CliCommand cli_data_commands[] = {
    {"import fhir",
     "FILE...",
     1,
     CLI_REST_MAX,
     "take over FHIR R4 bundles; a bad file changes nothing",
     run_import_fhir,
     {DATA_OPTION,
      {"--strip-digits", NULL, "\"Agustín529\" becomes \"Agustín\": for made-up people of Synthea", NULL, false},
      {"--take-sites", NULL, "locations become sites of the practice", NULL, false},
      {0}}},
    {"import csv",
     "KIND FILE...",
     2,
     CLI_REST_MAX,
     "take over clients or appointments from CSV",
     run_import_csv,
     {DATA_OPTION, {0}}},
    {"show", "NODE SEQ", 2, 2, "one journal entry: who, when, why, old and new", run_show, {DATA_OPTION, {0}}},
    {"history", "TABLE ID", 2, 2, "every change of one row, newest first", run_history, {DATA_OPTION, {0}}},
    {0},
};
