#include "common/practice/client_index.h"

#include <stdlib.h>

#include "common/practice/client.h"
#include "common/practice/tidy.h"
#include "common/store/journal.h"
#include "common/store/query.h"

enum { REBUILD_CLIENTS = 10000, STEP_BYTES = 4 << 20, STEP_ENTRIES = 5000, LAG_ENTRIES = 200, WORD_MAX = 100 };

/* The journal's pos up to which the index is exact; and, while it is made anew, the client that was done last. */
#define SETTING_POS  "search.pos"
#define SETTING_LAST "search.rebuilt"

#define PERSON_COLUMNS "id, given, family, preferred_name, birth_date, phone, email"
SQL(INDEX_CLIENT, "SELECT " PERSON_COLUMNS " FROM client WHERE id = :id");
SQL(INDEX_CLIENTS_AFTER, "SELECT id FROM client WHERE id > :after ORDER BY id LIMIT :max_count");
SQL(INDEX_NUMBERS, "SELECT value FROM client_identifier WHERE client = :client");
SQL(INDEX_NUMBER_OWNER, "SELECT client FROM client_identifier WHERE id = :id");
SQL(INDEX_OLD, "SELECT number, words FROM client_words WHERE client = :client");
SQL(INDEX_PUT, "INSERT INTO client_words (client, words) VALUES (:client, :words)"
               " ON CONFLICT (client) DO UPDATE SET words = excluded.words RETURNING number");
SQL(INDEX_DROP, "DELETE FROM client_words WHERE number = :number");
SQL(INDEX_PUT_WORD, "INSERT OR IGNORE INTO client_word (word, number) VALUES (:word, :number)");
SQL(INDEX_DROP_WORD, "DELETE FROM client_word WHERE word = :word AND number = :number");
SQL_SCAN(INDEX_CLEAR_WORDS, "DELETE FROM client_word");
SQL_SCAN(INDEX_CLEAR, "DELETE FROM client_words");

static bool among(const ClientWords *words, Str word)
{
  for (size_t i = 0; i < words->count; i++)
    if (str_eq(words->words[i], word)) return true;
  return false;
}

static void add_word(ClientWords *words, Str word)
{
  if (word.len > WORD_MAX) word.len = WORD_MAX;
  while (word.len > 0 && !utf8_valid(word)) word.len--; /* not in the middle of a letter */
  if (word.len > 0 && words->count < CLIENT_WORDS_MAX && !among(words, word)) words->words[words->count++] = word;
}

void client_index_add(ClientWords *words, Arena *arena, Str text)
{
  Str rest = str_fold(arena, text);
  while (!str_empty(rest)) add_word(words, str_cut(&rest, ' '));
}

/* "O'Neil-Smythe" is one word when folded; its parts are names too. */
static void add_name(ClientWords *words, Arena *arena, Str name)
{
  client_index_add(words, arena, name);
  char *parts = arena_alloc(arena, name.len + 1);
  size_t len = 0, at = 0;
  uint32_t c;
  while (utf8_next(name, &at, &c)) {
    bool joint = c == '-' || c == '\'' || c == 0x2019 || c == 0x2010;
    if (joint)
      parts[len++] = ' ';
    else if (c != 0xfffd)
      len += utf8_encode(c, parts + len);
  }
  client_index_add(words, arena, (Str){parts, len});
}

void client_index_add_phone(ClientWords *words, Arena *arena, Str phone)
{
  Str digits = tidy_digits(arena, phone);
  add_word(words, digits);
  if (digits.len > 7) add_word(words, (Str){digits.ptr + digits.len - 7, 7});
  if (digits.len > 4) add_word(words, (Str){digits.ptr + digits.len - 4, 4});
}

/* read_words: of one client; false when there is no such client. */
static Err read_words(Store *store, Arena *arena, Uuid client, ClientWords *out, bool *found)
{
  *out = (ClientWords){.count = 0};
  {
    AUTO(Query, q, query_fini) = query(store, &INDEX_CLIENT);
    query_bind_uuid(&q, ":id", client);
    *found = query_next(&q);
    if (*found) {
      Str given = query_copy(&q, arena, "given"), family = query_copy(&q, arena, "family");
      Str birth = query_copy(&q, arena, "birth_date"), email = query_copy(&q, arena, "email");
      add_name(out, arena, family);
      add_name(out, arena, given);
      add_name(out, arena, query_copy(&q, arena, "preferred_name"));
      Str whole = str_c(tidy_full_name(arena, given, family));
      if (!memchr(whole.ptr, ' ', whole.len)) client_index_add(out, arena, whole); /* written as one word */
      client_index_add_phone(out, arena, query_copy(&q, arena, "phone"));
      client_index_add(out, arena, str_cut(&email, '@'));
      add_word(out, (Str){birth.ptr, birth.len < 4 ? 0 : 4});
    }
    TRY(query_end(&q));
  }
  AUTO(Query, q, query_fini) = query(store, &INDEX_NUMBERS);
  query_bind_uuid(&q, ":client", client);
  while (query_next(&q)) client_index_add(out, arena, query_str(&q, "value"));
  return query_end(&q);
}

static Err write_word(Store *store, const Sql *sql, Str word, int64_t number)
{
  AUTO(Query, q, query_fini) = query(store, sql);
  query_bind_text(&q, ":word", word);
  query_bind_int(&q, ":number", number);
  return query_run(&q);
}

/* read_old: number 0 when the client is not in the index yet. */
static Err read_old(Store *store, Arena *arena, Uuid client, int64_t *number, ClientWords *out)
{
  *number = 0;
  *out = (ClientWords){.count = 0};
  AUTO(Query, q, query_fini) = query(store, &INDEX_OLD);
  query_bind_uuid(&q, ":client", client);
  if (query_next(&q)) {
    *number = query_int(&q, "number");
    Str rest = query_copy(&q, arena, "words");
    while (!str_empty(rest)) add_word(out, str_cut(&rest, ' '));
  }
  return query_end(&q);
}

static Err put_words(Store *store, Arena *arena, Uuid client, const ClientWords *words, int64_t *number)
{
  const char *joined = "";
  for (size_t i = 0; i < words->count; i++)
    joined = arena_printf(arena, "%s%s" STR_FMT, joined, i ? " " : "", STR_ARG(words->words[i]));
  AUTO(Query, q, query_fini) = query(store, &INDEX_PUT);
  query_bind_uuid(&q, ":client", client);
  query_bind_text(&q, ":words", str_c(joined));
  if (query_next(&q)) *number = query_int(&q, "number");
  while (query_next(&q)) continue;
  return query_end(&q);
}

static Err drop(Store *store, int64_t number)
{
  AUTO(Query, q, query_fini) = query(store, &INDEX_DROP);
  query_bind_int(&q, ":number", number);
  return query_run(&q);
}

/* Words are put in order before they are inserted: a piece then touches every page of the index once. */
typedef struct Pair {
  Str word;
  int64_t number;
} Pair;

typedef struct Pairs {
  Arena arena;
  Pair *items;
  size_t count, capacity;
} Pairs;

static void pairs_fini(Pairs *pairs)
{
  arena_fini(&pairs->arena);
}

static int in_order(const void *a, const void *b)
{
  const Pair *x = a, *y = b;
  size_t len = x->word.len < y->word.len ? x->word.len : y->word.len;
  int order = memcmp(x->word.ptr, y->word.ptr, len);
  if (order != 0) return order;
  if (x->word.len != y->word.len) return x->word.len < y->word.len ? -1 : 1;
  return x->number < y->number ? -1 : x->number > y->number;
}

static Err index_client(Store *store, Arena *arena, Uuid client, Pairs *added)
{
  ClientWords old, fresh;
  int64_t number;
  bool found;
  TRY(read_words(store, arena, client, &fresh, &found));
  TRY(read_old(store, arena, client, &number, &old));
  for (size_t i = 0; i < old.count; i++)
    if (!found || !among(&fresh, old.words[i])) TRY(write_word(store, &INDEX_DROP_WORD, old.words[i], number));
  if (!found) return number ? drop(store, number) : ERR_OK;
  TRY(put_words(store, arena, client, &fresh, &number));
  for (size_t i = 0; i < fresh.count; i++) {
    if (among(&old, fresh.words[i])) continue;
    added->items = arena_grow_array(&added->arena, added->items, added->count, &added->capacity, sizeof(Pair));
    added->items[added->count++] = (Pair){arena_strdup(&added->arena, fresh.words[i]), number};
  }
  return ERR_OK;
}

static Err index_all(Store *store, const Uuid clients[], size_t count)
{
  AUTO(Arena, scratch, arena_fini) = arena_make_wiping(0);
  AUTO(Pairs, added, pairs_fini) = {.arena = arena_make_wiping(0)};
  for (size_t i = 0; i < count; i++) {
    TRY(index_client(store, &scratch, clients[i], &added));
    if (i % 64 == 63) arena_reset(&scratch);
  }
  if (added.count > 1) qsort(added.items, added.count, sizeof(Pair), in_order);
  for (size_t i = 0; i < added.count; i++)
    TRY(write_word(store, &INDEX_PUT_WORD, added.items[i].word, added.items[i].number));
  return ERR_OK;
}

/* Making it anew, a piece a transaction so that others get their turn. It may be interrupted at any piece. */

static Err clients_after(Store *store, Uuid after, Uuid out[], size_t *count)
{
  AUTO(Query, q, query_fini) = query(store, &INDEX_CLIENTS_AFTER);
  query_bind_blob(&q, ":after", (Str){(const char *)after.bytes, sizeof after.bytes});
  query_bind_int(&q, ":max_count", REBUILD_CLIENTS);
  for (*count = 0; query_next(&q); (*count)++) out[*count] = query_uuid(&q, "id");
  return query_end(&q);
}

static Err clear(Store *store)
{
  Query words = query(store, &INDEX_CLEAR_WORDS);
  TRY(query_run(&words));
  Query clients = query(store, &INDEX_CLEAR);
  return query_run(&clients);
}

/* While it is made anew, SETTING_POS is the journal's end at the beginning, negative, so that what changes meanwhile is looked at again. */
static Err rebuild_piece(Store *store, Arena *arena, int64_t pos)
{
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(store, actor_system(), "client.index", "", &tx));
  Uuid last = {{0}};
  if (pos == 0) {
    pos = -store_head(store) - 1;
    TRY(clear(store));
  } else {
    (void)uuid_parse(local_get(store, arena, SETTING_LAST), &last);
  }
  Uuid *clients = ARENA_ARRAY(arena, Uuid, REBUILD_CLIENTS);
  size_t count;
  TRY(clients_after(store, last, clients, &count));
  TRY(index_all(store, clients, count));
  bool done = count < REBUILD_CLIENTS;
  char text[UUID_TEXT_LEN + 1] = "";
  if (!done) uuid_text(clients[count - 1], text);
  TRY(local_set(store, SETTING_LAST, str_c(text)));
  TRY(local_set_int(store, SETTING_POS, done ? -pos : pos));
  return tx_commit(&tx);
}

typedef struct Changed {
  Uuid *clients;
  size_t count, capacity;
} Changed;

static void add_changed(Arena *arena, Changed *changed, Uuid client)
{
  for (size_t i = changed->count, looked = 0; i-- > 0 && looked < 64; looked++) /* repeats come close together */
    if (uuid_eq(changed->clients[i], client)) return;
  changed->clients =
      arena_grow_array(arena, changed->clients, changed->count, &changed->capacity, sizeof *changed->clients);
  changed->clients[changed->count++] = client;
}

/* Whose number changed: its row says it, or, once it is gone, the old value in the journal. */
static Err owner_of(Store *store, const JournalChange *change, Uuid *out)
{
  *out = (Uuid){{0}};
  for (size_t i = 0; i < change->column_count; i++) {
    const JournalColumn *column = &change->columns[i];
    const JournalValue *value = column->new_value.kind == COL_BLOB ? &column->new_value : &column->old;
    if (!column->name || strcmp(column->name, "client") != 0 || value->bytes.len != sizeof out->bytes) continue;
    memcpy(out->bytes, value->bytes.ptr, sizeof out->bytes);
    return ERR_OK;
  }
  AUTO(Query, q, query_fini) = query(store, &INDEX_NUMBER_OWNER);
  query_bind_uuid(&q, ":id", change->id);
  if (query_next(&q)) *out = query_uuid(&q, "client");
  return query_end(&q);
}

static Err collect(Store *store, Arena *arena, const JournalEntry *entry, Changed *changed)
{
  JournalTx tx;
  TRY(journal_decode(arena, entry, &tx));
  for (size_t i = 0; i < tx.change_count; i++) {
    const JournalChange *change = &tx.changes[i];
    const char *table = change->table_name ? change->table_name : "";
    Uuid client = {{0}};
    if (strcmp(table, "client") == 0) client = change->id;
    if (strcmp(table, "client_identifier") == 0) TRY(owner_of(store, change, &client));
    if (!uuid_is_nil(client)) add_changed(arena, changed, client);
  }
  return ERR_OK;
}

/* follow: what the journal tells after pos. *more: there is still something behind it. */
static Err follow(Store *store, Arena *arena, int64_t pos, bool *more)
{
  JournalEntry *entries;
  size_t count;
  *more = false;
  TRY(journal_read(store, arena, pos, STEP_ENTRIES, STEP_BYTES, &entries, &count));
  if (count == 0) return ERR_OK;
  Changed changed = {0};
  for (size_t i = 0; i < count; i++) TRY(collect(store, arena, &entries[i], &changed));
  if (changed.count == 0 && count < LAG_ENTRIES) return ERR_OK; /* read again next time: cheaper than a write */
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(store, actor_system(), "client.index", "", &tx));
  TRY(index_all(store, changed.clients, changed.count));
  TRY(local_set_int(store, SETTING_POS, entries[count - 1].pos + 1));
  *more = true;
  return tx_commit(&tx);
}

Err client_index_forget(Store *store, Uuid client)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  ClientWords old;
  int64_t number;
  TRY(read_old(store, &arena, client, &number, &old));
  for (size_t i = 0; i < old.count; i++) TRY(write_word(store, &INDEX_DROP_WORD, old.words[i], number));
  return number ? drop(store, number) : ERR_OK;
}

/* SETTING_POS is 1 more than the pos, so that 0 stands for an index that was never made. */
Err client_index_update(Store *store)
{
  for (bool more = true; more;) {
    AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
    int64_t pos = local_get_int(store, SETTING_POS, 0);
    int64_t head = store_head(store);
    if (pos > head + 1) pos = 0; /* the journal is another one */
    if (pos <= 0)
      TRY(rebuild_piece(store, &arena, pos));
    else if (pos == head + 1)
      more = false;
    else
      TRY(follow(store, &arena, pos - 1, &more));
  }
  return ERR_OK;
}
