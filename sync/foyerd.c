/* foyerd: the daemon of every node. Its downstream half serves devices and browsers below it, its upstream half (the agent)
 * keeps it and its upstream the same; a root has no upstream, a tablet nobody below it.
 *
 * Runs under systemd (Type=notify, watchdog) or by hand; ends gracefully on SIGTERM and SIGINT.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "common/base/file.h"
#include "common/base/log.h"
#include "common/practice/client_index.h"
#include "sync/agent/run.h"
#include "sync/follow.h"
#include "sync/hub/hub.h"
#include "sync/postgres/postgres.h"
#include "sync/restored.h"
#include "sync/ruling.h"
#include "sync/settings.h"
#include "sync/tls/tls.h"
#include "sync/web/web.h"

enum {
  FILES_WANTED = 4096,
  TICK_MS = 2000,
  BEAT_MAX_MS = 120000, /* an agent that has not turned for so long hangs */
  SIGN_OUT_MAX_MINUTES = 240,
  CERTIFICATE_LOOK_MS = 60 * 60000,
  EXIT_WIPED = 3, /* this device was revoked and has deleted its data */
};

typedef struct Options {
  const char *data, *listen, *enrol_url;
  bool accept_loss;
  int64_t sign_out_minutes; /* 0: WEB_IDLE_MS */
  LogLevel least;
} Options;

typedef struct Daemon {
  Options options;
  const Env *env;
  Store *store; /* the main thread's */
  HttpServer *server;
  bool fenced; /* restored from a backup, and not yet whole again: browsers are not served, as they write */
  Hub *hub;
  Web *web;
  AgentRun *agent;
  Follow *follow;    /* NULL unless the journal lives elsewhere */
  Ruling *ruling;    /* NULL on a tablet: it rules on nothing */
  char address[280]; /* with the port that was found */
  Instant certificate_until;
  int64_t certificate_ms; /* look again then */
  uint64_t beat;
  int64_t beat_ms; /* when it last grew */
} Daemon;

static int usage(FILE *out, int code)
{
  fputs(
      "foyerd: the daemon of a Foyer node\n\n"
      "usage: foyerd [--data DIR] [--listen ADDRESS:PORT] [--enrol-url URL] [--log debug|info|warn|error]\n"
      "              [--sign-out MINUTES] [--accept-loss]\n\n"
      "  --data DIR            folder of this node's replica (otherwise /var/lib/foyer)\n"
      "  --listen ADDRESS      where devices and browsers reach it (otherwise 127.0.0.1:8443; port 0: any free one)\n"
      "  --enrol-url URL       how a new device reaches it, if not as the browser does\n"
      "  --sign-out MINUTES    without a touch at the desk it signs out after so long, 1 to 240 (otherwise 15)\n"
      "  --log LEVEL           least level of what is logged to stderr (otherwise info)\n"
      "  --accept-loss         after a restore: work without waiting for devices that may hold what the backup lacks\n",
      out);
  return code;
}

static bool parse_level(const char *text, LogLevel *out)
{
  static const char *const NAMES[] = {"debug", "info", "warn", "error"};
  for (size_t i = 0; i < COUNT_OF(NAMES); i++)
    if (strcmp(text, NAMES[i]) == 0) {
      *out = (LogLevel)i;
      return true;
    }
  return false;
}

static bool parse_minutes(const char *text, int64_t *out)
{
  return str_to_int64(str_c(text), out) && *out >= 1 && *out <= SIGN_OUT_MAX_MINUTES;
}

static bool parse(int argc, char **argv, Options *out)
{
  *out = (Options){.data = "/var/lib/foyer", .listen = "127.0.0.1:8443", .least = LOG_INFO};
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--accept-loss") == 0) {
      out->accept_loss = true;
      continue;
    }
    const char *value = i + 1 < argc ? argv[i + 1] : NULL;
    if (!value) return false;
    if (strcmp(argv[i], "--data") == 0)
      out->data = value;
    else if (strcmp(argv[i], "--listen") == 0)
      out->listen = value;
    else if (strcmp(argv[i], "--enrol-url") == 0)
      out->enrol_url = value;
    else if (strcmp(argv[i], "--sign-out") == 0 && parse_minutes(value, &out->sign_out_minutes))
      ;
    else if (strcmp(argv[i], "--log") != 0 || !parse_level(value, &out->least))
      return false;
    i++;
  }
  return true;
}

/* ------------------------------------------------------------------------------------------------------------- serving */

static void say_restoring(HttpRequest *request, HttpResponse *response, void *context)
{
  (void)request;
  (void)context;
  response->status = 503;
  response->content_type = "text/plain; charset=utf-8";
  response->body =
      STR("This server was restored from a backup and is collecting from the other devices what was written since. "
          "Please wait. If a device is gone for good, start foyerd once with --accept-loss when all others have been "
          "in touch.\n");
  http_set_header(response, "Retry-After", "10");
}

static Err look_at_fence(Daemon *d)
{
  TRY(d->options.accept_loss ? restored_accept_loss(d->store) : restored_settle(d->store));
  d->fenced = store_is_restored(d->store);
  return ERR_OK;
}

static Err serve(Daemon *d, const char *listen)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  TlsIdentity identity;
  TRY(tls_load(d->store, &arena, &identity));
  if (identity.node_pem.len == 0) return err_because(ERR_NOT_FOUND, "this node has no certificate: it serves nobody");
  HttpOptions options = {.listen = listen,
                         .store_folder = d->options.data,
                         .env = d->env,
                         .certificate_pem = identity.node_pem,
                         .key_pem = identity.node_key_pem,
                         .browser_certificate_pem = identity.browser_pem,
                         .browser_key_pem = identity.browser_key_pem};
  TRY(look_at_fence(d));
  TRY(http_server_new(&options, &d->server));
  hub_routes(d->server, d->hub);
  if (d->fenced)
    http_route(d->server, "GET", "/*", 0, say_restoring, NULL);
  else
    web_routes(d->server, d->web);
  if (d->fenced) log_event(LOG_WARN, "foyerd.restoring", NULL);
  TRY(http_server_start(d->server));
  d->certificate_until = identity.browser_expires_at;
  const char *colon = strrchr(listen, ':');
  snprintf(d->address, sizeof d->address, "%.*s:%d", (int)(colon - listen), listen, http_server_port(d->server));
  return ERR_OK;
}

static void unserve(Daemon *d)
{
  http_server_free(d->server);
  d->server = NULL;
}

static Err open_server(Daemon *d)
{
  WebOptions web = {.enrol_url = d->options.enrol_url, .idle_ms = d->options.sign_out_minutes * 60000};
  TRY(hub_open(d->store, &d->hub));
  TRY(follow_start(d->options.data, d->env, &d->follow));
  hub_follow(d->hub, d->follow);
  TRY(web_open(&web, &d->web));
  Err err = serve(d, d->options.listen);
  if (err == ERR_NOT_FOUND) { /* a tablet */
    log_event(LOG_INFO, "foyerd.quiet", "detail=%s", err_detail());
    return ERR_OK;
  }
  TRY(err);
  log_event(LOG_INFO, "foyerd.listening", "address=%s", d->address);
  printf("foyerd: https://%s\n", d->address);
  fflush(stdout);
  return ERR_OK;
}

/* renew: the root signs a new certificate for itself in time; an office is given one by its agent. Both are shown at once. */
static Err renew(Daemon *d)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  TlsIdentity identity;
  TRY(tls_load(d->store, &arena, &identity));
  if (tls_holds_ca(d->store) && tls_due(&identity, env_now(d->env))) {
    TRY(tls_setup(d->store, identity.names));
    TRY(tls_load(d->store, &arena, &identity));
  }
  if (identity.browser_expires_at == d->certificate_until) return ERR_OK;
  log_event(LOG_INFO, "foyerd.certificate", NULL);
  unserve(d);
  return serve(d, d->address);
}

/* put_up_fence: the log has lost something and begun an epoch. Devices that wait for news must hear of it now. */
static Err put_up_fence(Daemon *d)
{
  TRY(look_at_fence(d));
  if (!d->fenced) return ERR_OK;
  unserve(d);
  return serve(d, d->address);
}

static Err lift_fence(Daemon *d)
{
  TRY(look_at_fence(d));
  if (d->fenced) return ERR_OK;
  log_event(LOG_INFO, "foyerd.restored", NULL);
  unserve(d);
  return serve(d, d->address);
}

/* ----------------------------------------------------------------------------------------------------------- the loop */

static bool alive(Daemon *d, int64_t now)
{
  if (!d->agent) return true;
  uint64_t beat = agent_run_beat(d->agent);
  if (beat != d->beat) {
    d->beat = beat;
    d->beat_ms = now;
  }
  return now - d->beat_ms < BEAT_MAX_MS;
}

static Err tick(Daemon *d)
{
  int64_t now = env_monotonic_ms(d->env);
  if (alive(d, now)) sd_notify(0, "WATCHDOG=1");
  hub_tick(d->hub);
  if (d->server && d->fenced) TRY(lift_fence(d));
  if (d->server && !d->fenced && d->follow && store_is_restored(d->store)) TRY(put_up_fence(d));
  if (!d->server || now < d->certificate_ms) return ERR_OK;
  d->certificate_ms = now + CERTIFICATE_LOOK_MS;
  return renew(d);
}

static int run(Daemon *d, int signal_fd)
{
  for (;;) {
    struct pollfd fd = {.fd = signal_fd, .events = POLLIN};
    int ready = poll(&fd, 1, TICK_MS);
    if (ready > 0) return 0;
    if (ready < 0 && errno != EINTR) return 1;
    if (d->agent && agent_run_wiped(d->agent)) return EXIT_WIPED;
    Err err = tick(d);
    if (err != ERR_OK) log_err("foyerd.tick", err);
    if (err != ERR_OK && d->hub && !d->server && *d->address) return 1; /* it stopped serving: start again */
  }
}

static Err start(Daemon *d)
{
  TRY(store_open(d->options.data, d->env, &d->store));
  TRY(open_server(d));
  if (d->server) TRY(client_index_update(d->store)); /* or the first search of the day would wait for it */
  if (d->server) TRY(ruling_start(d->options.data, d->env, &d->ruling));
  Err err = agent_run_start(d->options.data, d->env, &d->agent);
  d->beat_ms = env_monotonic_ms(d->env);
  d->certificate_ms = d->beat_ms;
  if (err != ERR_NOT_FOUND) return err;
  return d->server ? ERR_OK : err_because(ERR_INVALID, "this node has neither an upstream nor a certificate");
}

static void stop(Daemon *d)
{
  sd_notify(0, "STOPPING=1");
  agent_run_stop(d->agent);
  ruling_stop(d->ruling);
  unserve(d);
  follow_stop(d->follow);
  web_close(d->web);
  hub_close(d->hub);
  store_close(d->store);
}

static int block_signals(void)
{
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  signal(SIGPIPE, SIG_IGN);
  if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) return -1;
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* open_many_files: the server's 2,000 connections do not fit into the usual limit of 1,024 descriptors. */
static void open_many_files(void)
{
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= FILES_WANTED) return;
  files.rlim_cur = files.rlim_max < FILES_WANTED ? files.rlim_max : FILES_WANTED;
  if (setrlimit(RLIMIT_NOFILE, &files) != 0) log_event(LOG_WARN, "foyerd.files", NULL);
}

int main(int argc, char **argv)
{
  Daemon d = {.env = postgres_env()};
  if (argc == 2 && strcmp(argv[1], "--help") == 0) return usage(stdout, 0);
  if (!parse(argc, argv, &d.options)) return usage(stderr, 2);
  log_open("foyerd", d.options.least, stderr, d.env);
  int signal_fd = block_signals(); /* before there are threads */
  open_many_files();
  Err err = signal_fd < 0 ? err_because(ERR_IO, "signals: %s", strerror(errno)) : start(&d);
  int code = 1;
  if (err == ERR_OK) {
    sd_notifyf(0, "READY=1\nSTATUS=%s", *d.address ? d.address : "replicating");
    code = run(&d, signal_fd);
  } else {
    log_err("foyerd.start", err);
    fprintf(stderr, "foyerd: it does not start: %s (%s)\n", err_detail(), err_name(err));
  }
  stop(&d);
  log_event(LOG_INFO, "foyerd.stopped", "code=%d", code);
  return code;
}
