/* setup, demo, staff add: a practice's first moments. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/fault.h"
#include "common/base/file.h"
#include "common/practice/demo.h"
#include "common/practice/permission.h"
#include "common/practice/practice.h"
#include "common/practice/staff.h"
#include "sync/cli/cli.h"
#include "sync/tls/tls.h"

/* read_secret: a password from a file's first line, or typed at the terminal without showing it. Lives in the arena. */
static const char *read_secret(Cli *cli, const char *prompt, const char *path)
{
  if (!path) return arena_cstr(cli->arena, str_c(getpass(prompt)));
  Str text;
  if (file_read(cli->arena, path, 4096, &text) != ERR_OK) return NULL;
  return arena_cstr(cli->arena, str_cut(&text, '\n'));
}

typedef struct Setup {
  PracticeNew practice;
  SiteNew site;
  StaffNew owner;
} Setup;

static Err write_practice(Store *store, const Setup *setup, Faults *faults)
{
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(store, actor_system(), "practice.setup", "", &tx));
  Uuid id;
  TRY(practice_add(&tx, &setup->practice, faults, &id));
  TRY(site_add(&tx, &setup->site, faults, &id));
  TRY(permission_add_default_roles(&tx));
  TRY(staff_add(&tx, &setup->owner, faults, &id));
  NodeNew node = {.name = "Central server", .kind = "root", .scope = "practice"};
  memcpy(node.public_key, store_key(store)->public_key, SIGN_PUBLIC_SIZE);
  TRY(node_add(&tx, &node, faults));
  return tx_commit(&tx);
}

/* discard: what a set-up that failed has just made, so that it can be tried again. */
static void discard(Arena *arena, const char *folder)
{
  static const char *const made[] = {"foyer.db",   "foyer.db-wal",   "foyer.db-shm", "node.key",       "tls/ca.pem",
                                     "tls/ca.key", "tls/server.key", "tls/node.pem", "tls/browser.pem"};
  for (size_t i = 0; i < COUNT_OF(made); i++) unlink(arena_printf(arena, "%s/%s", folder, made[i]));
}

static int run_setup(Cli *cli)
{
  const char *folder = cli_value(cli, "--data");
  const char *password =
      read_secret(cli, "Password for the owner's account (10 characters or more): ", cli_value(cli, "--password-file"));
  if (!password) return cli_fail("reading the password file", ERR_NOT_FOUND);
  Setup setup = {
      .practice = {.name = cli_value(cli, "--name"),
                   .vertical = cli_value(cli, "--vertical"),
                   .currency = cli_value(cli, "--currency"),
                   .language = cli_value(cli, "--language"),
                   .accent = "",
                   .coverage = cli_value(cli, "--coverage")},
      .site = {.name = cli_value(cli, "--site"),
               .prefix = cli_value(cli, "--prefix"),
               .zone = cli_value(cli, "--zone")},
      .owner = {.username = cli_value(cli, "--owner"),
                .given = cli_value(cli, "--given"),
                .family = cli_value(cli, "--family"),
                .password = password,
                .role = "Owner"},
  };
  AUTO(Store *, store, store_closep) = NULL;
  Err err = store_create(folder, cli->env, &store);
  if (err != ERR_OK) return cli_fail("making the replica", err);
  Faults faults = faults_make(cli->arena);
  err = write_practice(store, &setup, &faults);
  if (err == ERR_OK) err = tls_setup(store, cli_value(cli, "--host"));
  if (err == ERR_OK && cli_value(cli, "--postgres")) err = cli_move_log(store, cli_value(cli, "--postgres"));
  if (err != ERR_OK) {
    /* Nothing that was given is lost by starting again: a half-made practice must not look like a whole one. */
    store_close(store);
    store = NULL;
    discard(cli->arena, folder);
    return faults.count ? cli_faults(&faults) : cli_fail("setting up", err);
  }
  cli_print(cli, json_pack("{s:s, s:s}", "data", folder, "owner", setup.owner.username),
            "%s is set up in %s.\nStart it:   foyerd --data %s --listen ADDRESS:8443\nThen sign in as %s, and add the "
            "other devices with `foyer enrol-code`.\n",
            setup.practice.name, folder, folder, setup.owner.username);
  return CLI_OK;
}

static int run_demo(Cli *cli)
{
  const char *folder = cli_value(cli, "--data");
  int64_t clients = 0;
  if (!str_to_int64(str_c(cli_value(cli, "--clients")), &clients) || clients < 0 || clients > 1000000)
    return cli_fail("reading --clients (0 to 1000000)", ERR_INVALID);
  DemoOptions options = {.zone = cli_value(cli, "--zone"),
                         .password = cli_value(cli, "--password"),
                         .pin = cli_value(cli, "--pin"),
                         .fhir_folder = cli_value(cli, "--fhir"),
                         .seed = 1};
  AUTO(Store *, store, store_closep) = NULL;
  Err err = store_create(folder, cli->env, &store);
  if (err != ERR_OK) return cli_fail("making the replica", err);
  err = demo_fill(store, &options);
  if (err == ERR_OK && clients > 0) err = demo_clients(store, (size_t)clients, options.seed + 1);
  if (err == ERR_OK) err = tls_setup(store, cli_value(cli, "--host"));
  DemoAccount *accounts = NULL;
  size_t count = 0;
  if (err == ERR_OK) err = demo_accounts(cli->arena, &options, &accounts, &count);
  if (err != ERR_OK) {
    store_close(store);
    store = NULL;
    discard(cli->arena, folder);
    return cli_fail("making the demo practice", err);
  }
  json_t *list = json_array();
  for (size_t i = 0; i < count; i++) {
    json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "username", accounts[i].username,
                                          "password", options.password, "pin", accounts[i].pin, "name",
                                          accounts[i].name, "role", accounts[i].role, "site", accounts[i].site));
    if (!cli->json)
      printf("  %-12s %-24s %-12s PIN %s\n", accounts[i].username, options.password, accounts[i].role,
             *accounts[i].pin ? accounts[i].pin : "-");
  }
  cli_print(cli, json_pack("{s:s, s:o}", "data", folder, "accounts", list),
            "A demo practice is in %s. Not for real people's data.\n", folder);
  return CLI_OK;
}

static int run_staff_add(Cli *cli)
{
  AUTO(Store *, store, store_closep) = NULL;
  Err err = cli_open(cli, &store);
  if (err != ERR_OK) return cli_fail("opening the replica", err);
  const char *password = read_secret(cli, "Password (10 characters or more): ", cli_value(cli, "--password-file"));
  if (!password) return cli_fail("reading the password file", ERR_NOT_FOUND);
  StaffNew input = {.username = cli_value(cli, "--username"),
                    .given = cli_value(cli, "--given"),
                    .family = cli_value(cli, "--family"),
                    .password = password,
                    .role = cli_value(cli, "--role")};
  const char *pin_path = cli_value(cli, "--pin-file");
  if (pin_path && !(input.pin = read_secret(cli, "", pin_path))) return cli_fail("reading the PIN file", ERR_NOT_FOUND);
  Faults faults = faults_make(cli->arena);
  AUTO(Tx, tx, tx_fini) = {0};
  Uuid id;
  err = tx_begin(store, actor_system(), "staff.add", "from the command line", &tx);
  if (err == ERR_OK) err = staff_add(&tx, &input, &faults, &id);
  if (err == ERR_OK) err = tx_commit(&tx);
  if (err != ERR_OK) return faults.count ? cli_faults(&faults) : cli_fail("adding the account", err);
  char text[UUID_TEXT_LEN + 1];
  uuid_text(id, text);
  cli_print(cli, json_pack("{s:s, s:s}", "id", text, "username", input.username), "%s may sign in as %s\n",
            input.username, input.role);
  return CLI_OK;
}

const CliCommand cli_setup_commands[] = {
    {"setup",
     "",
     0,
     0,
     "make a new practice with its central server's replica",
     run_setup,
     {{"--data", "DIR", "folder for the replica", "/var/lib/foyer", false},
      {"--name", "NAME", "the practice's name", NULL, true},
      {"--site", "NAME", "its first site's name", "Main office", false},
      {"--prefix", "LETTERS", "of that site's numbers", "M", false},
      {"--zone", "ZONE", "that site's IANA time zone", NULL, true},
      {"--coverage", "yes|no", "whether insurance is asked (otherwise by kind: not in law and consulting)", "", false},
      {"--vertical", "KIND", "clinic, therapy, dental, law or consulting", "clinic", false},
      {"--currency", "CODE", "ISO 4217", "USD", false},
      {"--language", "TAG", "of the first screens", "en", false},
      {"--owner", "USERNAME", "first account, which may do everything", NULL, true},
      {"--given", "NAME", "the owner's given name", "Practice", false},
      {"--family", "NAME", "the owner's family name", "Owner", false},
      {"--password-file", "FILE", "its password is the first line of this; otherwise it is asked for", NULL, false},
      {"--host", "NAMES", "names and addresses of the server, for its certificate", "localhost,127.0.0.1", false},
      {"--postgres", "ADDRESS", "keep the journal in PostgreSQL (sync/SCALE.md)", NULL, false},
      {0}}},
    {"demo",
     "",
     0,
     0,
     "make a made-up practice to try Foyer with",
     run_demo,
     {{"--data", "DIR", "folder for the replica", NULL, true},
      {"--password", "WORDS", "of every account", "welcome to foyer", false},
      {"--pin", "DIGITS", "of the first account at the kiosk's staff board", "2468", false},
      {"--zone", "ZONE", "IANA time zone of its sites", NULL, false},
      {"--fhir", "DIR", "take its clients from the FHIR bundles there", NULL, false},
      {"--clients", "N", "generate so many clients more", "0", false},
      {"--host", "NAMES", "names and addresses of the server, for its certificate", "localhost,127.0.0.1", false},
      {0}}},
    {"staff add",
     "",
     0,
     0,
     "add an account",
     run_staff_add,
     {{"--data", "DIR", "folder of this node's replica", "/var/lib/foyer", false},
      {"--username", "NAME", "to sign in with", NULL, true},
      {"--given", "NAME", "given name", NULL, true},
      {"--family", "NAME", "family name", NULL, true},
      {"--role", "NAME", "Front desk, Clinician or Owner", "Front desk", false},
      {"--password-file", "FILE", "its password is the first line of this; otherwise it is asked for", NULL, false},
      {"--pin-file", "FILE", "PIN for the kiosk's staff board", NULL, false},
      {0}}},
    {0},
};
