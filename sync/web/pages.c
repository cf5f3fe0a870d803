/* Static files, theme and sentences: read once, served from memory. Their address carries a hash of all of them (/web/<build>/...), so that they may
 * be kept for good by the browser and a page never mixes two versions; the page itself is asked for every time. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/file.h"
#include "common/practice/practice.h"
#include "sync/web/state.h"

enum { FILE_BYTES_MAX = 4 << 20, FILES_MAX = 512, DEPTH_MAX = 4, I18N_BYTES_MAX = 1 << 20 };

static const char page_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types "
    "'none'";

static const struct {
  const char *ending, *media_type;
} media_types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
};

/* NULL for what is not served: package files, for example. */
static const char *media_type(const char *name)
{
  size_t len = strlen(name);
  for (size_t i = 0; i < COUNT_OF(media_types); i++) {
    size_t n = strlen(media_types[i].ending);
    if (len > n && strcmp(name + len - n, media_types[i].ending) == 0) return media_types[i].media_type;
  }
  return NULL;
}

static void close_folder(DIR **folder)
{
  if (*folder) closedir(*folder);
}

static int by_name(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static Err list_folder(Arena *arena, const char *path, const char ***names, size_t *count)
{
  AUTO(DIR *, folder, close_folder) = opendir(path);
  if (!folder)
    return err_because(errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "open folder %s: %s", path, strerror(errno));
  const char **list = ARENA_ARRAY(arena, const char *, FILES_MAX);
  size_t n = 0;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    if (entry->d_name[0] == '.') continue;
    if (n == FILES_MAX) return err_because(ERR_TOO_LARGE, "%s: over %d files", path, FILES_MAX);
    list[n++] = arena_cstr(arena, str_c(entry->d_name));
  }
  if (n > 1) qsort(list, n, sizeof *list, by_name);
  *names = list;
  *count = n;
  return ERR_OK;
}

static bool is_folder(const char *path)
{
  DIR *folder = opendir(path);
  if (folder) closedir(folder);
  return folder != NULL;
}

static Err load_folder(Web *web, const char *folder, const char *below, int depth, size_t *capacity)
{
  const char **names;
  size_t count;
  TRY(list_folder(&web->arena, folder, &names, &count));
  for (size_t i = 0; i < count; i++) {
    const char *path = arena_printf(&web->arena, "%s/%s", folder, names[i]);
    const char *name = arena_printf(&web->arena, "%s%s", below, names[i]);
    if (is_folder(path)) {
      if (depth < DEPTH_MAX && strcmp(names[i], "node_modules") != 0)
        TRY(load_folder(web, path, arena_printf(&web->arena, "%s/", name), depth + 1, capacity));
      continue;
    }
    const char *type = media_type(names[i]);
    if (!type) continue;
    WebFile file = {.path = name, .media_type = type};
    TRY(file_read(&web->arena, path, FILE_BYTES_MAX, &file.bytes));
    web->files = arena_grow_array(&web->arena, web->files, web->file_count, capacity, sizeof *web->files);
    web->files[web->file_count++] = file;
  }
  return ERR_OK;
}

/* Sentences of a language: all files of its folder in one object, as the kiosk reads them. */
static Err load_language(Web *web, const char *folder, const char *tag, WebLanguage *out)
{
  const char **names;
  size_t count;
  const char *path = arena_printf(&web->arena, "%s/%s", folder, tag);
  TRY(list_folder(&web->arena, path, &names, &count));
  AUTO(json_t *, all, json_release) = json_object();
  for (size_t i = 0; i < count; i++) {
    AUTO(json_t *, part, json_release) = NULL;
    TRY(json_read_file(arena_printf(&web->arena, "%s/%s", path, names[i]), I18N_BYTES_MAX, &part));
    if (json_object_update(all, part) != 0) return err_because(ERR_INVALID, "%s/%s is not an object", path, names[i]);
  }
  *out = (WebLanguage){.tag = tag, .json = json_canonical(&web->arena, all)};
  return ERR_OK;
}

static Err load_languages(Web *web, const char *folder)
{
  const char **tags;
  size_t count;
  TRY(list_folder(&web->arena, folder, &tags, &count));
  web->languages = ARENA_ARRAY(&web->arena, WebLanguage, count ? count : 1);
  for (size_t i = 0; i < count; i++) {
    if (!is_folder(arena_printf(&web->arena, "%s/%s", folder, tags[i]))) continue;
    TRY(load_language(web, folder, tags[i], &web->languages[web->language_count]));
    web->language_count++;
  }
  return ERR_OK;
}

static void name_build(Web *web)
{
  Str *parts = ARENA_ARRAY(&web->arena, Str, 2 * web->file_count + web->language_count + 1);
  size_t n = 0;
  for (size_t i = 0; i < web->file_count; i++) {
    parts[n++] = str_c(web->files[i].path);
    parts[n++] = web->files[i].bytes;
  }
  for (size_t i = 0; i < web->language_count; i++) parts[n++] = web->languages[i].json;
  char hex[HASH_HEX_LEN + 1];
  hash_hex(hash_parts(parts, n), hex);
  memcpy(web->build, hex, WEB_BUILD_LEN);
}

Err web_pages_load(Web *web, const char *folder)
{
  size_t capacity = 0;
  TRY(load_folder(web, arena_printf(&web->arena, "%s/web", folder), "", 0, &capacity));
  TRY(load_languages(web, arena_printf(&web->arena, "%s/i18n", folder)));
  TRY(json_read_file(arena_printf(&web->arena, "%s/theme.json", folder), I18N_BYTES_MAX, &web->theme));
  name_build(web);
  return ERR_OK;
}

static const WebFile *find_file(const Web *web, Str path)
{
  for (size_t i = 0; i < web->file_count; i++)
    if (str_eq_c(path, web->files[i].path)) return &web->files[i];
  return NULL;
}

static void not_found(HttpRequest *http, HttpResponse *response)
{
  web_safe_headers(response, page_policy);
  http_error(http, response, ERR_NOT_FOUND);
}

/* /web/:build/...: for good under the present build's address; under that of another one (a page from before an upgrade) not kept. */
static void serve_file(HttpRequest *http, HttpResponse *response, void *context)
{
  const Web *web = context;
  const WebFile *file = find_file(web, http_param(http, "*"));
  if (!file) {
    not_found(http, response);
    return;
  }
  web_safe_headers(response, page_policy);
  bool present = str_eq_c(http_param(http, "build"), web->build);
  http_set_header(response, "Cache-Control", present ? "public, max-age=31536000, immutable" : "no-store");
  response->content_type = file->media_type;
  response->body = file->bytes;
}

static void replace(Buf *out, Str text, Str what, Str with)
{
  for (;;) {
    const char *at = memmem(text.ptr, text.len, what.ptr, what.len);
    if (!at) break;
    buf_str(out, (Str){text.ptr, (size_t)(at - text.ptr)});
    buf_str(out, with);
    text.len -= (size_t)(at - text.ptr) + what.len;
    text.ptr = at + what.len;
  }
  buf_str(out, text);
}

static void serve_desk(HttpRequest *http, HttpResponse *response, void *context)
{
  const Web *web = context;
  const WebFile *file = find_file(web, STR("desk/index.html"));
  if (!file) {
    not_found(http, response);
    return;
  }
  AUTO(Buf, page, buf_fini) = buf_make(1 << 20);
  replace(&page, file->bytes, STR("{build}"), str_c(web->build));
  web_safe_headers(response, page_policy);
  http_set_header(response, "Cache-Control", "no-store");
  response->content_type = file->media_type;
  response->body = arena_strdup(http->arena, buf_view(&page));
}

static void serve_root(HttpRequest *http, HttpResponse *response, void *context)
{
  (void)http;
  (void)context;
  web_safe_headers(response, page_policy);
  http_set_header(response, "Location", "/desk");
  response->status = 303;
  response->content_type = "text/plain; charset=utf-8";
  response->body = STR("The desk is at /desk.\n");
}

static void serve_theme(HttpRequest *http, HttpResponse *response, void *context)
{
  const Web *web = context;
  Practice practice = {.accent = ""};
  if (practice_get(http->store, http->arena, &practice) != ERR_OK) practice.accent = "";
  web_safe_headers(response, page_policy);
  http_set_header(response, "Cache-Control", "no-cache");
  response->content_type = "text/css; charset=utf-8";
  response->body = web_theme_css(http->arena, web->theme, str_c(practice.accent));
}

static void serve_language(HttpRequest *http, HttpResponse *response, void *context)
{
  const Web *web = context;
  Str tag = http_param(http, "language");
  for (size_t i = 0; i < web->language_count; i++) {
    if (!str_eq_c(tag, web->languages[i].tag)) continue;
    web_safe_headers(response, page_policy);
    bool present = str_eq_c(http_param(http, "build"), web->build);
    http_set_header(response, "Cache-Control", present ? "public, max-age=31536000, immutable" : "no-store");
    response->body = web->languages[i].json;
    return;
  }
  not_found(http, response);
}

void web_pages_routes(HttpServer *server, Web *web)
{
  http_route(server, "GET", "/", 0, serve_root, web);
  http_route(server, "GET", "/desk", 0, serve_desk, web);
  http_route(server, "GET", "/desk/*", 0, serve_root, web);
  http_route(server, "GET", "/theme.css", 0, serve_theme, web);
  http_route(server, "GET", "/i18n/:build/:language", 0, serve_language, web);
  http_route(server, "GET", "/web/:build/*", 0, serve_file, web);
}
