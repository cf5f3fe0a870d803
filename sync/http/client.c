#include "sync/http/client.h"

#include <assert.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/buf.h"

enum { CONNECT_MS = 10000, SILENCE_MS = 30000, SLOWEST_BYTES_A_S = 16, WAIT_FD_MAX = 8 };

typedef struct Lane {
  CURL *easy;
  struct curl_slist *headers;
  Buf answer;
  bool busy, done;
  bool fresh; /* the next request makes a connection of its own */
  CURLcode code;
} Lane;

struct HttpClient {
  CURLM *multi;
  char *base;       /* "https://NAME:PORT" */
  char *connect_to; /* "::HOST:PORT", NULL */
  char *ca_path;    /* NULL: nobody is checked */
  struct curl_slist *connect_list;
  Lane lanes[HTTP_LANES];
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static void curl_begin(void)
{
  curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* split_url: host and port of "https://HOST[:PORT][/]". */
static bool split_url(const char *url, char **host, char **port)
{
  CURLU *parsed = curl_url();
  char *scheme = NULL, *path = NULL, *query = NULL;
  *host = *port = NULL;
  bool good = parsed && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
              curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK && strcmp(scheme, "https") == 0 &&
              curl_url_get(parsed, CURLUPART_HOST, host, 0) == CURLUE_OK &&
              curl_url_get(parsed, CURLUPART_PORT, port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
              curl_url_get(parsed, CURLUPART_PATH, &path, 0) == CURLUE_OK && strcmp(path, "/") == 0 &&
              curl_url_get(parsed, CURLUPART_QUERY, &query, 0) != CURLUE_OK;
  curl_free(scheme);
  curl_free(path);
  curl_free(query);
  curl_url_cleanup(parsed);
  return good;
}

static Err take_address(HttpClient *client, const HttpClientOptions *options)
{
  char *host, *port;
  Err err = ERR_OK;
  if (!split_url(options->url, &host, &port)) {
    err = err_because(ERR_INVALID, "'%s' is not an address like https://HOST:PORT", options->url);
  } else if (options->name) {
    if (asprintf(&client->base, "https://%s:%s", options->name, port) < 0 ||
        asprintf(&client->connect_to, "%s:%s:%s:%s", options->name, port, host, port) < 0)
      abort();
    client->connect_list = curl_slist_append(NULL, client->connect_to);
  } else if (asprintf(&client->base, "https://%s:%s", host, port) < 0) {
    abort();
  }
  curl_free(host);
  curl_free(port);
  return err;
}

Err http_client_new(const HttpClientOptions *options, HttpClient **out)
{
  pthread_once(&curl_once, curl_begin);
  HttpClient *client = calloc(1, sizeof *client);
  if (!client) return err_because(ERR_NO_SPACE, "memory for the HTTP client");
  Err err = take_address(client, options);
  client->multi = curl_multi_init();
  if (options->ca_path) client->ca_path = strdup(options->ca_path);
  if (err == ERR_OK && (!client->multi || (options->ca_path && !client->ca_path)))
    err = err_because(ERR_NO_SPACE, "memory for the HTTP client");
  if (err != ERR_OK) {
    http_client_free(client);
    return err;
  }
  for (int i = 0; i < HTTP_LANES; i++) client->lanes[i].answer = buf_make(HTTP_ANSWER_MAX);
  *out = client;
  return ERR_OK;
}

static void lane_end(HttpClient *client, Lane *lane)
{
  if (lane->busy && !lane->done && lane->easy) curl_multi_remove_handle(client->multi, lane->easy);
  curl_slist_free_all(lane->headers);
  lane->headers = NULL;
  lane->busy = lane->done = false;
}

void http_client_free(HttpClient *client)
{
  if (!client) return;
  for (int i = 0; i < HTTP_LANES; i++) {
    Lane *lane = &client->lanes[i];
    lane_end(client, lane);
    if (lane->easy) curl_easy_cleanup(lane->easy);
    buf_fini(&lane->answer);
  }
  if (client->multi) curl_multi_cleanup(client->multi);
  curl_slist_free_all(client->connect_list);
  free(client->base);
  free(client->connect_to);
  free(client->ca_path);
  free(client);
}

void http_client_freep(HttpClient **client)
{
  http_client_free(*client);
  *client = NULL;
}

static size_t take_bytes(char *data, size_t size, size_t count, void *context)
{
  Lane *lane = context;
  buf_bytes(&lane->answer, data, size * count);
  return lane->answer.err == ERR_OK ? size * count : 0;
}

static void add_header(Lane *lane, const char *name, const char *value)
{
  char *line;
  if (asprintf(&line, "%s: %s", name, value) < 0) abort();
  lane->headers = curl_slist_append(lane->headers, line);
  free(line);
}

static void set_trust(HttpClient *client, CURL *easy)
{
  curl_easy_setopt(easy, CURLOPT_CAPATH, NULL); /* never the system's list */
  curl_easy_setopt(easy, CURLOPT_CAINFO, client->ca_path);
  if (!client->ca_path) {
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
}

static void set_body(CURL *easy, const HttpCall *call)
{
  if (strcmp(call->method, "GET") == 0) {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    return;
  }
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.len);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body.len ? call->body.ptr : "");
  if (strcmp(call->method, "POST") != 0) curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call->method);
}

static void set_headers(Lane *lane, const HttpCall *call)
{
  char text[64];
  add_header(lane, "Content-Type", call->content_type ? call->content_type : "application/octet-stream");
  lane->headers = curl_slist_append(lane->headers, "Expect:");
  lane->headers = curl_slist_append(lane->headers, "Accept:");
  if (call->token) {
    char *value;
    if (asprintf(&value, "Bearer %s", call->token) < 0) abort();
    add_header(lane, "Authorization", value);
    free(value);
  }
  if (call->range_length > 0) {
    snprintf(text, sizeof text, "bytes=%lld-%lld", (long long)call->range_start,
             (long long)(call->range_start + call->range_length - 1));
    add_header(lane, "Range", text);
  }
  curl_easy_setopt(lane->easy, CURLOPT_HTTPHEADER, lane->headers);
}

Err http_client_start(HttpClient *client, int index, const HttpCall *call)
{
  assert(index >= 0 && index < HTTP_LANES && !client->lanes[index].busy);
  Lane *lane = &client->lanes[index];
  if (!lane->easy && !(lane->easy = curl_easy_init())) return err_because(ERR_NO_SPACE, "memory for a request");
  CURL *easy = lane->easy;
  curl_easy_reset(easy);
  buf_clear(&lane->answer);
  lane->answer.max_bytes = call->answer_max ? call->answer_max : HTTP_ANSWER_MAX;
  char *url;
  if (asprintf(&url, "%s%s", client->base, call->path) < 0) abort();
  curl_easy_setopt(easy, CURLOPT_URL, url);
  free(url);
  if (client->connect_list) curl_easy_setopt(easy, CURLOPT_CONNECT_TO, client->connect_list);
  set_trust(client, easy);
  set_body(easy, call);
  set_headers(lane, call);
  int silence_ms = call->silence_ms ? call->silence_ms : SILENCE_MS;
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "*"); /* no ambient proxy */
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)SLOWEST_BYTES_A_S);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)(silence_ms + 999) / 1000);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  if (lane->fresh) curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  lane->fresh = false;
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 128L << 10);
  curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, 256L << 10);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_bytes);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, lane);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, lane);
  if (curl_multi_add_handle(client->multi, easy) != CURLM_OK) return err_because(ERR_NO_SPACE, "starting a request");
  lane->busy = true;
  lane->done = false;
  return ERR_OK;
}

bool http_client_busy(const HttpClient *client, int lane)
{
  return client->lanes[lane].busy;
}

void http_client_cancel(HttpClient *client, int lane)
{
  lane_end(client, &client->lanes[lane]);
}

void http_client_fresh(HttpClient *client)
{
  for (int i = 0; i < HTTP_LANES; i++) {
    lane_end(client, &client->lanes[i]);
    client->lanes[i].fresh = true;
  }
}

static void collect(HttpClient *client)
{
  int left = 0;
  for (CURLMsg *message; (message = curl_multi_info_read(client->multi, &left));) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL *easy = message->easy_handle;
    CURLcode code = message->data.result;
    char *private = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
    curl_multi_remove_handle(client->multi, easy);
    Lane *lane = (Lane *)(void *)private;
    lane->code = code;
    lane->done = true;
  }
}

Err http_client_wait(HttpClient *client, const int fds[], size_t fd_count, bool ready[], int timeout_ms)
{
  assert(fd_count <= WAIT_FD_MAX);
  int running = 0, count = 0;
  for (size_t i = 0; i < fd_count; i++) ready[i] = false;
  CURLMcode code = curl_multi_perform(client->multi, &running);
  collect(client);
  for (int i = 0; i < HTTP_LANES; i++)
    if (client->lanes[i].done) timeout_ms = 0;
  struct curl_waitfd wait[WAIT_FD_MAX];
  size_t from[WAIT_FD_MAX] = {0};
  for (size_t i = 0; i < fd_count; i++) {
    if (fds[i] < 0) continue;
    wait[count] = (struct curl_waitfd){.fd = fds[i], .events = CURL_WAIT_POLLIN};
    from[count++] = i;
  }
  if (code == CURLM_OK) code = curl_multi_poll(client->multi, wait, (unsigned)count, timeout_ms, NULL);
  if (code == CURLM_OK) code = curl_multi_perform(client->multi, &running);
  collect(client);
  for (int i = 0; i < count; i++) ready[from[i]] = (wait[i].revents & CURL_WAIT_POLLIN) != 0;
  return code == CURLM_OK ? ERR_OK : err_because(ERR_IO, "waiting for the network: %s", curl_multi_strerror(code));
}

void http_client_wake(HttpClient *client)
{
  curl_multi_wakeup(client->multi);
}

static Err err_of(CURLcode code)
{
  bool trust = code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_ISSUER_ERROR ||
               code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_INVALIDCERTSTATUS;
  return err_because(trust ? ERR_DENIED : ERR_NETWORK, "%s", curl_easy_strerror(code));
}

bool http_client_take(HttpClient *client, int index, Arena *arena, HttpAnswer *answer)
{
  Lane *lane = &client->lanes[index];
  if (!lane->busy || !lane->done) return false;
  long status = 0, head_sent = 0, head_received = 0;
  curl_off_t sent = 0;
  curl_easy_getinfo(lane->easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(lane->easy, CURLINFO_REQUEST_SIZE, &head_sent); /* with the body of a POST */
  curl_easy_getinfo(lane->easy, CURLINFO_HEADER_SIZE, &head_received);
  curl_easy_getinfo(lane->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
  *answer = (HttpAnswer){.status = (int)status,
                         .body = arena_strdup(arena, buf_view(&lane->answer)),
                         .sent_bytes = (uint64_t)head_sent > (uint64_t)sent ? (uint64_t)head_sent : (uint64_t)sent,
                         .received_bytes = (uint64_t)head_received + lane->answer.len};
  if (lane->answer.err != ERR_OK)
    answer->err = err_because(ERR_TOO_LARGE, "the answer is larger than %zu bytes", lane->answer.max_bytes);
  else if (lane->code != CURLE_OK)
    answer->err = err_of(lane->code);
  answer->cut = answer->err == ERR_NETWORK && answer->body.len > 0;
  lane_end(client, lane);
  return true;
}

HttpAnswer http_client_call(HttpClient *client, Arena *arena, const HttpCall *call)
{
  HttpAnswer answer = {0};
  answer.err = http_client_start(client, 0, call);
  while (answer.err == ERR_OK && !http_client_take(client, 0, arena, &answer))
    answer.err = http_client_wait(client, NULL, 0, NULL, 1000);
  return answer;
}
