/* Search as people type. Three looks, from the surest to the loosest, until there are enough: names that begin so (an index range), words of a name
 * that begin so, anything that holds the letters; the last two read the narrow index of names once. Numbers are dates of birth, phone numbers and
 * identifiers. */
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/practice/client.h"
#include "common/practice/loose_date.h"
#include "common/store/query.h"

enum { WORDS_MAX = 4, DATES_MAX = 4, DIGITS_MIN = 3, TEXT_MAX = 200, POOL_FACTOR = 3 };

/* :w1 stands in front; the others are anywhere at the start of a word. An absent word is ' ', which every padded name holds. */
#define OTHER_WORDS                                                                                                   \
  " AND instr(' ' || sort_name || ' ', :w2) AND instr(' ' || sort_name || ' ', :w3) AND instr(' ' || sort_name || ' " \
  "', :w4)"
SQL(SEARCH_FRONT, "SELECT id FROM client WHERE sort_name >= :front AND sort_name < :behind" OTHER_WORDS
                  " ORDER BY sort_name LIMIT :max_count");
SQL_SCAN(SEARCH_WORDS,
         "SELECT id FROM client INDEXED BY client_sort_name WHERE instr(' ' || sort_name || ' ', :w1)" OTHER_WORDS
         " ORDER BY sort_name LIMIT :max_count");
SQL(SEARCH_BIRTH, "SELECT id FROM client WHERE birth_date = :birth LIMIT :max_count");
SQL_SCAN(SEARCH_PHONE,
         "SELECT id FROM client WHERE phone <> '' AND instr(replace(replace(replace(replace(replace(replace(phone,"
         " ' ', ''), '-', ''), '(', ''), ')', ''), '.', ''), '/', ''), :digits) LIMIT :max_count");
SQL_SCAN(SEARCH_IDENTIFIER, "SELECT client AS id FROM client_identifier WHERE value = :text OR (length(:text) >= 4"
                            " AND lower(replace(value, '-', '')) = :bare) LIMIT :max_count");
SQL(SEARCH_SHOW,
    "SELECT id, given, family, preferred_name, sort_name, birth_date, phone, status FROM client WHERE id = :id");

typedef struct Search {
  Store *store;
  Arena *arena;
  Str words[WORDS_MAX]; /* folded */
  size_t word_count;
  char dates[DATES_MAX][DATE_TEXT_LEN + 1];
  size_t date_count;
  Str digits; /* of everything that is no word; "" under DIGITS_MIN */
  Str text, bare;
  ClientMatch *found;
  Str *sort_names; /* beside found */
  size_t count, capacity, name_capacity, max_count;
} Search;

static bool has_digit(Str s)
{
  for (size_t i = 0; i < s.len; i++)
    if (s.ptr[i] >= '0' && s.ptr[i] <= '9') return true;
  return false;
}

static void add_dates(Search *s, Str token)
{
  LooseDate dates[LOOSE_DATES_MAX];
  size_t n = loose_dates(token, dates);
  for (size_t i = 0; i < n && s->date_count < DATES_MAX; i++) date_text(dates[i].date, s->dates[s->date_count++]);
}

static void add_words(Search *s, Str token)
{
  Str folded = str_fold(s->arena, token);
  while (folded.len && s->word_count < WORDS_MAX) {
    Str word = str_cut(&folded, ' ');
    if (word.len) s->words[s->word_count++] = word;
  }
}

/* What the person typed, sorted into dates, digits and words. */
static void understand(Search *s, Str text)
{
  Buf digits = buf_make(TEXT_MAX);
  s->text = arena_strdup(s->arena, text);
  for (Str rest = text; rest.len;) {
    Str token = str_trim(str_cut(&rest, ' '));
    size_t before = s->date_count;
    if (!token.len) continue;
    if (!has_digit(token)) {
      add_words(s, token);
      continue;
    }
    add_dates(s, token);
    if (s->date_count > before) continue;
    for (size_t i = 0; i < token.len; i++)
      if (token.ptr[i] >= '0' && token.ptr[i] <= '9') buf_u8(&digits, (uint8_t)token.ptr[i]);
  }
  s->digits = digits.len >= DIGITS_MIN && digits.err == ERR_OK ? arena_strdup(s->arena, buf_view(&digits)) : (Str){0};
  buf_fini(&digits);
  Buf bare = buf_make(TEXT_MAX * 2);
  Str folded = str_fold(s->arena, text);
  for (size_t i = 0; i < folded.len; i++)
    if (folded.ptr[i] != ' ') buf_u8(&bare, (uint8_t)folded.ptr[i]);
  s->bare = arena_strdup(s->arena, buf_view(&bare));
  buf_fini(&bare);
}

static bool known(const Search *s, Uuid id)
{
  for (size_t i = 0; i < s->count; i++)
    if (uuid_eq(s->found[i].id, id)) return true;
  return false;
}

/* word_score: 3 a whole word of the name, 2 its beginning, 1 somewhere, 0 nowhere. */
static int word_score(Str name, Str word)
{
  int best = 0;
  for (size_t at = 0; at + word.len <= name.len; at++) {
    if (memcmp(name.ptr + at, word.ptr, word.len) != 0) continue;
    bool starts = at == 0 || name.ptr[at - 1] == ' ';
    bool ends = at + word.len == name.len || name.ptr[at + word.len] == ' ';
    int score = starts && ends ? 3 : starts ? 2 : 1;
    if (score > best) best = score;
  }
  return best;
}

/* score: 0 when something that was typed does not fit. What fits by a number (`by_number`) need not fit by name. */
static int score(const Search *s, Str sort_name, Str birth, Str status, bool by_number)
{
  int total = by_number ? 4 : 1;
  for (size_t i = 0; i < s->word_count; i++) {
    int one = word_score(sort_name, s->words[i]);
    if (!one) return 0;
    total += 2 * one + (i == 0 && sort_name.len >= s->words[0].len &&
                        memcmp(sort_name.ptr, s->words[0].ptr, s->words[0].len) == 0);
  }
  bool born = s->date_count == 0;
  for (size_t i = 0; i < s->date_count; i++) born = born || str_eq_c(birth, s->dates[i]);
  if (!born) return by_number ? total : 0;
  total += s->date_count ? 4 : 0;
  return str_eq_c(status, "active") ? total + 1 : total;
}

static Err show(Search *s, Uuid id, bool by_number)
{
  if (known(s, id)) return ERR_OK;
  AUTO(Query, q, query_fini) = query(s->store, &SEARCH_SHOW);
  query_bind_uuid(&q, ":id", id);
  if (!query_next(&q)) return query_end(&q);
  int points = score(s, query_str(&q, "sort_name"), query_str(&q, "birth_date"), query_str(&q, "status"), by_number);
  if (points) {
    Client client = {.given = query_cstr(&q, s->arena, "given"),
                     .family = query_cstr(&q, s->arena, "family"),
                     .preferred_name = query_cstr(&q, s->arena, "preferred_name")};
    s->found = arena_grow_array(s->arena, s->found, s->count, &s->capacity, sizeof *s->found);
    s->sort_names = arena_grow_array(s->arena, s->sort_names, s->count, &s->name_capacity, sizeof *s->sort_names);
    s->sort_names[s->count] = query_copy(&q, s->arena, "sort_name");
    s->found[s->count++] = (ClientMatch){.id = id,
                                         .name = client_name(s->arena, &client),
                                         .birth_date = query_cstr(&q, s->arena, "birth_date"),
                                         .phone = query_cstr(&q, s->arena, "phone"),
                                         .score = points};
  }
  return query_end(&q);
}

/* take: the ids of a query that is bound, each shown once the query has ended. */
static Err take(Search *s, Query *q, bool by_number)
{
  size_t n = 0, room = s->max_count * POOL_FACTOR;
  Uuid *ids = ARENA_ARRAY(s->arena, Uuid, room);
  query_bind_int(q, ":max_count", (int64_t)room);
  while (n < room && query_next(q)) ids[n++] = query_uuid(q, "id");
  TRY(query_end(q));
  for (size_t i = 0; i < n; i++) TRY(show(s, ids[i], by_number));
  return ERR_OK;
}

/* bind_words: word `first` as :w1 when the query has one, the others behind it, each after `before`: " " for the start of a word. */
static void bind_words(Search *s, Query *q, size_t first, const char *before, bool with_first)
{
  static const char *const names[WORDS_MAX] = {":w1", ":w2", ":w3", ":w4"};
  size_t slot = 1;
  if (with_first)
    query_bind_text(q, names[0], str_c(arena_printf(s->arena, "%s" STR_FMT, before, STR_ARG(s->words[first]))));
  for (size_t i = 0; i < s->word_count; i++)
    if (i != first)
      query_bind_text(q, names[slot++], str_c(arena_printf(s->arena, "%s" STR_FMT, before, STR_ARG(s->words[i]))));
  while (slot < WORDS_MAX) query_bind_text(q, names[slot++], STR(" "));
}

static Err by_front(Search *s, size_t first)
{
  AUTO(Query, q, query_fini) = query(s->store, &SEARCH_FRONT);
  Str word = s->words[first];
  query_bind_text(&q, ":front", word);
  query_bind_text(&q, ":behind", str_c(arena_printf(s->arena, STR_FMT "\xf4\x8f\xbf\xbf", STR_ARG(word))));
  bind_words(s, &q, first, " ", false);
  return take(s, &q, false);
}

static Err by_words(Search *s, const char *before)
{
  AUTO(Query, q, query_fini) = query(s->store, &SEARCH_WORDS);
  bind_words(s, &q, 0, before, true);
  return take(s, &q, false);
}

static Err by_names(Search *s)
{
  for (size_t i = 0; i < s->word_count; i++) TRY(by_front(s, i));
  if (s->count < s->max_count) TRY(by_words(s, " "));
  return s->count < s->max_count ? by_words(s, "") : ERR_OK;
}

static Err by_numbers(Search *s)
{
  for (size_t i = 0; i < s->date_count; i++) {
    AUTO(Query, q, query_fini) = query(s->store, &SEARCH_BIRTH);
    query_bind_text(&q, ":birth", str_c(s->dates[i]));
    TRY(take(s, &q, false));
  }
  if (s->digits.len) {
    AUTO(Query, q, query_fini) = query(s->store, &SEARCH_PHONE);
    query_bind_text(&q, ":digits", s->digits);
    TRY(take(s, &q, true));
  }
  if (!has_digit(s->text)) return ERR_OK;
  AUTO(Query, q, query_fini) = query(s->store, &SEARCH_IDENTIFIER);
  query_bind_text(&q, ":text", s->text);
  query_bind_text(&q, ":bare", s->bare);
  size_t words = s->word_count; /* letters of an identifier are no name */
  s->word_count = 0;
  Err err = take(s, &q, true);
  s->word_count = words;
  return err;
}

typedef struct Ranked {
  ClientMatch match;
  Str sort_name;
} Ranked;

static int best_first(const void *a, const void *b)
{
  const Ranked *x = a, *y = b;
  if (x->match.score != y->match.score) return x->match.score < y->match.score ? 1 : -1;
  size_t n = x->sort_name.len < y->sort_name.len ? x->sort_name.len : y->sort_name.len;
  int by_name = n ? memcmp(x->sort_name.ptr, y->sort_name.ptr, n) : 0;
  if (by_name == 0 && x->sort_name.len != y->sort_name.len) by_name = x->sort_name.len < y->sort_name.len ? -1 : 1;
  return by_name ? by_name : memcmp(x->match.id.bytes, y->match.id.bytes, sizeof x->match.id.bytes);
}

static void rank(Search *s)
{
  Ranked *all = ARENA_ARRAY(s->arena, Ranked, s->count ? s->count : 1);
  for (size_t i = 0; i < s->count; i++) all[i] = (Ranked){s->found[i], s->sort_names[i]};
  if (s->count > 1) qsort(all, s->count, sizeof *all, best_first);
  for (size_t i = 0; i < s->count; i++) s->found[i] = all[i].match;
}

Err client_search(Store *store, Arena *arena, Str words, size_t max_count, ClientMatch **list, size_t *count)
{
  Search search = {.store = store, .arena = arena, .max_count = max_count};
  words = str_trim(words);
  *list = NULL;
  *count = 0;
  if (words.len == 0 || words.len > TEXT_MAX || !utf8_valid(words) || max_count == 0) return ERR_OK;
  understand(&search, words);
  TRY(by_numbers(&search));
  if (search.word_count && search.date_count == 0 && search.digits.len == 0) TRY(by_names(&search));
  rank(&search);
  *list = search.found;
  *count = search.count < max_count ? search.count : max_count;
  return ERR_OK;
}
