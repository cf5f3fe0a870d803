#include "sync/cli/cli.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "common/base/fault.h"

static int option_index(const Cli *cli, const char *option)
{
  for (int o = 0; cli->command->options[o].name; o++)
    if (strcmp(cli->command->options[o].name, option) == 0) return o;
  assert(false && "a command reads an option that it does not have");
  return 0;
}

const char *cli_value(const Cli *cli, const char *option)
{
  int o = option_index(cli, option);
  return cli->values[o] ? cli->values[o] : cli->command->options[o].otherwise;
}

bool cli_flag(const Cli *cli, const char *option)
{
  return cli->values[option_index(cli, option)] != NULL;
}

/* advise: what a person at a terminal can do about an error. */
static const char *advise(Err err)
{
  switch (err) {
  case ERR_NOT_FOUND:
    return "nothing is there: check the name; `foyer setup` makes a practice, `foyer enrol` joins one";
  case ERR_EXISTS: return "it is there already: choose another name or folder";
  case ERR_INVALID:
  case ERR_RANGE: return "the input is not right";
  case ERR_TOO_LARGE: return "it is larger than Foyer takes";
  case ERR_DENIED: return "that is not permitted";
  case ERR_THROTTLED: return "too many tries: wait some minutes";
  case ERR_BUSY: return "another program holds the data: try again";
  case ERR_NO_SPACE: return "the disk is full: free some space and try again; nothing was changed";
  case ERR_IO: return "reading or writing failed: check the disk and the permissions";
  case ERR_CORRUPT: return "the data fails its check: restore a backup, or enrol this node again";
  case ERR_NETWORK: return "the other side cannot be reached: check the address and the network";
  case ERR_PEER: return "the other side answered something unexpected: is it Foyer, and of this version?";
  case ERR_REVOKED: return "this device is no longer trusted: enrol it again";
  case ERR_EPOCH: return "the data was restored from a backup: start foyerd, which gets back what was written since";
  case ERR_GAP: return "the two journals differ: the daemon sorts it out by itself";
  case ERR_FORK: return "two copies of one node are at work: stop one and enrol it again as a new node";
  case ERR_CLOCK: return "the clock is wrong: set it";
  case ERR_CONFLICT: return "something else changed it meanwhile, or its state forbids it";
  case ERR_DOWNGRADE: return "the data was written by a newer Foyer: upgrade this one";
  case ERR_CANCELLED: return "stopped";
  case ERR_UNSUPPORTED: return "Foyer does not do that";
  case ERR_OK: break;
  }
  return "";
}

int cli_fail(const char *what, Err err)
{
  const char *detail = err_detail();
  fprintf(stderr, "foyer: %s failed: %s%s%s%s (%s)\n", what, advise(err), *detail ? " [" : "", detail,
          *detail ? "]" : "", err_name(err));
  return CLI_FAILED;
}

int cli_faults(const Faults *faults)
{
  for (size_t i = 0; i < faults->count; i++)
    fprintf(stderr, "foyer: %s: %s%s%s\n", faults->items[i].field, faults->items[i].key,
            faults->items[i].value ? " " : "", faults->items[i].value ? faults->items[i].value : "");
  return CLI_FAILED;
}

Err cli_open(const Cli *cli, Store **out)
{
  return store_open(cli_value(cli, "--data"), cli->env, out);
}

void cli_print(Cli *cli, json_t *value, const char *fmt, ...)
{
  if (cli->json) {
    json_dumpf(value, stdout, JSON_INDENT(2));
    putchar('\n');
  } else {
    va_list args;
    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);
  }
  json_decref(value);
}
