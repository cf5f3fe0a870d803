/* What a tablet may write: what check-in and the staff board do. Somebody may take a tablet apart and have it say anything. */
#include "common/practice/scope.h"

/* Columns of the tables, a space between; NULL: any. */
static const struct MayWrite {
  const char *table;
  bool insert;
  const char *update; /* columns that may change; "": none */
} TABLES[] = {
    {"client", true, "phone email line1 line2 city state postal_code country language contact_confirmed_at"},
    {"coverage", true,
     "payer plan member_id group_number subscriber relationship start_date end_date rank status verified_at"
     " verified_note confirmed_at"},
    {"appointment", true, "status arrived_at called_at ticket resource"},
    {"appointment_event", true, ""},
    {"questionnaire_response", true, ""},
    {"consent", true, ""},
    {"attachment", true, ""},
    {"access", true, ""},
    {"task", true, "status closed_at closed_by"},
};

static const char *const ACTIONS[] = {"checkin.finish",   "checkin.help",     "checkin.identify",   "client.read",
                                      "appointment.call", "appointment.room", "appointment.arrive", "appointment.done",
                                      "appointment.undo", "task.close"};

static bool listed(const char *list, const char *name)
{
  for (Str rest = str_c(list); rest.len > 0;) {
    if (str_eq_c(str_cut(&rest, ' '), name)) return true;
  }
  return false;
}

static const struct MayWrite *table_of(const char *name)
{
  for (size_t i = 0; i < COUNT_OF(TABLES); i++) {
    if (name && strcmp(TABLES[i].table, name) == 0) return &TABLES[i];
  }
  return NULL;
}

static const JournalValue *value_of(const JournalChange *change, const char *column)
{
  for (size_t i = 0; i < change->column_count; i++) {
    if (change->columns[i].name && strcmp(change->columns[i].name, column) == 0) return &change->columns[i].new_value;
  }
  return NULL;
}

static bool is_site(const JournalValue *value, Uuid site)
{
  return value && value->kind == COL_BLOB && value->bytes.len == sizeof site.bytes &&
         memcmp(value->bytes.ptr, site.bytes, sizeof site.bytes) == 0;
}

/* A visit or task that it makes is one of its own site; of a refused consent without a visit the task has none. */
static bool right_site(const JournalChange *change, Uuid site)
{
  const JournalValue *value = value_of(change, "site");
  if (strcmp(change->table_name, "appointment") == 0) return is_site(value, site);
  if (strcmp(change->table_name, "task") == 0) return !value || value->kind == COL_NULL || is_site(value, site);
  return true;
}

/* is_made_here: did this very entry add the row before? Then it may go on with all of it, but where it is. */
static bool is_made_here(const JournalTx *tx, size_t index)
{
  const JournalChange *change = &tx->changes[index];
  bool made = false;
  for (size_t i = 0; i < index && !made; i++)
    made = tx->changes[i].kind == CHANGE_INSERT && tx->changes[i].table == change->table &&
           uuid_eq(tx->changes[i].id, change->id);
  return made && !value_of(change, "site");
}

static Err check_change(Uuid site, const JournalTx *tx, size_t index)
{
  const JournalChange *change = &tx->changes[index];
  const struct MayWrite *may = table_of(change->table_name);
  const char *name = change->table_name ? change->table_name : "a table that is not known here";
  if (!may || change->kind == CHANGE_DELETE) return err_because(ERR_DENIED, "a tablet does not write to %s", name);
  if (change->kind == CHANGE_INSERT) {
    if (may->insert && right_site(change, site)) return ERR_OK;
    return err_because(ERR_DENIED, "a tablet does not add this row of %s", name);
  }
  if (is_made_here(tx, index)) return ERR_OK;
  for (size_t i = 0; i < change->column_count; i++) {
    const char *column = change->columns[i].name;
    if (!column || !listed(may->update, column))
      return err_because(ERR_DENIED, "a tablet does not change %s of %s", column ? column : "that column", name);
  }
  return ERR_OK;
}

Err scope_may_write(Uuid site, const JournalEntry *entry)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  JournalTx tx;
  TRY(journal_decode(&arena, entry, &tx));
  bool known = false;
  for (size_t i = 0; i < COUNT_OF(ACTIONS) && !known; i++) known = strcmp(tx.action, ACTIONS[i]) == 0;
  if (!known) return err_because(ERR_DENIED, "a tablet does not do '%s'", tx.action);
  for (size_t i = 0; i < tx.change_count; i++) TRY(check_change(site, &tx, i));
  return ERR_OK;
}
