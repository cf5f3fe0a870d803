/* The command line: one table of commands, one file a family of them. Each prints what it did in a line or two, or with --json one JSON value;
 * errors go to stderr in words that say what to do. Exit codes: 0 done, 1 it could not be done, 2 the command line was wrong. */
#pragma once

#include "common/base/json.h"
#include "common/store/store.h"

enum { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2, CLI_REST_MAX = 256 };

typedef struct CliOption {
  const char *name;       /* "--data" */
  const char *value_name; /* "DIR"; NULL for a flag */
  const char *help;
  const char *otherwise; /* value when not given; NULL: none */
  bool required;
} CliOption;

typedef struct Cli { /* what was parsed, for a command to read */
  const struct CliCommand *command;
  const char *values[18];         /* by the command's option index; "" for a set flag, NULL when not given */
  const char *rest[CLI_REST_MAX]; /* arguments that are not options */
  int rest_count;
  bool json;
  Arena *arena;
  const Env *env;
} Cli;

typedef struct CliCommand {
  const char *name; /* "import fhir" */
  const char *rest; /* "FILE..." or "" */
  int rest_min, rest_max;
  const char *help;
  int (*run)(Cli *cli);
  CliOption options[16]; /* ends with an empty name */
} CliCommand;

/* cli_value: value of an option of the running command; its default when it was not given. */
const char *cli_value(const Cli *cli, const char *option);
bool cli_flag(const Cli *cli, const char *option);
/* cli_open: the store of --data. Prints what is wrong. */
MUST_CHECK Err cli_open(const Cli *cli, Store **out);
/* cli_copy_tls: the certificates and keys in `from`/tls into `folder`/tls; those that there are not are not missed. */
MUST_CHECK Err cli_copy_tls(Arena *arena, const char *from, const char *folder);
/* cli_move_log: the journal of an open store goes to the PostgreSQL at `address`. */
MUST_CHECK Err cli_move_log(Store *store, const char *address);
/* cli_fail: print an error with what to do; returns CLI_FAILED. `what` is what was tried: "opening the practice's data". */
int cli_fail(const char *what, Err err);
/* cli_faults: print a person's mistakes; returns CLI_FAILED. */
struct Faults;
int cli_faults(const struct Faults *faults);
/* cli_print: with --json the value (reference taken), else the text. */
void cli_print(Cli *cli, json_t *value, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The families; each array ends with an empty name. */
extern const CliCommand cli_setup_commands[];   /* setup, demo, staff add */
extern const CliCommand cli_node_commands[];    /* enrol, enrol-code, nodes, revoke, status */
extern const CliCommand cli_data_commands[];    /* import fhir, import csv, show, history */
extern const CliCommand cli_log_commands[];     /* log move, log join, log leave, log status */
extern const CliCommand cli_replica_commands[]; /* verify, digest, backup, restore */
