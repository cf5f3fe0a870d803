#include "kiosk/ui/driver.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "kiosk/ui/driver_state.h"

/* --- answers ---------------------------------------------------------------------------------------------------- */

void ui_driver_say(UiDriver *d, const char *text, size_t len)
{
  pthread_mutex_lock(&d->lock);
  int out = d->out;
  pthread_mutex_unlock(&d->lock);
  while (len > 0 && out >= 0) {
    ssize_t n = d->listener >= 0 ? send(out, text, len, MSG_NOSIGNAL) : write(out, text, len);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return; /* the other side has gone */
    text += n;
    len -= (size_t)n;
  }
}

void ui_driver_ok(UiDriver *d)
{
  d->waits = UI_WAITS_NOT;
  ui_driver_say(d, "ok\n", 3);
}

void ui_driver_error(UiDriver *d, const char *fmt, ...)
{
  char text[512];
  va_list args;
  va_start(args, fmt);
  int len = vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  if (len >= (int)sizeof text) len = sizeof text - 1;
  d->waits = UI_WAITS_NOT;
  ui_driver_say(d, "error ", 6);
  ui_driver_say(d, text, (size_t)len);
  ui_driver_say(d, "\n", 1);
  d->failed = true;
  if (d->is_file) ui_quit(d->ui);
}

/* --- reading thread --------------------------------------------------------------------------------------------- */

static bool push_line(UiDriver *d, const char *text, size_t len)
{
  char *copy = strndup(text, len);
  if (copy == NULL) abort();
  pthread_mutex_lock(&d->lock);
  while (d->lines.count == DRIVER_QUEUE_MAX && !d->ended) pthread_cond_wait(&d->room, &d->lock);
  bool taken = !d->ended;
  if (taken) d->lines.line[(d->lines.first + d->lines.count++) % DRIVER_QUEUE_MAX] = copy;
  pthread_mutex_unlock(&d->lock);
  if (!taken) free(copy);
  if (taken) ui_wake(d->ui, -1); /* below 0: only to turn the loop */
  return taken;
}

/* readable: wait until `fd` is; false when the driver closes. */
static bool readable(const UiDriver *d, int fd)
{
  struct pollfd fds[2] = {{.fd = fd, .events = POLLIN}, {.fd = d->stop[0], .events = POLLIN}};
  while (poll(fds, 2, -1) < 0)
    if (errno != EINTR) return false;
  return fds[1].revents == 0;
}

static void read_lines(UiDriver *d, int fd)
{
  char buffer[DRIVER_LINE_MAX];
  size_t len = 0;
  while (readable(d, fd)) {
    ssize_t n = read(fd, buffer + len, sizeof buffer - len);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    len += (size_t)n;
    size_t from = 0;
    for (char *end; (end = memchr(buffer + from, '\n', len - from)) != NULL; from = (size_t)(end - buffer) + 1)
      if (!push_line(d, buffer + from, (size_t)(end - buffer) - from)) return;
    memmove(buffer, buffer + from, len - from);
    len -= from;
    if (len == sizeof buffer) len = 0; /* a line that is too long is no command */
  }
  if (len > 0) push_line(d, buffer, len);
}

static void serve(UiDriver *d)
{
  while (readable(d, d->listener)) {
    int client = accept4(d->listener, NULL, NULL, SOCK_CLOEXEC);
    if (client < 0) continue;
    pthread_mutex_lock(&d->lock);
    d->out = client;
    pthread_mutex_unlock(&d->lock);
    read_lines(d, client);
    pthread_mutex_lock(&d->lock);
    d->out = -1;
    pthread_mutex_unlock(&d->lock);
    close(client);
  }
}

static void *thread_main(void *argument)
{
  UiDriver *d = argument;
  if (d->listener >= 0)
    serve(d);
  else
    read_lines(d, d->in);
  pthread_mutex_lock(&d->lock);
  d->ended = true;
  pthread_mutex_unlock(&d->lock);
  ui_wake(d->ui, -1);
  return NULL;
}

/* --- the ui's turn ---------------------------------------------------------------------------------------------- */

static char *pop_line(UiDriver *d)
{
  char *line = NULL;
  pthread_mutex_lock(&d->lock);
  if (d->lines.count > 0) {
    line = d->lines.line[d->lines.first];
    d->lines.first = (d->lines.first + 1) % DRIVER_QUEUE_MAX;
    d->lines.count--;
    pthread_cond_signal(&d->room);
  }
  pthread_mutex_unlock(&d->lock);
  return line;
}

static void driver_poll(void *state)
{
  UiDriver *d = state;
  if (d->waits != UI_WAITS_NOT) {
    ui_driver_go_on(d);
    return;
  }
  char *line = pop_line(d);
  if (line == NULL) return;
  ui_driver_command(d, line);
  free(line);
}

static int64_t driver_due(const void *state)
{
  UiDriver *d = (UiDriver *)(uintptr_t)state;
  if (d->waits == UI_WAITS_HERE || d->waits == UI_WAITS_GONE || d->waits == UI_WAITS_TIME ||
      d->waits == UI_WAITS_HOLD || d->waits == UI_WAITS_INK)
    return d->due_ms;
  if (d->waits != UI_WAITS_NOT) return 0;
  pthread_mutex_lock(&d->lock);
  bool more = d->lines.count > 0;
  pthread_mutex_unlock(&d->lock);
  return more ? 0 : -1;
}

/* --- life ------------------------------------------------------------------------------------------------------- */

static Err listen_at(UiDriver *d, const char *path)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) return err_because(ERR_RANGE, "driver: the socket's path is too long");
  memcpy(address.sun_path, path, strlen(path));
  d->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (d->listener < 0) return err_because(ERR_IO, "driver: socket: %s", strerror(errno));
  unlink(path);
  mode_t before = umask(0177);
  int bound = bind(d->listener, (const struct sockaddr *)&address, sizeof address);
  umask(before);
  if (bound != 0 || listen(d->listener, 1) != 0) return err_because(ERR_IO, "driver: %s: %s", path, strerror(errno));
  memcpy(d->socket_path, path, strlen(path) + 1);
  return ERR_OK;
}

static Err open_source(UiDriver *d, const char *source)
{
  if (strcmp(source, "-") == 0) {
    d->in = STDIN_FILENO;
    d->out = STDOUT_FILENO;
    return ERR_OK;
  }
  if (strncmp(source, "unix:", 5) == 0) return listen_at(d, source + 5);
  d->is_file = true;
  d->out = STDOUT_FILENO;
  d->in = open(source, O_RDONLY | O_CLOEXEC);
  return d->in < 0 ? err_because(ERR_NOT_FOUND, "driver: %s: %s", source, strerror(errno)) : ERR_OK;
}

Err ui_driver_open(Ui *ui, const char *source, UiDriver **out)
{
  UiDriver *d = calloc(1, sizeof *d);
  if (d == NULL) abort();
  d->ui = ui;
  d->in = d->out = d->listener = d->stop[0] = d->stop[1] = -1;
  pthread_mutex_init(&d->lock, NULL);
  pthread_cond_init(&d->room, NULL);
  Err err = open_source(d, source);
  if (err == ERR_OK && pipe2(d->stop, O_CLOEXEC) != 0) err = err_because(ERR_IO, "driver: pipe: %s", strerror(errno));
  if (err == ERR_OK && pthread_create(&d->thread, NULL, thread_main, d) != 0)
    err = err_because(ERR_IO, "driver: thread");
  if (err != ERR_OK) {
    ui_driver_close(d);
    return err;
  }
  d->started = true;
  ui->poll = driver_poll;
  ui->poll_due = driver_due;
  ui->poll_state = d;
  *out = d;
  return ERR_OK;
}

bool ui_driver_failed(const UiDriver *d)
{
  return d->failed;
}

void ui_driver_close(UiDriver *d)
{
  if (d == NULL) return;
  if (d->started) {
    d->ui->poll = NULL;
    d->ui->poll_due = NULL;
    pthread_mutex_lock(&d->lock);
    d->ended = true;
    pthread_cond_broadcast(&d->room);
    pthread_mutex_unlock(&d->lock);
    ssize_t n = write(d->stop[1], "x", 1);
    (void)n;
    pthread_join(d->thread, NULL);
  }
  for (char *line; (line = pop_line(d)) != NULL;) free(line);
  if (d->listener >= 0) close(d->listener);
  if (*d->socket_path != '\0') unlink(d->socket_path);
  if (d->is_file && d->in >= 0) close(d->in);
  if (d->stop[0] >= 0) close(d->stop[0]);
  if (d->stop[1] >= 0) close(d->stop[1]);
  pthread_mutex_destroy(&d->lock);
  pthread_cond_destroy(&d->room);
  free(d);
}
