#include "common/base/i18n.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/json.h"

enum { LANGUAGES_MAX = 64, FILES_MAX = 64, FILE_MAX_BYTES = 1 << 20, TEXT_MAX_BYTES = 64 << 10 };

typedef struct Language {
  const char *tag;
  const char *name;
  bool rtl;
  json_t *texts; /* key -> sentence, all files merged */
} Language;

struct I18n {
  Arena arena;
  size_t count;
  Language languages[LANGUAGES_MAX]; /* English first */
};

typedef struct Names {
  size_t count;
  const char *items[FILES_MAX];
} Names;

static int compare_names(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void close_folder(DIR **folder)
{
  if (*folder) closedir(*folder);
}

/* The names in a folder that do not begin with a dot, sorted, so that errors do not depend on the disk's order. */
static Err list_folder(Arena *arena, const char *path, Names *names)
{
  AUTO(DIR *, folder, close_folder) = opendir(path);
  if (!folder)
    return err_because(errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "open folder %s: %s", path, strerror(errno));
  names->count = 0;
  errno = 0;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    if (entry->d_name[0] == '.') continue;
    if (names->count == FILES_MAX) return err_because(ERR_INVALID, "%s: over %d files", path, FILES_MAX);
    names->items[names->count++] = arena_cstr(arena, str_c(entry->d_name));
  }
  if (errno) return err_because(ERR_IO, "read folder %s: %s", path, strerror(errno));
  qsort(names->items, names->count, sizeof names->items[0], compare_names);
  return ERR_OK;
}

static Err take_meta(Language *language, json_t *meta, const char *path, Arena *arena)
{
  Str name = json_str(meta, "name"), direction = json_str(meta, "direction");
  bool rtl = str_eq_c(direction, "rtl");
  if (str_empty(name) || (!rtl && !str_eq_c(direction, "ltr")))
    return err_because(ERR_INVALID, "%s: \"_\" needs a name, and a direction ltr or rtl", path);
  if (language->name) return err_because(ERR_INVALID, "%s: \"_\" is in another file already", path);
  language->name = arena_cstr(arena, name);
  language->rtl = rtl;
  return ERR_OK;
}

static Err take_file(Language *language, const char *path, Arena *arena)
{
  AUTO(json_t *, file, json_release) = NULL;
  TRY(json_read_file(path, FILE_MAX_BYTES, &file));
  if (!json_is_object(file)) return err_because(ERR_INVALID, "%s: not an object", path);
  const char *key;
  json_t *value;
  json_object_foreach(file, key, value)
  {
    if (strcmp(key, "_") == 0) {
      TRY(take_meta(language, value, path, arena));
      continue;
    }
    if (!json_is_string(value)) return err_because(ERR_INVALID, "%s: \"%s\" is not a text", path, key);
    if (json_object_get(language->texts, key))
      return err_because(ERR_INVALID, "%s: \"%s\" is in another file already", path, key);
    json_object_set(language->texts, key, value);
  }
  return ERR_OK;
}

static Err load_language(I18n *i18n, const char *folder, const char *tag)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Names files;
  const char *path = arena_printf(&arena, "%s/%s", folder, tag);
  TRY(list_folder(&arena, path, &files));
  if (i18n->count == LANGUAGES_MAX) return err_because(ERR_INVALID, "%s: over %d languages", folder, LANGUAGES_MAX);
  Language *language = &i18n->languages[i18n->count++];
  *language = (Language){.tag = arena_cstr(&i18n->arena, str_c(tag)), .texts = json_object()};
  for (size_t i = 0; i < files.count; i++) {
    size_t len = strlen(files.items[i]);
    if (len > 5 && strcmp(files.items[i] + len - 5, ".json") == 0)
      TRY(take_file(language, arena_printf(&arena, "%s/%s", path, files.items[i]), &i18n->arena));
  }
  if (!language->name) return err_because(ERR_INVALID, "%s: no common.json with \"_\"", path);
  return ERR_OK;
}

static bool is_folder(Arena *arena, const char *folder, const char *name)
{
  DIR *opened = opendir(arena_printf(arena, "%s/%s", folder, name));
  if (opened) closedir(opened);
  return opened != NULL;
}

static Err load_all(I18n *i18n, const char *folder)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Names tags;
  TRY(list_folder(&arena, folder, &tags));
  TRY(load_language(i18n, folder, "en"));
  for (size_t i = 0; i < tags.count; i++) {
    if (strcmp(tags.items[i], "en") != 0 && is_folder(&arena, folder, tags.items[i]))
      TRY(load_language(i18n, folder, tags.items[i]));
  }
  return ERR_OK;
}

Err i18n_open(const char *folder, I18n **out)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  const char *base = arena_printf(&arena, "%s/en/common.json", folder);
  AUTO(json_t *, probe, json_release) = NULL;
  TRY(json_read_file(base, FILE_MAX_BYTES, &probe));
  I18n *i18n = calloc(1, sizeof *i18n);
  if (!i18n) return ERR_NO_SPACE;
  i18n->arena = arena_make(0);
  Err err = load_all(i18n, folder);
  if (err == ERR_OK)
    *out = i18n;
  else
    i18n_close(i18n);
  return err;
}

void i18n_close(I18n *i18n)
{
  if (!i18n) return;
  for (size_t i = 0; i < i18n->count; i++) json_release(&i18n->languages[i].texts);
  arena_fini(&i18n->arena);
  free(i18n);
}

size_t i18n_count(const I18n *i18n)
{
  return i18n->count;
}

const char *i18n_tag(const I18n *i18n, size_t index)
{
  return i18n->languages[index].tag;
}

const char *i18n_name(const I18n *i18n, size_t index)
{
  return i18n->languages[index].name;
}

static const Language *language_of(const I18n *i18n, const char *tag)
{
  for (size_t i = 0; i < i18n->count; i++) {
    if (strcmp(i18n->languages[i].tag, tag) == 0) return &i18n->languages[i];
  }
  return NULL;
}

bool i18n_is_rtl(const I18n *i18n, const char *tag)
{
  const Language *language = language_of(i18n, tag);
  return language && language->rtl;
}

/* NULL when the language is not there or lacks the key. */
static const char *text_in(const Language *language, const char *key)
{
  return language ? json_string_value(json_object_get(language->texts, key)) : NULL;
}

bool i18n_has(const I18n *i18n, const char *tag, const char *key)
{
  return text_in(language_of(i18n, tag), key) != NULL;
}

const char *i18n_text(const I18n *i18n, const char *tag, const char *key)
{
  const char *text = text_in(language_of(i18n, tag), key);
  if (!text) text = text_in(&i18n->languages[0], key);
  return text ? text : key;
}

static const I18nArg *arg_of(const I18nArg args[], Str name)
{
  for (; args && args->name; args++) {
    if (str_eq_c(name, args->name)) return args;
  }
  return NULL;
}

const char *i18n_format(const I18n *i18n, const char *tag, Arena *arena, const char *key, const I18nArg args[])
{
  AUTO(Buf, out, buf_fini) = buf_make(TEXT_MAX_BYTES);
  Str rest = str_c(i18n_text(i18n, tag, key));
  while (rest.len > 0) {
    const char *open = memchr(rest.ptr, '{', rest.len);
    size_t before = open ? (size_t)(open - rest.ptr) : rest.len;
    buf_bytes(&out, rest.ptr, before);
    rest = (Str){rest.ptr + before, rest.len - before};
    if (!open) break;
    const char *close = memchr(rest.ptr, '}', rest.len);
    const I18nArg *arg = close ? arg_of(args, (Str){rest.ptr + 1, (size_t)(close - rest.ptr) - 1}) : NULL;
    if (arg)
      buf_c(&out, arg->value);
    else
      buf_u8(&out, '{'); /* a name without an argument stays as it is, for someone to notice */
    size_t used = arg ? (size_t)(close - rest.ptr) + 1 : 1;
    rest = (Str){rest.ptr + used, rest.len - used};
  }
  return arena_cstr(arena, str_c(buf_cstr(&out)));
}

const char *i18n_date(const I18n *i18n, const char *tag, Arena *arena, Date date)
{
  const char *weekday = arena_printf(arena, "date.weekday.%d", date_weekday(date));
  const char *month = arena_printf(arena, "date.month.%d", date.month);
  return i18n_format(i18n, tag, arena, "date.long",
                     (I18nArg[]){
                         {"weekday", i18n_text(i18n, tag, weekday)},
                         {"day", arena_printf(arena, "%d", date.day)},
                         {"month", i18n_text(i18n, tag, month)},
                         {"year", arena_printf(arena, "%d", date.year)},
                         {0},
                     });
}

const char *i18n_time(const I18n *i18n, const char *tag, Arena *arena, int minute_of_day)
{
  int hour = minute_of_day / 60;
  return i18n_format(i18n, tag, arena, "time.pattern",
                     (I18nArg[]){
                         {"hour12", arena_printf(arena, "%d", hour % 12 == 0 ? 12 : hour % 12)},
                         {"hour24", arena_printf(arena, "%d", hour)},
                         {"hour", arena_printf(arena, "%02d", hour)},
                         {"minute", arena_printf(arena, "%02d", minute_of_day % 60)},
                         {"half", i18n_text(i18n, tag, hour < 12 ? "time.am" : "time.pm")},
                         {0},
                     });
}
