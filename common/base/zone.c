/* The zones of date.h: a reader of the system's TZif files (RFC 8536, with the footer's rule for the years after the
 * table). Its own, since localtime() knows one zone a process and libical's table of changes ends in 2037. */
#include <assert.h>
#include <endian.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/date.h"
#include "common/base/file.h"
#include "common/base/zone_rule.h"

#define ZONE_FOLDER "/usr/share/zoneinfo/"

enum { ZONE_NAME_MAX = 64, ZONE_FILE_MAX_BYTES = 256 << 10, CHANGES_MAX = 4096, TYPES_MAX = 256 };

typedef struct Change {
  int64_t at;     /* UTC seconds */
  int32_t offset; /* from then on, seconds east of UTC */
} Change;

typedef struct Zone Zone;
struct Zone {
  Zone *next;
  char name[ZONE_NAME_MAX];
  int32_t first_offset; /* before the first change */
  size_t count;
  Change *changes;
  bool has_rule; /* for what comes after the last change */
  ZoneRule rule;
};

/* A stretch of time with one offset: [from, to). */
typedef struct Span {
  int64_t from, to;
  int32_t offset;
} Span;

/* Zones are read once and never freed: their number is that of tzdata. Readers walk the list without a lock. */
static _Atomic(Zone *) zones;
static pthread_mutex_t load_lock = PTHREAD_MUTEX_INITIALIZER;

typedef struct Header {
  uint8_t version;
  uint32_t utc_count, standard_count, leap_count, time_count, type_count, text_len;
} Header;

static uint32_t read_be32(Reader *reader)
{
  return be32toh(htole32(reader_u32(reader)));
}

static int64_t read_be64(Reader *reader)
{
  return (int64_t)be64toh(htole64(reader_u64(reader)));
}

static bool read_header(Reader *reader, Header *header)
{
  const uint8_t *magic = reader_bytes(reader, 4);
  if (!magic || memcmp(magic, "TZif", 4) != 0) return false;
  header->version = reader_u8(reader);
  reader_bytes(reader, 15);
  header->utc_count = read_be32(reader);
  header->standard_count = read_be32(reader);
  header->leap_count = read_be32(reader);
  header->time_count = read_be32(reader);
  header->type_count = read_be32(reader);
  header->text_len = read_be32(reader);
  return !reader->failed && header->time_count <= CHANGES_MAX && header->type_count >= 1 &&
         header->type_count <= TYPES_MAX && header->text_len <= ZONE_FILE_MAX_BYTES &&
         header->leap_count == 0; /* "right/" zones, whose seconds are not ours */
}

/* The block of 32-bit times, which version 1 has alone and later versions repeat in 64 bits. */
static void skip_block(Reader *reader, const Header *header)
{
  size_t size = (size_t)header->time_count * 5 + (size_t)header->type_count * 6 + header->text_len +
                header->standard_count + header->utc_count;
  reader_bytes(reader, size);
}

static bool read_block(Reader *reader, const Header *header, Zone *zone)
{
  zone->count = header->time_count;
  zone->changes = calloc(header->time_count + 1, sizeof *zone->changes);
  if (!zone->changes) return false;
  for (size_t i = 0; i < zone->count; i++) {
    zone->changes[i].at = read_be64(reader);
    if (i > 0 && zone->changes[i].at <= zone->changes[i - 1].at) return false;
  }
  const uint8_t *types = reader_bytes(reader, header->time_count);
  int32_t offsets[TYPES_MAX];
  for (size_t i = 0; i < header->type_count; i++) {
    offsets[i] = (int32_t)read_be32(reader);
    if (offsets[i] < -ZONE_OFFSET_MAX_S || offsets[i] > ZONE_OFFSET_MAX_S) return false;
    reader_bytes(reader, 2); /* daylight flag and abbreviation */
  }
  reader_bytes(reader, (size_t)header->text_len + header->standard_count + header->utc_count);
  if (reader->failed) return false;
  for (size_t i = 0; i < zone->count; i++) {
    if (types[i] >= header->type_count) return false;
    zone->changes[i].offset = offsets[types[i]];
  }
  zone->first_offset = offsets[0];
  return true;
}

static bool read_footer(Reader *reader, Zone *zone)
{
  if (reader_u8(reader) != '\n') return false;
  Str rest = {(const char *)reader->data + reader->at, reader->len - reader->at};
  if (!memchr(rest.len ? rest.ptr : "", '\n', rest.len)) return false;
  Str rule = str_cut(&rest, '\n');
  zone->has_rule = rule.len > 0;
  return !zone->has_rule || zone_rule_parse(rule, &zone->rule);
}

static bool read_zone(Str data, Zone *zone)
{
  Reader reader = reader_make(data.ptr, data.len);
  Header header;
  if (!read_header(&reader, &header) || header.version < '2') return false;
  skip_block(&reader, &header);
  return read_header(&reader, &header) && read_block(&reader, &header, zone) && read_footer(&reader, zone);
}

/* IANA names have letters, digits, "_", "-", "+" in parts between slashes; tzdata's other copies of zones are not names. */
static bool is_zone_name(const char *name)
{
  static const char *const NOT_ZONES[] = {"posix/", "right/", "posixrules", "localtime", "Factory"};
  size_t len = strlen(name);
  if (len == 0 || len >= ZONE_NAME_MAX || name[len - 1] == '/') return false;
  for (size_t i = 0; i < COUNT_OF(NOT_ZONES); i++) {
    if (strncmp(name, NOT_ZONES[i], strlen(NOT_ZONES[i])) == 0) return false;
  }
  for (size_t i = 0; i < len; i++) {
    char c = name[i];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (c == '/' ? i == 0 || name[i - 1] == '/' : !letter && !(c >= '0' && c <= '9') && !strchr("_-+", c)) return false;
  }
  return true;
}

static const Zone *find(const char *name)
{
  for (const Zone *zone = atomic_load_explicit(&zones, memory_order_acquire); zone; zone = zone->next) {
    if (strcmp(zone->name, name) == 0) return zone;
  }
  return NULL;
}

static Zone *load(const char *name)
{
  AUTO(Arena, arena, arena_fini) = arena_make(ZONE_FILE_MAX_BYTES * 4);
  Str data;
  if (file_read(&arena, arena_printf(&arena, ZONE_FOLDER "%s", name), ZONE_FILE_MAX_BYTES, &data) != ERR_OK)
    return NULL;
  Zone *zone = calloc(1, sizeof *zone);
  if (!zone) return NULL;
  memcpy(zone->name, name, strlen(name));
  if (read_zone(data, zone)) return zone;
  free(zone->changes);
  free(zone);
  return NULL;
}

static const Zone *zone_of(const char *name)
{
  if (!name || !is_zone_name(name)) return NULL;
  const Zone *known = find(name);
  if (known) return known;
  pthread_mutex_lock(&load_lock);
  known = find(name); /* another thread may have been quicker */
  if (!known) {
    Zone *zone = load(name);
    if (zone) {
      zone->next = atomic_load_explicit(&zones, memory_order_relaxed);
      atomic_store_explicit(&zones, zone, memory_order_release);
    }
    known = zone;
  }
  pthread_mutex_unlock(&load_lock);
  return known;
}

/* The stretch after the table's last change, by the rule of the footer. */
static Span rule_span(const Zone *zone, int64_t table_end, int64_t at)
{
  ZoneRuleSpan span = zone_rule_span(&zone->rule, at);
  return (Span){span.from > table_end ? span.from : table_end, span.to, span.offset};
}

static Span span_at(const Zone *zone, int64_t at)
{
  size_t low = 0, high = zone->count; /* the number of changes up to `at` */
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (zone->changes[middle].at <= at)
      low = middle + 1;
    else
      high = middle;
  }
  int64_t from = low > 0 ? zone->changes[low - 1].at : INT64_MIN;
  if (low == zone->count && zone->has_rule) return rule_span(zone, from, at);
  int64_t to = low < zone->count ? zone->changes[low].at : INT64_MAX;
  return (Span){from, to, low > 0 ? zone->changes[low - 1].offset : zone->first_offset};
}

bool zone_known(const char *name)
{
  return zone_of(name) != NULL;
}

static Err unknown_zone(const char *name)
{
  return err_because(ERR_NOT_FOUND, "no zone %.64s in tzdata", name ? name : "");
}

static Err outside_years(void)
{
  return err_because(ERR_RANGE, "moment outside years 1 to 9999");
}

static int64_t floor_divide(int64_t a, int64_t b)
{
  return a / b - (a % b < 0 ? 1 : 0);
}

Err zone_to_wall(const char *name, Instant instant, WallTime *out)
{
  const Zone *zone = zone_of(name);
  if (!zone) return unknown_zone(name);
  const int64_t first = date_days((Date){1, 1, 1}), last = date_days((Date){9999, 12, 31});
  const int64_t at = floor_divide(instant, 1000);
  if (at < (first - 1) * 86400 || at > (last + 2) * 86400) return outside_years();
  int64_t minutes = floor_divide(at + span_at(zone, at).offset, 60), days = floor_divide(minutes, 1440);
  if (days < first || days > last) return outside_years();
  *out = (WallTime){date_from_days((int32_t)days), (int16_t)(minutes - days * 1440)};
  return ERR_OK;
}

Err zone_to_instant(const char *name, WallTime wall, Instant *out)
{
  const Zone *zone = zone_of(name);
  if (!zone) return unknown_zone(name);
  /* Walk the stretches that `wall` can fall into, from the earliest: the first that has it is the answer. */
  const int64_t local = ((int64_t)date_days(wall.date) * 1440 + wall.minute) * 60;
  Span span = span_at(zone, local - ZONE_OFFSET_MAX_S);
  while (local - span.offset >= span.to) {
    Span next = span_at(zone, span.to);
    if (local - next.offset < next.from) break; /* in the gap between the two: count on with the offset before it */
    span = next;
  }
  *out = (local - span.offset) * 1000;
  return ERR_OK;
}
