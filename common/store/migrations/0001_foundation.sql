-- Migration 1: the foundation. Migrations are append-only: a released one never changes.
--
-- How to read it. Every replicated table opens with a line `-- table <id> <name>[, append-only]: what a row is`. In it every
-- column's comment opens with the column's id and, when it shares its meaning with others, the name of its column group:
-- `-- <id>[ <group>]: what it holds`. A group wins or loses a merge together; a column without one is a group of its own.
-- Table and column ids go into the journal and never change or return; at most 63 columns a table.
--
-- `id` is a UUID of 16 bytes. `v` holds the versions of the row's column groups (common/store/version.h); its default is a
-- function that only Foyer's connections have, inside a transaction. Guard triggers for every replicated table are added
-- by the store after the migrations. Replicated tables have no UNIQUE constraint: two offline nodes may take one value, and
-- a merge must not fail. Foreign keys are deferred to the commit.
--
-- Units: *_at INTEGER milliseconds since 1970 UTC (Instant); *_date TEXT YYYY-MM-DD; *_wall TEXT YYYY-MM-DDTHH:MM in the
-- site's zone; *_minor INTEGER minor units of a currency; flags are 0 or 1.

------------------------------------------------------------------------------------------------------------ the practice

-- table 1 practice: the business; one row
CREATE TABLE practice (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  name TEXT NOT NULL,                              -- 1: as clients know it
  vertical TEXT NOT NULL,                          -- 2: clinic, therapy, dental, law, consulting: chooses the wording
  currency TEXT NOT NULL,                          -- 3: ISO 4217
  language TEXT NOT NULL DEFAULT 'en',             -- 4: of staff pages and of the kiosk's first screen, BCP 47
  accent TEXT NOT NULL DEFAULT '',                 -- 5: accent colour #rrggbb, '' for the theme's own
  logo BLOB,                                       -- 6: hash of an attachment
  settings TEXT NOT NULL DEFAULT '{}',             -- 7: JSON object of settings that have no column of their own
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;

-- table 2 site: a place the practice works at
CREATE TABLE site (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  name TEXT NOT NULL,                              -- 1: "Main Street"
  prefix TEXT NOT NULL,                            -- 2: of human-readable numbers: "M"
  zone TEXT NOT NULL,                              -- 3: IANA time zone
  line1 TEXT NOT NULL DEFAULT '',                  -- 4 address: street and number
  line2 TEXT NOT NULL DEFAULT '',                  -- 5 address: suite, floor
  city TEXT NOT NULL DEFAULT '',                   -- 6 address: city
  state TEXT NOT NULL DEFAULT '',                  -- 7 address: state or region
  postal_code TEXT NOT NULL DEFAULT '',            -- 8 address: postal code
  country TEXT NOT NULL DEFAULT '',                -- 9 address: ISO 3166-1 alpha-2
  phone TEXT NOT NULL DEFAULT '',                  -- 10: E.164 or as given
  waiting_place TEXT NOT NULL DEFAULT '',          -- 11: where a client waits after check-in: "Second floor, blue chairs"
  active INTEGER NOT NULL DEFAULT 1,               -- 12: 0 once closed
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;

-- table 3 node: a device that holds a replica
CREATE TABLE node (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- made from `number` (node_row_id), so that both ends name one row
  number INTEGER NOT NULL,                         -- 1: NodeId, from the public key; names it in the journal
  name TEXT NOT NULL,                              -- 2: "Lobby tablet 1"
  kind TEXT NOT NULL,                              -- 3: root, office, lobby
  scope TEXT NOT NULL,                             -- 4: practice, site, lobby
  site BLOB REFERENCES site DEFERRABLE INITIALLY DEFERRED, -- 5: where it stands; NULL for the root
  public_key BLOB NOT NULL,                        -- 6: Ed25519
  enrolled_at INTEGER NOT NULL,                    -- 7: when
  upstream INTEGER,                                -- 8: NodeId that it enrolled with; NULL for the root
  revoked_at INTEGER,                              -- 9: when trust ended; NULL while trusted
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;

------------------------------------------------------------------------------------------------------- staff and permission

-- table 4 staff: a person who works for the practice and may sign in
CREATE TABLE staff (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  username TEXT NOT NULL,                          -- 1: sign-in name, lower case
  given TEXT NOT NULL,                             -- 2 name: given names
  family TEXT NOT NULL,                            -- 3 name: family name
  password_hash TEXT NOT NULL DEFAULT '',          -- 4: Argon2id; '' when there is no password yet
  pin_hash TEXT NOT NULL DEFAULT '',               -- 5: Argon2id of the PIN for the kiosk's staff board; '' for none
  language TEXT NOT NULL DEFAULT '',               -- 6: BCP 47; '' for the practice's
  active INTEGER NOT NULL DEFAULT 1,               -- 7: 0 once left
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;

-- table 5 role: a job, named by the practice
CREATE TABLE role (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  name TEXT NOT NULL,                              -- 1: "Front desk"
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;

-- table 6 role_permission: what a role may do; id made from role and permission
CREATE TABLE role_permission (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  role BLOB NOT NULL REFERENCES role DEFERRABLE INITIALLY DEFERRED, -- 1: whose
  permission TEXT NOT NULL,                        -- 2: "client.read" (common/practice/permission.h)
  allowed INTEGER NOT NULL,                        -- 3: 1 granted, 0 taken back
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;
CREATE INDEX role_permission_role ON role_permission (role);

-- table 7 staff_role: a role held at a site, or at all; id made from staff, role and site
CREATE TABLE staff_role (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  staff BLOB NOT NULL REFERENCES staff DEFERRABLE INITIALLY DEFERRED, -- 1: who
  role BLOB NOT NULL REFERENCES role DEFERRABLE INITIALLY DEFERRED,   -- 2: which
  site BLOB REFERENCES site DEFERRABLE INITIALLY DEFERRED,            -- 3: where; NULL for every site
  active INTEGER NOT NULL DEFAULT 1,               -- 4: 0 once taken back
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;
CREATE INDEX staff_role_staff ON staff_role (staff);

------------------------------------------------------------------------------------------------------------------- clients

-- table 8 client: a person who is served (FHIR Patient)
CREATE TABLE client (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  given TEXT NOT NULL,                             -- 1 name: given names, in order
  family TEXT NOT NULL,                            -- 2 name: family name
  prefix TEXT NOT NULL DEFAULT '',                 -- 3 name: "Mr."
  suffix TEXT NOT NULL DEFAULT '',                 -- 4 name: "PhD"
  sort_name TEXT NOT NULL,                         -- 5 name: str_fold of family and given, for search
  preferred_name TEXT NOT NULL DEFAULT '',         -- 6: how the person wants to be called
  birth_date TEXT NOT NULL DEFAULT '',             -- 7: date of birth; '' unknown
  gender TEXT NOT NULL DEFAULT '',                 -- 8: male, female, other, unknown (FHIR administrative-gender)
  language TEXT NOT NULL DEFAULT '',               -- 9: BCP 47; '' unknown
  phone TEXT NOT NULL DEFAULT '',                  -- 10: as people read it; digits and + - ( ) space
  email TEXT NOT NULL DEFAULT '',                  -- 11: address for messages
  line1 TEXT NOT NULL DEFAULT '',                  -- 12 address: street and number
  line2 TEXT NOT NULL DEFAULT '',                  -- 13 address: flat
  city TEXT NOT NULL DEFAULT '',                   -- 14 address: city
  state TEXT NOT NULL DEFAULT '',                  -- 15 address: state or region
  postal_code TEXT NOT NULL DEFAULT '',            -- 16 address: postal code
  country TEXT NOT NULL DEFAULT '',                -- 17 address: ISO 3166-1 alpha-2, or as given
  status TEXT NOT NULL DEFAULT 'active',           -- 18: active, inactive, deceased
  contact_confirmed_at INTEGER,                    -- 19: when the person last said that the contact details are right
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;
CREATE INDEX client_birth ON client (birth_date);
CREATE INDEX client_sort_name ON client (sort_name);

-- table 9 client_identifier: a number that someone knows the client by; id made from system and value
CREATE TABLE client_identifier (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  client BLOB NOT NULL REFERENCES client DEFERRABLE INITIALLY DEFERRED, -- 1: whose
  system TEXT NOT NULL,                            -- 2 identifier: URI of who gave it
  value TEXT NOT NULL,                             -- 3 identifier: the number
  type TEXT NOT NULL DEFAULT '',                   -- 4 identifier: code (HL7 v2-0203): MR, SS, DL, PPN
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;
CREATE INDEX client_identifier_client ON client_identifier (client);

-- table 10 related_person: someone who belongs to a client: guardian, emergency contact
CREATE TABLE related_person (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  client BLOB NOT NULL REFERENCES client DEFERRABLE INITIALLY DEFERRED, -- 1: whose
  given TEXT NOT NULL,                             -- 2 name: given names
  family TEXT NOT NULL,                            -- 3 name: family name
  relationship TEXT NOT NULL DEFAULT '',           -- 4: HL7 v3-RoleCode or words
  phone TEXT NOT NULL DEFAULT '',                  -- 5: as given
  email TEXT NOT NULL DEFAULT '',                  -- 6: as given
  guardian INTEGER NOT NULL DEFAULT 0,             -- 7: may sign for the client
  emergency INTEGER NOT NULL DEFAULT 0,            -- 8: to be called in an emergency
  active INTEGER NOT NULL DEFAULT 1,               -- 9: 0 once it no longer holds
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;
CREATE INDEX related_person_client ON related_person (client);

-- table 11 client_link: two records of one person, resolved on reading; id made from the pair
CREATE TABLE client_link (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  client BLOB NOT NULL REFERENCES client DEFERRABLE INITIALLY DEFERRED,   -- 1: the record that shows the other one too
  same_as BLOB NOT NULL REFERENCES client DEFERRABLE INITIALLY DEFERRED,  -- 2: the record that is folded into it
  active INTEGER NOT NULL,                         -- 3: 0 once un-linked
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;
CREATE INDEX client_link_client ON client_link (client);
CREATE INDEX client_link_same_as ON client_link (same_as);

-- table 12 coverage: insurance (FHIR Coverage)
CREATE TABLE coverage (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  client BLOB NOT NULL REFERENCES client DEFERRABLE INITIALLY DEFERRED, -- 1: the beneficiary
  payer TEXT NOT NULL,                             -- 2 coverage: insurer's name; "self-pay" is a coverage too
  plan TEXT NOT NULL DEFAULT '',                   -- 3 coverage: plan's name
  member_id TEXT NOT NULL DEFAULT '',              -- 4 coverage: member number
  group_number TEXT NOT NULL DEFAULT '',           -- 5 coverage: group number
  subscriber TEXT NOT NULL DEFAULT '',             -- 6 coverage: name of the subscriber; '' for the client
  relationship TEXT NOT NULL DEFAULT 'self',       -- 7 coverage: of the client to the subscriber
  start_date TEXT NOT NULL DEFAULT '',             -- 8 coverage: first day
  end_date TEXT NOT NULL DEFAULT '',               -- 9 coverage: last day
  rank INTEGER NOT NULL DEFAULT 1,                 -- 10: 1 primary, 2 secondary
  status TEXT NOT NULL DEFAULT 'active',           -- 11: active, cancelled
  verified_at INTEGER,                             -- 12 verification: when eligibility was last verified
  verified_note TEXT NOT NULL DEFAULT '',          -- 13 verification: what came back
  confirmed_at INTEGER,                            -- 14: when the client last said that it is current
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;
CREATE INDEX coverage_client ON coverage (client);

-- table 13 access, append-only: someone read a person's record
CREATE TABLE access (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  client BLOB NOT NULL,                            -- 1: whose record; no foreign key: the entry outlives a purge
  staff BLOB,                                      -- 2: who read; NULL for the person at the kiosk
  face TEXT NOT NULL,                              -- 3: desk, kiosk, api, export
  what TEXT NOT NULL,                              -- 4: chart, answers, consent, identification
  at INTEGER NOT NULL,                             -- 5: when
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;
CREATE INDEX access_client ON access (client, at);

---------------------------------------------------------------------------------------------------------------- scheduling

-- table 14 provider: who sees clients (FHIR Practitioner)
CREATE TABLE provider (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  staff BLOB REFERENCES staff DEFERRABLE INITIALLY DEFERRED, -- 1: the same person as staff; NULL if none signs in
  given TEXT NOT NULL,                             -- 2 name: given names
  family TEXT NOT NULL,                            -- 3 name: family name
  prefix TEXT NOT NULL DEFAULT '',                 -- 4 name: "Dr."
  identifier TEXT NOT NULL DEFAULT '',             -- 5: NPI or bar number
  specialty TEXT NOT NULL DEFAULT '',              -- 6: in words
  active INTEGER NOT NULL DEFAULT 1,               -- 7: 0 once left
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;

-- table 15 provider_site: a provider works at a site; id made from both
CREATE TABLE provider_site (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  provider BLOB NOT NULL REFERENCES provider DEFERRABLE INITIALLY DEFERRED, -- 1: who
  site BLOB NOT NULL REFERENCES site DEFERRABLE INITIALLY DEFERRED,         -- 2: where
  active INTEGER NOT NULL DEFAULT 1,               -- 3: 0 once ended
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;
CREATE INDEX provider_site_provider ON provider_site (provider);

-- table 16 resource: a room or a piece of equipment
CREATE TABLE resource (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  site BLOB NOT NULL REFERENCES site DEFERRABLE INITIALLY DEFERRED, -- 1: where it is
  name TEXT NOT NULL,                              -- 2: "Room 3"
  kind TEXT NOT NULL,                              -- 3: room, equipment
  capacity INTEGER NOT NULL DEFAULT 1,             -- 4: how many visits at one time
  active INTEGER NOT NULL DEFAULT 1,               -- 5: 0 once gone
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;

-- table 17 appointment_type: what can be booked
CREATE TABLE appointment_type (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  name TEXT NOT NULL,                              -- 1: "Follow-up visit"
  minutes INTEGER NOT NULL,                        -- 2: duration
  buffer_before INTEGER NOT NULL DEFAULT 0,        -- 3: minutes kept free before
  buffer_after INTEGER NOT NULL DEFAULT 0,         -- 4: minutes kept free after
  service_line TEXT NOT NULL DEFAULT '',           -- 5: for reports
  price_minor INTEGER NOT NULL DEFAULT 0,          -- 6 price: in minor units
  price_currency TEXT NOT NULL DEFAULT '',         -- 7 price: ISO 4217; '' for the practice's
  walk_in INTEGER NOT NULL DEFAULT 0,              -- 8: 1 for the type that a walk-in gets
  active INTEGER NOT NULL DEFAULT 1,               -- 9: 0 once no longer offered
  capacity INTEGER NOT NULL DEFAULT 1,             -- 10: how many clients one session takes; above 1: group visits
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;

-- table 18 appointment: a visit, booked or walked in (FHIR Appointment)
CREATE TABLE appointment (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  client BLOB NOT NULL REFERENCES client DEFERRABLE INITIALLY DEFERRED, -- 1: who comes
  type BLOB NOT NULL REFERENCES appointment_type DEFERRABLE INITIALLY DEFERRED, -- 2: for what
  site BLOB NOT NULL REFERENCES site DEFERRABLE INITIALLY DEFERRED, -- 3 booking: where
  provider BLOB REFERENCES provider DEFERRABLE INITIALLY DEFERRED, -- 4 booking: with whom; NULL: whoever is free
  resource BLOB REFERENCES resource DEFERRABLE INITIALLY DEFERRED, -- 5: the room it is in, once known
  start_wall TEXT NOT NULL,                        -- 6 booking: wall-clock start in the site's zone
  minutes INTEGER NOT NULL,                        -- 7 booking: duration
  demand BLOB,                                     -- 8 booking: the bookings that ask for this time; NULL: it claims no calendar
  status TEXT NOT NULL,                            -- 9: booked, arrived, roomed, done, noshow, cancelled
  walk_in INTEGER NOT NULL DEFAULT 0,              -- 10: 1 when it was not booked before
  ticket TEXT NOT NULL DEFAULT '',                 -- 11: what the lobby display calls out instead of a name: "M-07"
  arrived_at INTEGER,                              -- 12: when the client said "I am here"
  called_at INTEGER,                               -- 13: when staff called the client
  note TEXT NOT NULL DEFAULT '',                   -- 14: reason of the visit
  external_id TEXT NOT NULL DEFAULT '',            -- 15: of the system it was imported from
  series BLOB REFERENCES series DEFERRABLE INITIALLY DEFERRED, -- 16: NULL: it stands alone
  occurrence_wall TEXT NOT NULL DEFAULT '',        -- 17: which of the series: its start by the rule, wherever it was moved since
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;
CREATE INDEX appointment_site_start ON appointment (site, start_wall);
CREATE INDEX appointment_client ON appointment (client, start_wall);
CREATE INDEX appointment_series ON appointment (series) WHERE series IS NOT NULL;

-- table 19 appointment_event, append-only: what happened to a visit
CREATE TABLE appointment_event (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  appointment BLOB NOT NULL REFERENCES appointment DEFERRABLE INITIALLY DEFERRED, -- 1: which
  kind TEXT NOT NULL,                              -- 2: booked, arrived, called, roomed, done, noshow, cancelled, moved, reopened
  at INTEGER NOT NULL,                             -- 3: when
  staff BLOB,                                      -- 4: who; NULL for the client
  note TEXT NOT NULL DEFAULT '',                   -- 5: why
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;
CREATE INDEX appointment_event_appointment ON appointment_event (appointment, at);

-- Who may say which time is whose: common/practice/BOOKINGS.md. A calendar is a row of provider or resource, named by its id. A lobby
-- tablet needs `booking`, `ruling` and `calendar_lease` of the visits it holds, to read, so that it shows what is firm; it never
-- writes any of these six tables.

-- table 29 calendar_lease, append-only: who rules on a calendar from here on; the one of the highest number counts
CREATE TABLE calendar_lease (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  calendar BLOB NOT NULL,                          -- 1: provider or resource
  number INTEGER NOT NULL,                         -- 2: fencing number; + 1 when handed over, up to the next million when seized
  holder INTEGER NOT NULL,                         -- 3: NodeId of the home node
  first_ruling INTEGER NOT NULL,                   -- 4: number of its first ruling; rulings of lower leases from there on are void
  since_at INTEGER NOT NULL,                       -- 5: when it was given
  until_at INTEGER,                                -- 6: when its holder stops to rule by itself; NULL: open-ended
  given_by INTEGER NOT NULL,                       -- 7: NodeId of the holder before it, or of the root
  staff BLOB,                                      -- 8: whose decision; NULL: set-up and enrolment
  reason TEXT NOT NULL DEFAULT '',                 -- 9: why
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;
CREATE INDEX calendar_lease_calendar ON calendar_lease (calendar, number);

-- table 30 booking, append-only: a visit asks for the time of one calendar
CREATE TABLE booking (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  demand BLOB NOT NULL,                            -- 1: the same for all calendars that are asked for together
  appointment BLOB NOT NULL REFERENCES appointment DEFERRABLE INITIALLY DEFERRED, -- 2: for which visit
  calendar BLOB NOT NULL,                          -- 3: provider or resource
  site BLOB NOT NULL REFERENCES site DEFERRABLE INITIALLY DEFERRED, -- 4: in whose zone the start is
  start_wall TEXT NOT NULL,                        -- 5: wall-clock start
  minutes INTEGER NOT NULL,                        -- 6: duration
  before_minutes INTEGER NOT NULL DEFAULT 0,       -- 7: kept free before it
  after_minutes INTEGER NOT NULL DEFAULT 0,        -- 8: kept free after it
  session BLOB,                                    -- 9: shared by the visits of one group session; NULL: alone
  seats INTEGER NOT NULL DEFAULT 1,                -- 10: of the session
  double_reason TEXT NOT NULL DEFAULT '',          -- 11: why it may stand beside another one; '': it may not
  double_by BLOB,                                  -- 12: staff who decided so
  asked_at INTEGER NOT NULL,                       -- 13: when; keeps its place in the rebooking queue
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;
CREATE INDEX booking_demand ON booking (demand);
CREATE INDEX booking_appointment ON booking (appointment);
CREATE INDEX booking_calendar ON booking (calendar, start_wall);

-- table 31 ruling, append-only: a decision by whoever rules on a calendar
CREATE TABLE ruling (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  calendar BLOB NOT NULL,                          -- 1: which
  lease BLOB NOT NULL,                             -- 2: under which lease
  fence INTEGER NOT NULL,                          -- 3: the lease's number
  number INTEGER NOT NULL,                         -- 4: running number of the calendar's rulings; under an allotment: that of its grant
  decision TEXT NOT NULL,                          -- 5: firm, refused, released; of allotments: granted, closed
  booking BLOB REFERENCES booking DEFERRABLE INITIALLY DEFERRED,     -- 6: about which; NULL: about an allotment
  allotment BLOB REFERENCES allotment DEFERRABLE INITIALLY DEFERRED, -- 7: about which, or by whose right
  part INTEGER NOT NULL DEFAULT 0,                 -- 8: running number under the allotment; when closed: how many of them count
  lane INTEGER NOT NULL DEFAULT 0,                 -- 9: of the calendar; at or above its capacity: a deliberate double booking
  seat INTEGER NOT NULL DEFAULT 0,                 -- 10: in the session
  at INTEGER NOT NULL,                             -- 11: when
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;
CREATE INDEX ruling_booking ON ruling (booking);
CREATE INDEX ruling_allotment ON ruling (allotment, part);
CREATE INDEX ruling_lease ON ruling (lease, number);
CREATE INDEX ruling_calendar ON ruling (calendar, number);

-- Rulings that no lease voids: none of a higher number began at or before it; of two of one number the higher id counts.
CREATE VIEW leased_ruling AS SELECT r.* FROM ruling r WHERE NOT EXISTS (SELECT 1 FROM calendar_lease n
  WHERE n.calendar = r.calendar AND n.number >= r.fence
  AND ((n.number > r.fence AND n.first_ruling <= r.number) OR (n.number = r.fence AND n.id > r.lease)));

-- Rulings that stand: nor does the closing of their allotment void them.
CREATE VIEW standing_ruling AS SELECT r.* FROM leased_ruling r WHERE r.part = 0 OR r.decision = 'closed' OR NOT EXISTS (
  SELECT 1 FROM leased_ruling e WHERE e.allotment = r.allotment AND e.decision = 'closed' AND e.part < r.part);

-- table 32 allotment, append-only: time that a calendar's home node gave to another node to book
CREATE TABLE allotment (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  calendar BLOB NOT NULL,                          -- 1: of which calendar
  node INTEGER NOT NULL,                           -- 2: NodeId that may book it
  site BLOB NOT NULL REFERENCES site DEFERRABLE INITIALLY DEFERRED, -- 3: in whose zone the start is
  start_wall TEXT NOT NULL,                        -- 4: wall-clock start
  minutes INTEGER NOT NULL,                        -- 5: duration
  lane INTEGER NOT NULL DEFAULT 0,                 -- 6: of the calendar
  expires_at INTEGER NOT NULL,                     -- 7: from this HLC of its node's own on, that node books nothing in it
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;
CREATE INDEX allotment_calendar ON allotment (calendar);
CREATE INDEX allotment_node ON allotment (node);

-- table 33 booking_offer, append-only: a time that was free when a visit lost its own; id made from demand and place
CREATE TABLE booking_offer (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  demand BLOB NOT NULL,                            -- 1: which lost
  calendar BLOB NOT NULL,                          -- 2: with whom
  start_wall TEXT NOT NULL,                        -- 3: wall-clock start at the visit's site
  minutes INTEGER NOT NULL,                        -- 4: duration
  place INTEGER NOT NULL,                          -- 5: 0: the nearest
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;
CREATE INDEX booking_offer_demand ON booking_offer (demand);

-- table 34 series: visits that recur; each occurrence is an appointment with bookings of its own
CREATE TABLE series (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  client BLOB NOT NULL REFERENCES client DEFERRABLE INITIALLY DEFERRED, -- 1: who comes
  type BLOB NOT NULL REFERENCES appointment_type DEFERRABLE INITIALLY DEFERRED, -- 2: for what
  site BLOB NOT NULL REFERENCES site DEFERRABLE INITIALLY DEFERRED, -- 3: where
  provider BLOB REFERENCES provider DEFERRABLE INITIALLY DEFERRED, -- 4: with whom
  first_wall TEXT NOT NULL,                        -- 5 rule: first start
  rule TEXT NOT NULL,                              -- 6 rule: RRULE (RFC 5545)
  active INTEGER NOT NULL DEFAULT 1,               -- 7: 0 once ended
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;
CREATE INDEX series_client ON series (client);

------------------------------------------------------------------------------------------------- questionnaires and consents

-- table 20 questionnaire, append-only: one immutable version of a form (FHIR R4 Questionnaire); id made from its hash
CREATE TABLE questionnaire (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  url TEXT NOT NULL,                               -- 1: canonical URL; the same for all versions
  version TEXT NOT NULL DEFAULT '',                -- 2: the author's version
  title TEXT NOT NULL,                             -- 3: for people
  hash BLOB NOT NULL,                              -- 4: BLAKE2b-256 of body
  body TEXT NOT NULL,                              -- 5: canonical JSON
  added_at INTEGER NOT NULL,                       -- 6: the newest of a url is the one in use
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;
CREATE INDEX questionnaire_url ON questionnaire (url, added_at);

-- table 21 consent_document, append-only: one immutable version of a text that is signed, in one language; id from its hash
CREATE TABLE consent_document (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  code TEXT NOT NULL,                              -- 1: "privacy-practices"; the same for all versions and languages
  version TEXT NOT NULL,                           -- 2: "2026-01"
  language TEXT NOT NULL,                          -- 3: BCP 47
  title TEXT NOT NULL,                             -- 4: for people
  body TEXT NOT NULL,                              -- 5: plain text; paragraphs are separated by an empty line, headings by "# "
  intent TEXT NOT NULL,                            -- 6: what signing means: "By signing I agree to ..."
  hash BLOB NOT NULL,                              -- 7: BLAKE2b-256 of title, body and intent, each followed by a zero byte
  added_at INTEGER NOT NULL,                       -- 8: the newest of a code and language is the one in use
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;
CREATE INDEX consent_document_code ON consent_document (code, language, added_at);

-- table 22 form_rule: what is due at a visit; id made from type, kind and form
CREATE TABLE form_rule (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  type BLOB REFERENCES appointment_type DEFERRABLE INITIALLY DEFERRED, -- 1: for visits of this type; NULL for all
  kind TEXT NOT NULL,                              -- 2: questionnaire, consent
  form TEXT NOT NULL,                              -- 3: questionnaire url or consent code
  valid_days INTEGER NOT NULL DEFAULT 0,           -- 4: due again after so many days; 0 asked at every visit, -1 once for good
  position INTEGER NOT NULL DEFAULT 0,             -- 5: order of asking
  active INTEGER NOT NULL DEFAULT 1,               -- 6: 0 once no longer asked
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;

-- table 23 questionnaire_response, append-only: completed answers (FHIR R4 QuestionnaireResponse)
CREATE TABLE questionnaire_response (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  questionnaire BLOB NOT NULL REFERENCES questionnaire DEFERRABLE INITIALLY DEFERRED, -- 1: the very version that was shown
  client BLOB NOT NULL REFERENCES client DEFERRABLE INITIALLY DEFERRED, -- 2: about whom
  appointment BLOB REFERENCES appointment DEFERRABLE INITIALLY DEFERRED, -- 3: for which visit
  amends BLOB,                                     -- 4: the response that this one corrects
  language TEXT NOT NULL,                          -- 5: in which it was shown
  completed_at INTEGER NOT NULL,                   -- 6: when
  face TEXT NOT NULL,                              -- 7: kiosk, desk, portal
  body TEXT NOT NULL,                              -- 8: canonical JSON
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;
CREATE INDEX questionnaire_response_client ON questionnaire_response (client, completed_at);

-- table 24 consent, append-only: a decision on a document, with its evidence (FHIR Consent; ESIGN 15 USC 7001, UETA)
CREATE TABLE consent (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  document BLOB NOT NULL REFERENCES consent_document DEFERRABLE INITIALLY DEFERRED, -- 1: the very version that was shown
  client BLOB NOT NULL REFERENCES client DEFERRABLE INITIALLY DEFERRED, -- 2: whose
  appointment BLOB REFERENCES appointment DEFERRABLE INITIALLY DEFERRED, -- 3: at which visit
  decision TEXT NOT NULL,                          -- 4: signed, refused, withdrawn
  decided_at INTEGER NOT NULL,                     -- 5: when
  language TEXT NOT NULL,                          -- 6: in which it was shown
  shown_hash BLOB NOT NULL,                        -- 7: BLAKE2b-256 of the exact bytes shown
  intent TEXT NOT NULL,                            -- 8: the sentence beside the signature
  electronic INTEGER NOT NULL,                     -- 9: 1: agreed to do this business electronically
  read_to_end INTEGER NOT NULL,                    -- 10: 1: the text was on screen to its end
  signer_name TEXT NOT NULL DEFAULT '',            -- 11: as typed or known
  signer_relationship TEXT NOT NULL DEFAULT 'self',-- 12: self, guardian
  method TEXT NOT NULL DEFAULT '',                 -- 13: drawn, typed, witnessed; '' when refused
  ink BLOB,                                        -- 14: hash of the attachment with the strokes; NULL unless drawn
  witness BLOB,                                    -- 15: staff; NULL unless witnessed
  device TEXT NOT NULL DEFAULT '',                 -- 16: node's name and number
  copy_offered TEXT NOT NULL DEFAULT '',           -- 17: how the signer gets a copy: desk, email, none
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;
CREATE INDEX consent_client ON consent (client, decided_at);

-- table 25 attachment, append-only: names bytes that are kept and sent apart (common/store/blob.h); id made from hash and client
CREATE TABLE attachment (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  client BLOB REFERENCES client DEFERRABLE INITIALLY DEFERRED, -- 1: whose; NULL for the practice's own (a logo)
  hash BLOB NOT NULL,                              -- 2: BLAKE2b-256 of the bytes
  size_bytes INTEGER NOT NULL,                     -- 3: how many
  media_type TEXT NOT NULL,                        -- 4: RFC 6838
  kind TEXT NOT NULL,                              -- 5: ink, card, photo, document, logo
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;
CREATE INDEX attachment_client ON attachment (client);
CREATE INDEX attachment_hash ON attachment (hash);

----------------------------------------------------------------------------------------------------------- work and money

-- table 26 task: something for staff to do
CREATE TABLE task (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  kind TEXT NOT NULL,                              -- 1: help, consent-refused, coverage-check, identity, rebook, move-refused, number-taken, todo
  title TEXT NOT NULL,                             -- 2: in words; for kinds that the program makes, an i18n key
  site BLOB REFERENCES site DEFERRABLE INITIALLY DEFERRED,               -- 3: where
  client BLOB REFERENCES client DEFERRABLE INITIALLY DEFERRED,           -- 4: about whom
  appointment BLOB REFERENCES appointment DEFERRABLE INITIALLY DEFERRED, -- 5: about which visit
  owner BLOB REFERENCES staff DEFERRABLE INITIALLY DEFERRED,             -- 6: who does it; NULL: whoever is first
  due_at INTEGER,                                  -- 7: by when
  created_at INTEGER NOT NULL,                     -- 8: when asked
  status TEXT NOT NULL DEFAULT 'open',             -- 9 state: open, done, cancelled
  closed_at INTEGER,                               -- 10 state: when
  closed_by BLOB,                                  -- 11 state: staff
  note TEXT NOT NULL DEFAULT '',                   -- 12: more words
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;
CREATE INDEX task_open ON task (status, site, created_at);

-- table 27 posting, append-only: one thing that moved money; its lines add up to zero
CREATE TABLE posting (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  key TEXT NOT NULL,                               -- 1: what it is for; a key is posted at most once
  kind TEXT NOT NULL,                              -- 2: charge, payment, refund, write-off, transfer, reversal
  client BLOB REFERENCES client DEFERRABLE INITIALLY DEFERRED,           -- 3: whose account
  appointment BLOB REFERENCES appointment DEFERRABLE INITIALLY DEFERRED, -- 4: for which visit
  at INTEGER NOT NULL,                             -- 5: when
  currency TEXT NOT NULL,                          -- 6: ISO 4217, of all its lines
  note TEXT NOT NULL DEFAULT '',                   -- 7: why
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;
CREATE INDEX posting_client ON posting (client, at);
CREATE INDEX posting_key ON posting (key);

-- table 28 ledger_line, append-only: one side of a posting
CREATE TABLE ledger_line (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  posting BLOB NOT NULL REFERENCES posting DEFERRABLE INITIALLY DEFERRED, -- 1: of which
  account TEXT NOT NULL,                           -- 2: receivable, revenue, cash, card, write-off, deposit
  amount_minor INTEGER NOT NULL,                   -- 3: minor units; debit positive, credit negative
  v BLOB NOT NULL DEFAULT (foyer_stamp())
) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_line_posting ON ledger_line (posting);
