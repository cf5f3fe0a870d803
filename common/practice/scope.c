#include "common/practice/scope.h"

#include "common/practice/client_index.h"
#include "common/practice/practice.h"

/* Who comes, and all records that are this person; `visitor` is the one that the visit names. */
#define PERSONS                                                                                                     \
  "WITH RECURSIVE person(id, visitor) AS (SELECT client, client FROM appointment WHERE site = :site"                \
  " AND start_wall >= :from AND start_wall < :to AND status <> 'cancelled'"                                         \
  " UNION SELECT l.same_as, p.visitor FROM person p CROSS JOIN client_link l ON l.client = p.id WHERE l.active = 1" \
  " UNION SELECT l.client, p.visitor FROM person p CROSS JOIN client_link l ON l.same_as = p.id WHERE l.active = 1) "
#define OF_PERSONS(table, alias) \
  PERSONS "SELECT " alias ".id AS id, p.visitor AS person FROM person p CROSS JOIN " table " " alias
/* Staff who have a role here that lets them see the board, and a PIN to say who they are. */
#define PIN_STAFF                                                                                           \
  "SELECT s.id FROM staff s WHERE s.active = 1 AND s.pin_hash <> '' AND EXISTS (SELECT 1 FROM staff_role r" \
  " JOIN role_permission p ON p.role = r.role AND p.permission = 'board.view' AND p.allowed = 1"            \
  " WHERE r.staff = s.id AND r.active = 1 AND (r.site IS NULL OR r.site = :site))"
#define ASKED(of)       "(SELECT form FROM form_rule WHERE active = 1 AND kind = '" of "')"
#define ASKED_AGAIN(of) "(SELECT form FROM form_rule WHERE active = 1 AND valid_days <> 0 AND kind = '" of "')"

SQL_SCAN(LOBBY_PRACTICE, "SELECT id, NULL AS person FROM practice");
SQL(LOBBY_SITE, "SELECT id, NULL AS person FROM site WHERE id = :site");
SQL_SCAN(LOBBY_NODE, "SELECT id, NULL AS person FROM node WHERE site = :site OR number = :node");
SQL_SCAN(LOBBY_ROLE, "SELECT id, NULL AS person FROM role");
SQL_SCAN(LOBBY_ROLE_PERMISSION, "SELECT id, NULL AS person FROM role_permission WHERE allowed = 1");
SQL_SCAN(LOBBY_STAFF, "SELECT id, NULL AS person FROM staff WHERE id IN (" PIN_STAFF ")");
SQL_SCAN(LOBBY_STAFF_ROLE, "SELECT r.id AS id, NULL AS person FROM staff_role r WHERE r.active = 1"
                           " AND (r.site IS NULL OR r.site = :site) AND r.staff IN (" PIN_STAFF ")");
/* Those whom a person may ask for here, and those whom the visits name. */
SQL_SCAN(LOBBY_PROVIDER,
         "SELECT id, NULL AS person FROM provider p WHERE NOT EXISTS (SELECT 1 FROM provider_site s"
         " WHERE s.provider = p.id AND s.active = 1 AND s.site <> :site)"
         " OR EXISTS (SELECT 1 FROM provider_site s WHERE s.provider = p.id AND s.active = 1 AND s.site = :site)"
         " UNION SELECT provider, client FROM appointment WHERE site = :site AND start_wall >= :from"
         " AND start_wall < :to AND status <> 'cancelled' AND provider IS NOT NULL");
SQL_SCAN(LOBBY_PROVIDER_SITE, "SELECT id, NULL AS person FROM provider_site WHERE site = :site");
SQL_SCAN(LOBBY_RESOURCE, "SELECT id, NULL AS person FROM resource WHERE site = :site");
SQL_SCAN(LOBBY_TYPE, "SELECT id, NULL AS person FROM appointment_type");
SQL_SCAN(LOBBY_QUESTIONNAIRE, "SELECT id, NULL AS person FROM questionnaire WHERE url IN " ASKED("questionnaire"));
SQL_SCAN(LOBBY_DOCUMENT, "SELECT id, NULL AS person FROM consent_document WHERE code IN " ASKED("consent"));
SQL_SCAN(LOBBY_FORM_RULE, "SELECT id, NULL AS person FROM form_rule WHERE active = 1");
SQL_SCAN(LOBBY_ATTACHMENT, "SELECT id, NULL AS person FROM attachment WHERE hash IN (SELECT logo FROM practice)"
                           " AND client IS NULL");
SQL_SCAN(LOBBY_CLIENT, OF_PERSONS("client", "c") " ON c.id = p.id");
SQL_SCAN(LOBBY_LINK, OF_PERSONS("client_link", "l") " ON l.client = p.id WHERE l.active = 1");
SQL_SCAN(LOBBY_COVERAGE, OF_PERSONS("coverage", "c") " ON c.client = p.id WHERE c.status = 'active'");
SQL(LOBBY_APPOINTMENT, "SELECT id, client AS person FROM appointment WHERE site = :site AND start_wall >= :from"
                       " AND start_wall < :to AND status <> 'cancelled'");
SQL(LOBBY_EVENT, "SELECT e.id AS id, a.client AS person FROM appointment a CROSS JOIN appointment_event e"
                 " ON e.appointment = a.id WHERE a.site = :site AND a.start_wall >= :from AND a.start_wall < :to"
                 " AND a.status <> 'cancelled' AND e.kind IN ('arrived', 'called', 'roomed')");
/* What tells that a visit is firm (BOOKINGS.md): what it asks for now, what was ruled on that, under whose leases and allotments. */
#define ASKED_BY_VISITS " FROM appointment a CROSS JOIN booking b ON b.appointment = a.id AND b.demand = a.demand "
#define OF_VISITS       " WHERE a.site = :site AND a.start_wall >= :from AND a.start_wall < :to AND a.status <> 'cancelled'"
SQL(LOBBY_BOOKING, "SELECT b.id AS id, a.client AS person" ASKED_BY_VISITS OF_VISITS);
SQL(LOBBY_LEASE, "SELECT DISTINCT l.id AS id, a.client AS person" ASKED_BY_VISITS
                 "CROSS JOIN calendar_lease l ON l.calendar = b.calendar" OF_VISITS);
SQL(LOBBY_ALLOTMENT, "SELECT DISTINCT t.id AS id, a.client AS person" ASKED_BY_VISITS
                     "CROSS JOIN ruling r ON r.booking = b.id CROSS JOIN allotment t ON t.id = r.allotment" OF_VISITS);
SQL(LOBBY_RULING,
    "SELECT r.id AS id, a.client AS person" ASKED_BY_VISITS "CROSS JOIN ruling r ON r.booking = b.id" OF_VISITS
    " UNION SELECT g.id, a.client" ASKED_BY_VISITS "CROSS JOIN ruling r ON r.booking = b.id"
    " CROSS JOIN ruling g ON g.allotment = r.allotment AND g.booking IS NULL" OF_VISITS);
SQL_SCAN(LOBBY_RESPONSE, OF_PERSONS("questionnaire_response",
                                    "r") " ON r.client = p.id JOIN questionnaire q ON q.id = r.questionnaire"
                                         " WHERE q.url IN " ASKED_AGAIN(
                                             "questionnaire") " AND NOT EXISTS (SELECT 1 FROM questionnaire_response n "
                                                              "JOIN questionnaire m ON m.id = n.questionnaire"
                                                              " WHERE n.client = r.client AND m.url = q.url AND "
                                                              "(n.completed_at, n.id) > (r.completed_at, r.id))");
SQL_SCAN(LOBBY_CONSENT,
         OF_PERSONS(
             "consent",
             "c") " ON c.client = p.id JOIN consent_document d ON d.id = c.document"
                  " WHERE d.code IN " ASKED_AGAIN(
                      "consent") " AND NOT EXISTS (SELECT 1 FROM consent n JOIN consent_document m ON m.id = n.document"
                                 " WHERE n.client = c.client AND m.code = d.code AND (n.decided_at, n.id) > "
                                 "(c.decided_at, c.id))");
/* Bytes 9 to 12 of a version name the author of the row. */
SQL_SCAN(LOBBY_TASK, PERSONS "SELECT t.id AS id, t.client AS person FROM task t WHERE t.status = 'open'"
                             " AND t.site = :site AND substr(t.v, 9, 4) = :author"
                             " AND (t.client IS NULL OR t.client IN (SELECT id FROM person))"
                             " AND (t.appointment IS NULL OR EXISTS (SELECT 1 FROM appointment a" OF_VISITS
                             " AND a.id = t.appointment))");

#define CLIENT_COLUMNS                                                                                     \
  "given family prefix suffix sort_name preferred_name birth_date gender language phone email line1 line2" \
  " city state postal_code country status contact_confirmed_at"
#define COVERAGE_COLUMNS \
  "client payer plan member_id group_number subscriber relationship start_date end_date rank status confirmed_at"
#define APPOINTMENT_COLUMNS \
  "client type site provider resource start_wall minutes demand status walk_in ticket arrived_at called_at"

/* What is told first is referred to by what follows. */
static const ScopeRule LOBBY[] = {
    {"practice", NULL, &LOBBY_PRACTICE, .opens = SCOPE_OPENS_NOTHING},
    {"site", NULL, &LOBBY_SITE, .opens = SCOPE_OPENS_NOTHING},
    {"node", NULL, &LOBBY_NODE, .opens = SCOPE_OPENS_NOTHING, .notice = true},
    {"role", NULL, &LOBBY_ROLE, .opens = SCOPE_OPENS_NOTHING},
    {"role_permission", NULL, &LOBBY_ROLE_PERMISSION, .opens = SCOPE_OPENS_ALL, .notice = true},
    {"staff", "given family pin_hash language active", &LOBBY_STAFF, .opens = SCOPE_OPENS_ALL, .notice = true},
    {"staff_role", NULL, &LOBBY_STAFF_ROLE, .opens = SCOPE_OPENS_ALL, .notice = true},
    {"provider", "given family prefix active", &LOBBY_PROVIDER, .opens = SCOPE_OPENS_NOTHING, .dated = true},
    {"provider_site", NULL, &LOBBY_PROVIDER_SITE, .opens = SCOPE_OPENS_ALL, .notice = true},
    {"resource", NULL, &LOBBY_RESOURCE, .opens = SCOPE_OPENS_NOTHING, .notice = true},
    {"appointment_type", "name minutes buffer_before buffer_after walk_in active", &LOBBY_TYPE,
     .opens = SCOPE_OPENS_NOTHING},
    {"questionnaire", NULL, &LOBBY_QUESTIONNAIRE, .opens = SCOPE_OPENS_NOTHING},
    {"consent_document", NULL, &LOBBY_DOCUMENT, .opens = SCOPE_OPENS_NOTHING},
    {"form_rule", NULL, &LOBBY_FORM_RULE, .opens = SCOPE_OPENS_ALL, .notice = true},
    {"attachment", NULL, &LOBBY_ATTACHMENT, .opens = SCOPE_OPENS_NOTHING},
    {"client", CLIENT_COLUMNS, &LOBBY_CLIENT, .opens = SCOPE_OPENS_NOTHING, .dated = true, .anchor = true,
     .evicted = client_index_forget},
    {"client_link", NULL, &LOBBY_LINK, .opens = SCOPE_OPENS_PERSON, .dated = true, .notice = true},
    {"coverage", COVERAGE_COLUMNS, &LOBBY_COVERAGE, .opens = SCOPE_OPENS_NOTHING, .dated = true, .notice = true},
    {"appointment", APPOINTMENT_COLUMNS, &LOBBY_APPOINTMENT, .opens = SCOPE_OPENS_PERSON, .dated = true, .notice = true,
     .anchor = true},
    {"appointment_event", "appointment kind at", &LOBBY_EVENT, .opens = SCOPE_OPENS_NOTHING, .dated = true},
    {"calendar_lease", "calendar number holder first_ruling since_at until_at given_by", &LOBBY_LEASE,
     .opens = SCOPE_OPENS_NOTHING, .dated = true},
    {"booking", "demand appointment calendar site start_wall minutes asked_at", &LOBBY_BOOKING,
     .opens = SCOPE_OPENS_NOTHING, .dated = true},
    {"allotment", NULL, &LOBBY_ALLOTMENT, .opens = SCOPE_OPENS_NOTHING, .dated = true},
    {"ruling", "calendar lease fence number decision booking allotment part", &LOBBY_RULING,
     .opens = SCOPE_OPENS_PERSON, .dated = true},
    {"questionnaire_response", "questionnaire client completed_at", &LOBBY_RESPONSE, .opens = SCOPE_OPENS_NOTHING,
     .dated = true},
    {"consent", "document client decision decided_at", &LOBBY_CONSENT, .opens = SCOPE_OPENS_NOTHING, .dated = true},
    {"task", "kind title site client appointment due_at created_at status closed_at closed_by", &LOBBY_TASK,
     .opens = SCOPE_OPENS_NOTHING, .notice = true},
};

const ScopeRules SCOPE_LOBBY_RULES = {LOBBY, COUNT_OF(LOBBY)};

static void day_text(Date today, int days, char out[DATE_TEXT_LEN + 1])
{
  date_text(date_from_days(date_days(today) + days), out);
}

Err scope_of(Store *store, NodeId number, bool *scoped, ScopeOf *out)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Node node;
  Site site;
  WallTime now;
  Err err = node_get(store, &arena, number, &node);
  if (err == ERR_NOT_FOUND) return err_because(ERR_DENIED, "node %08x is not known here", number);
  TRY(err);
  *scoped = strcmp(node.scope, "lobby") == 0;
  if (!*scoped) return ERR_OK;
  *out = (ScopeOf){.node = number, .site = node.site};
  if (uuid_is_nil(node.site)) return err_because(ERR_DENIED, "node %08x stands at no site", number);
  err = site_get(store, &arena, node.site, &site);
  if (err == ERR_NOT_FOUND) return err_because(ERR_DENIED, "the site of node %08x is not known here", number);
  TRY(err);
  TRY(site_wall(&site, store_now(store), &now));
  day_text(now.date, -SCOPE_DAYS_BEFORE, out->from);
  day_text(now.date, SCOPE_DAYS_AFTER + 1, out->to);
  return ERR_OK;
}

Err scope_first_day(Store *store, char out[DATE_TEXT_LEN + 1])
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Site site;
  WallTime now;
  TRY(site_here(store, &arena, &site));
  TRY(site_wall(&site, store_now(store), &now));
  day_text(now.date, -SCOPE_DAYS_BEFORE, out);
  return ERR_OK;
}
