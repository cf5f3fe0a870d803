/* client_search, declared in client.h.
 *
 * Every word that was typed must begin a word of the client: of the names, of a number, or of the phone. The index gives those who have the longest
 * word; the other words thin them out; what is left is read and put in order. A date alone, or with names, goes by the index of birth dates.
 */
#include <stdlib.h>

#include "common/base/log.h"
#include "common/practice/client.h"
#include "common/practice/client_index.h"
#include "common/practice/loose_date.h"
#include "common/practice/tidy.h"
#include "common/store/query.h"

enum {
  TYPED_MAX = 400,    /* bytes that are looked at */
  TOKENS_MAX = 8,     /* words */
  FIRST_MAX = 20000,  /* clients that the longest word may lead to; more are cut off */
  OTHERS_MAX = 60000, /* and the others: one letter leads to so many among half a million */
  SIFTED_MAX = 800,   /* so many are sifted by reading their words: slower than another look into the index */
  FEW = 200,          /* so many are read and put in order */
  PHONE_DIGITS = 7
};

SQL(SEARCH_WORD, "SELECT number FROM client_word WHERE word >= :from AND word < :to ORDER BY word LIMIT :max_count");
SQL(SEARCH_NUMBER, "SELECT client, words FROM client_words WHERE number = :number");
SQL(SEARCH_BORN, "SELECT w.number FROM client c JOIN client_words w ON w.client = c.id WHERE c.birth_date = :birth"
                 " LIMIT :max_count");
SQL(SEARCH_CLIENT,
    "SELECT given, family, preferred_name, birth_date, phone, status, sort_name FROM client WHERE id = :id");

typedef struct Token {
  Str text;       /* folded */
  Str last_seven; /* of a long number: a phone may be stored without what stands before it; "" else */
} Token;

typedef struct Search {
  Store *store;
  Arena *arena;
  Token tokens[TOKENS_MAX];
  size_t count;
  char births[4][DATE_TEXT_LEN + 1];
  size_t birth_count;
  Str whole; /* all tokens, a space between, in the order as typed */
} Search;

static void add_token(Search *s, Str text)
{
  if (s->count == TOKENS_MAX || str_empty(text)) return;
  Token *token = &s->tokens[s->count++];
  *token = (Token){.text = text};
  bool digits = tidy_digits(s->arena, text).len == text.len;
  if (digits && text.len > PHONE_DIGITS) token->last_seven = (Str){text.ptr + text.len - PHONE_DIGITS, PHONE_DIGITS};
}

/* A piece without letters and with digits is one number, however it is punctuated. */
static bool is_number(Str piece)
{
  bool digit = false;
  for (size_t i = 0; i < piece.len; i++) {
    if (piece.ptr[i] >= '0' && piece.ptr[i] <= '9')
      digit = true;
    else if (!strchr("+-()./#", piece.ptr[i]))
      return false;
  }
  return digit;
}

static bool take_date(Search *s, Str text)
{
  LooseDate dates[LOOSE_DATES_MAX];
  size_t count = loose_dates(text, dates);
  for (size_t i = 0; i < count && s->birth_count < COUNT_OF(s->births); i++)
    date_text(dates[i].date, s->births[s->birth_count++]);
  return count > 0;
}

static void take_piece(Search *s, Str piece)
{
  bool date = memchr(piece.ptr, '-', piece.len) || memchr(piece.ptr, '/', piece.len) ||
              memchr(piece.ptr, '.', piece.len) || piece.len == 8;
  if (date && s->birth_count == 0 && take_date(s, piece)) return;
  if (is_number(piece)) {
    add_token(s, tidy_digits(s->arena, piece));
    return;
  }
  Str mail = piece;
  Str folded = str_fold(s->arena, memchr(piece.ptr, '@', piece.len) ? str_cut(&mail, '@') : piece);
  while (!str_empty(folded)) add_token(s, str_cut(&folded, ' '));
}

static void read_typed(Search *s, Str typed)
{
  Str rest = tidy_line(s->arena, typed);
  if (rest.len > TYPED_MAX) rest.len = TYPED_MAX;
  Str digits = tidy_digits(s->arena, rest);
  if (digits.len >= PHONE_DIGITS && is_number(tidy_joined(s->arena, rest)) && !take_date(s, rest)) {
    add_token(s, digits); /* "(555) 981-8755": one number in pieces */
    return;
  }
  if (s->birth_count) return;
  while (!str_empty(rest)) take_piece(s, str_cut(&rest, ' '));
  const char *whole = "";
  for (size_t i = 0; i < s->count; i++)
    whole = arena_printf(s->arena, "%s%s" STR_FMT, whole, i ? " " : "", STR_ARG(s->tokens[i].text));
  s->whole = str_c(whole);
}

/* Numbers of clients, ascending. */
typedef struct Set {
  int64_t *items;
  size_t count;
} Set;

static int ascending(const void *a, const void *b)
{
  const int64_t *x = a, *y = b;
  return *x < *y ? -1 : *x > *y;
}

static void sort(Set *set)
{
  size_t kept = 0;
  if (set->count > 1) qsort(set->items, set->count, sizeof set->items[0], ascending);
  for (size_t i = 0; i < set->count; i++)
    if (i == 0 || set->items[i] != set->items[i - 1]) set->items[kept++] = set->items[i];
  set->count = kept;
}

/* add_range: those with a word that begins like this, the word itself first. */
static Err add_range(Search *s, Str word, size_t most, Set *set)
{
  char *to = arena_alloc(s->arena, word.len + 2);
  memcpy(to, word.ptr, word.len);
  to[word.len] = (char)0xff; /* above every byte of UTF-8 */
  AUTO(Query, q, query_fini) = query(s->store, &SEARCH_WORD);
  query_bind_text(&q, ":from", word);
  query_bind_text(&q, ":to", (Str){to, word.len + 1});
  query_bind_int(&q, ":max_count", (int64_t)(most - set->count));
  while (query_next(&q)) set->items[set->count++] = query_int(&q, "number");
  return query_end(&q);
}

static Err postings(Search *s, const Token *token, size_t most, Set *out)
{
  *out = (Set){.items = ARENA_ARRAY(s->arena, int64_t, most)};
  if (!str_empty(token->last_seven)) TRY(add_range(s, token->last_seven, most, out));
  TRY(add_range(s, token->text, most, out));
  sort(out);
  return ERR_OK;
}

static Err born(Search *s, Set *out)
{
  *out = (Set){.items = ARENA_ARRAY(s->arena, int64_t, FIRST_MAX)};
  for (size_t i = 0; i < s->birth_count; i++) {
    AUTO(Query, q, query_fini) = query(s->store, &SEARCH_BORN);
    query_bind_text(&q, ":birth", str_c(s->births[i]));
    query_bind_int(&q, ":max_count", (int64_t)(FIRST_MAX - out->count));
    while (query_next(&q)) out->items[out->count++] = query_int(&q, "number");
    TRY(query_end(&q));
  }
  sort(out);
  return ERR_OK;
}

static void intersect(Set *a, const Set *b)
{
  size_t kept = 0;
  for (size_t i = 0, j = 0; i < a->count && j < b->count;) {
    if (a->items[i] == b->items[j])
      a->items[kept++] = a->items[i++], j++;
    else if (a->items[i] < b->items[j])
      i++;
    else
      j++;
  }
  a->count = kept;
}

static int longest_first(const void *a, const void *b)
{
  const Token *x = a, *y = b;
  return x->text.len < y->text.len ? 1 : x->text.len > y->text.len ? -1 : 0;
}

/* How well a word of the client fits: 2 the same, 1 it begins so, 0 not at all. */
static int fits(Str words, Str typed)
{
  int best = 0;
  while (!str_empty(words)) {
    Str word = str_cut(&words, ' ');
    if (str_eq(word, typed)) return 2;
    if (str_starts(word, typed)) best = 1;
  }
  return best;
}

static int fit_of(Str words, const Token *token)
{
  int fit = fits(words, token->text);
  return fit == 0 && !str_empty(token->last_seven) ? fits(words, token->last_seven) : fit;
}

/* sift: only those that all words fit, until there are enough. */
static Err sift(Search *s, Set *set)
{
  size_t kept = 0;
  for (size_t i = 0; i < set->count && i < SIFTED_MAX && kept < FEW; i++) {
    AUTO(Query, q, query_fini) = query(s->store, &SEARCH_NUMBER);
    query_bind_int(&q, ":number", set->items[i]);
    bool fit = query_next(&q);
    Str words = fit ? query_str(&q, "words") : STR("");
    for (size_t t = 0; t < s->count && fit; t++) fit = fit_of(words, &s->tokens[t]) > 0;
    TRY(query_end(&q));
    if (fit) set->items[kept++] = set->items[i];
  }
  set->count = kept;
  return ERR_OK;
}

/* candidates: few enough to read. One word alone need not be complete: its first few are the best. */
static Err candidates(Search *s, Set *out)
{
  Token *order = ARENA_ARRAY(s->arena, Token, TOKENS_MAX);
  memcpy(order, s->tokens, sizeof s->tokens);
  if (s->count > 1) qsort(order, s->count, sizeof order[0], longest_first);
  bool alone = s->count + (s->birth_count > 0) == 1;
  size_t next = 0;
  if (s->birth_count)
    TRY(born(s, out));
  else
    TRY(postings(s, &order[next++], alone ? FEW : FIRST_MAX, out));
  for (; next < s->count && out->count > SIFTED_MAX; next++) {
    Set other;
    TRY(postings(s, &order[next], OTHERS_MAX, &other));
    intersect(out, &other);
  }
  return out->count > FEW ? sift(s, out) : ERR_OK;
}

static int score(const Search *s, Str words, Str sort_name, bool active)
{
  int total = active ? 100 : 0;
  for (size_t i = 0; i < s->count; i++) {
    const Token *token = &s->tokens[i];
    int fit = fit_of(words, token);
    if (fit == 0) return 0;
    total += fit * 10;
    if (str_starts(sort_name, token->text)) total += 3; /* the family name */
  }
  if (!str_empty(s->whole) && str_eq(sort_name, s->whole)) total += 20;
  return total + 1;
}

static void read_match(Search *s, Query *q, ClientMatch *out)
{
  out->birth_date = query_cstr(q, s->arena, "birth_date");
  out->phone = query_cstr(q, s->arena, "phone");
  Str preferred = query_copy(q, s->arena, "preferred_name"), given = query_copy(q, s->arena, "given");
  out->name = tidy_full_name(s->arena, str_empty(preferred) ? given : preferred, query_copy(q, s->arena, "family"));
}

static Err look(Search *s, int64_t number, ClientMatch *out)
{
  Str words;
  out->score = 0;
  {
    AUTO(Query, q, query_fini) = query(s->store, &SEARCH_NUMBER);
    query_bind_int(&q, ":number", number);
    bool found = query_next(&q);
    if (found) out->id = query_uuid(&q, "client");
    words = found ? query_copy(&q, s->arena, "words") : STR("");
    TRY(query_end(&q));
  }
  AUTO(Query, q, query_fini) = query(s->store, &SEARCH_CLIENT);
  query_bind_uuid(&q, ":id", out->id);
  if (query_next(&q)) {
    bool active = str_eq_c(query_str(&q, "status"), "active");
    out->score = score(s, words, query_str(&q, "sort_name"), active);
    read_match(s, &q, out);
  }
  return query_end(&q);
}

/* look_at: how a record that was not found itself is shown. */
static Err look_at(Search *s, ClientMatch *out)
{
  AUTO(Query, q, query_fini) = query(s->store, &SEARCH_CLIENT);
  query_bind_uuid(&q, ":id", out->id);
  if (query_next(&q)) read_match(s, &q, out);
  return query_end(&q);
}

static int best_first(const void *a, const void *b)
{
  const ClientMatch *x = a, *y = b;
  if (x->score != y->score) return x->score < y->score ? 1 : -1;
  int order = strcmp(x->name, y->name);
  return order != 0 ? order : memcmp(x->id.bytes, y->id.bytes, sizeof x->id.bytes);
}

static bool is_listed(const ClientMatch *list, size_t count, Uuid id)
{
  for (size_t i = 0; i < count; i++)
    if (uuid_eq(list[i].id, id)) return true;
  return false;
}

/* fold: records of one person are one line, that of the record which stands for them, whichever was found. */
static Err fold(Search *s, ClientMatch *list, size_t *count, size_t max_count)
{
  size_t n = 0;
  for (size_t i = 0; i < *count && n < max_count; i++) {
    ClientMatch match = list[i];
    TRY(client_shown(s->store, s->arena, match.id, &match.id));
    if (is_listed(list, n, match.id)) continue;
    if (!uuid_eq(match.id, list[i].id)) TRY(look_at(s, &match));
    list[n++] = match;
  }
  *count = n;
  return ERR_OK;
}

static Err find(Search *s, size_t max_count, ClientMatch **list, size_t *count)
{
  Set set;
  TRY(candidates(s, &set));
  size_t most = set.count < FEW ? set.count : FEW, n = 0;
  ClientMatch *found = ARENA_ARRAY(s->arena, ClientMatch, most + 1);
  for (size_t i = 0; i < set.count && n < most; i++) {
    TRY(look(s, set.items[i], &found[n]));
    if (found[n].score > 0) n++;
  }
  if (n > 1) qsort(found, n, sizeof *found, best_first);
  *list = found;
  *count = n;
  return fold(s, found, count, max_count);
}

Err client_search(Store *store, Arena *arena, Str words, size_t max_count, ClientMatch **list, size_t *count)
{
  *list = NULL;
  *count = 0;
  Err err = client_index_update(store);
  if (err != ERR_OK && !err_retry(err)) return err;
  if (err != ERR_OK) log_err("client.index", err); /* the newest changes are not found yet; the others are */
  Search s = {.store = store, .arena = arena};
  read_typed(&s, words);
  if (s.count == 0 && s.birth_count == 0) return ERR_OK;
  TRY(store_read_begin(store)); /* once for some hundred small queries */
  err = find(&s, max_count, list, count);
  store_read_end(store);
  return err;
}
