/* foyer: the command line. Set up, enrol, import, verify, back up. `foyer help` lists the commands. */
#include <stdio.h>
#include <string.h>

#include "common/base/log.h"
#include "sync/cli/cli.h"
#include "sync/postgres/postgres.h"

static const CliCommand *const families[] = {cli_setup_commands, cli_node_commands, cli_data_commands,
                                             cli_replica_commands, cli_log_commands};

static void print_help(FILE *out)
{
  fputs("foyer: practice management that keeps working when the internet does not\n\nusage: foyer COMMAND [OPTIONS] "
        "[--json]\n\n",
        out);
  for (size_t f = 0; f < COUNT_OF(families); f++)
    for (const CliCommand *c = families[f]; c->name; c++) {
      char usage[64];
      snprintf(usage, sizeof usage, "%s %s", c->name, c->rest);
      fprintf(out, "  %-28s %s\n", usage, c->help);
    }
  fputs("\n`foyer COMMAND --help` tells a command's options.\n", out);
}

static void print_command_help(const CliCommand *command)
{
  printf("usage: foyer %s [OPTIONS] %s\n%s\n\n", command->name, command->rest, command->help);
  for (const CliOption *o = command->options; o->name; o++) {
    char usage[64];
    snprintf(usage, sizeof usage, "%s %s", o->name, o->value_name ? o->value_name : "");
    printf("  %-26s %s", usage, o->help);
    if (o->otherwise) printf(" (otherwise %s)", o->otherwise);
    puts(o->required ? " (needed)" : "");
  }
  puts("  --json                     answer with one JSON value");
}

/* find_command: the command whose words open the arguments; *used tells how many words it took. */
static const CliCommand *find_command(int argc, char **argv, int *used)
{
  char two[128];
  for (int words = argc >= 3 ? 2 : 1; words >= 1; words--) {
    snprintf(two, sizeof two, words == 2 ? "%s %s" : "%s", argv[1], argc >= 3 ? argv[2] : "");
    for (size_t f = 0; f < COUNT_OF(families); f++)
      for (const CliCommand *c = families[f]; c->name; c++)
        if (strcmp(c->name, two) == 0) {
          *used = words;
          return c;
        }
  }
  return NULL;
}

static int usage_error(const CliCommand *command, const char *what, const char *word)
{
  fprintf(stderr, "foyer %s: %s%s%s. `foyer %s --help` tells the options.\n", command->name, what, word ? " " : "",
          word ? word : "", command->name);
  return CLI_USAGE;
}

static int parse(Cli *cli, const CliCommand *command, int argc, char **argv)
{
  cli->command = command;
  for (int i = 0; i < argc; i++) {
    const char *word = argv[i];
    if (strcmp(word, "--json") == 0) {
      cli->json = true;
    } else if (strncmp(word, "--", 2) == 0 && word[2]) {
      int found = -1;
      for (int o = 0; command->options[o].name; o++)
        if (strcmp(command->options[o].name, word) == 0) found = o;
      if (found < 0) return usage_error(command, "there is no option", word);
      if (command->options[found].value_name == NULL) {
        cli->values[found] = "";
      } else {
        if (i + 1 >= argc) return usage_error(command, "a value is missing after", word);
        cli->values[found] = argv[++i];
      }
    } else {
      if (cli->rest_count == CLI_REST_MAX) return usage_error(command, "there are too many arguments", NULL);
      cli->rest[cli->rest_count++] = word;
    }
  }
  for (int o = 0; command->options[o].name; o++)
    if (command->options[o].required && !cli->values[o])
      return usage_error(command, "this is needed:", command->options[o].name);
  if (cli->rest_count < command->rest_min) return usage_error(command, "an argument is missing:", command->rest);
  if (cli->rest_count > command->rest_max)
    return usage_error(command, "this argument is too much:", cli->rest[command->rest_max]);
  return CLI_OK;
}

int main(int argc, char **argv)
{
  if (argc < 2 || strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0) {
    print_help(argc < 2 ? stderr : stdout);
    return argc < 2 ? CLI_USAGE : CLI_OK;
  }
  int used = 0;
  const CliCommand *command = find_command(argc, argv, &used);
  if (!command) {
    fprintf(stderr, "foyer: there is no command '%s'. `foyer help` lists them.\n", argv[1]);
    return CLI_USAGE;
  }
  for (int i = 1 + used; i < argc; i++)
    if (strcmp(argv[i], "--help") == 0) {
      print_command_help(command);
      return CLI_OK;
    }
  log_open("foyer", LOG_WARN, stderr, env_system());
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Cli cli = {.arena = &arena, .env = postgres_env()};
  int code = parse(&cli, command, argc - 1 - used, argv + 1 + used);
  return code == CLI_OK ? command->run(&cli) : code;
}
