/* A CSV file with its columns found: what the import_csv_*.c files share. Included by them alone. */
#pragma once

#include "common/practice/import_internal.h"
#include "common/practice/loose_date.h"

/* CSV_COLUMN_TABLE: constant, its name, other names it goes by; compared folded, without spaces. */
#define CSV_COLUMN_TABLE(X)                                                                                     \
  X(CSV_ID, "id", "externalid mrn chartnumber recordnumber patientid clientid number appointmentid")            \
  X(CSV_CLIENT, "client", "clientid patientid patient patientnumber clientnumber mrn chartnumber recordnumber") \
  X(CSV_GIVEN, "given", "givenname givennames firstname first forename nombre nombres")                         \
  X(CSV_FAMILY, "family", "familyname lastname last surname apellido apellidos")                                \
  X(CSV_PREFERRED, "preferredname", "preferred nickname knownas")                                               \
  X(CSV_BIRTH, "birthdate", "dateofbirth dob birthday born fechadenacimiento nacimiento")                       \
  X(CSV_GENDER, "gender", "sex sexo genero")                                                                    \
  X(CSV_LANGUAGE, "language", "preferredlanguage idioma")                                                       \
  X(CSV_PHONE, "phone", "phonenumber telephone mobile mobilephone cell cellphone telefono movil")               \
  X(CSV_EMAIL, "email", "emailaddress mail correo correoelectronico")                                           \
  X(CSV_LINE1, "line1", "address addressline1 address1 street direccion")                                       \
  X(CSV_LINE2, "line2", "addressline2 address2 apartment unit")                                                 \
  X(CSV_CITY, "city", "town ciudad")                                                                            \
  X(CSV_STATE, "state", "region province estado provincia")                                                     \
  X(CSV_POSTAL, "postalcode", "zip zipcode postcode codigopostal cp")                                           \
  X(CSV_COUNTRY, "country", "pais")                                                                             \
  X(CSV_PAYER, "payer", "insurance insurer insurancename carrier seguro aseguradora")                           \
  X(CSV_PLAN, "plan", "planname")                                                                               \
  X(CSV_MEMBER, "memberid", "membernumber policynumber subscriberid")                                           \
  X(CSV_GROUP, "groupnumber", "group groupid")                                                                  \
  X(CSV_START, "start", "starttime datetime startsat")                                                          \
  X(CSV_DATE, "date", "day appointmentdate visitdate fecha")                                                    \
  X(CSV_TIME, "time", "hour appointmenttime hora")                                                              \
  X(CSV_MINUTES, "minutes", "duration length durationminutes duracion")                                         \
  X(CSV_TYPE, "type", "appointmenttype visittype service tipo")                                                 \
  X(CSV_PROVIDER, "provider", "providername doctor practitioner with")                                          \
  X(CSV_SITE, "site", "location office sede")                                                                   \
  X(CSV_STATUS, "status", "estado state")                                                                       \
  X(CSV_NOTE, "note", "notes reason reasonforvisit comment motivo nota")

typedef enum CsvColumn {
#define CSV_NAME(constant, name, others) constant,
  CSV_COLUMN_TABLE(CSV_NAME)
#undef CSV_NAME
      CSV_COLUMN_COUNT
} CsvColumn;

typedef struct CsvRow {
  size_t line;
  Str *fields;
  size_t count;
} CsvRow;

typedef struct CsvFile {
  Arena *arena;
  Store *store;
  Tx *tx; /* begun while rows are taken */
  ImportReport *report;
  CsvRow *rows;
  size_t count;
  int column[CSV_COLUMN_COUNT]; /* index of the field; -1: the file lacks it */
  DateOrder order;              /* how its dates are written, where that can be told; DATE_CLEAR: it cannot */
} CsvFile;

/* csv_field: tidied; "" when the file or the row lacks it. */
Str csv_field(const CsvFile *file, const CsvRow *row, CsvColumn column);
/* csv_date: ISO in the arena, "" when there is none; false when it is no date, or can be read two ways. */
bool csv_date(const CsvFile *file, Str text, Str *out);
/* csv_refuse: this row is not taken: "line 17: phone". */
void csv_refuse(CsvFile *file, const CsvRow *row, const char *field, const char *why);
/* csv_client: whose row it is, by number (may be ""), or by name and date of birth; nil when nobody fits. ERR_CONFLICT when more than one
 * does. */
MUST_CHECK Err csv_client(CsvFile *file, Str number, Str given, Str family, Str birth, Uuid *out);

/* CSV_NUMBERS: the system of numbers in a column "id". */
#define CSV_NUMBERS STR("urn:foyer:csv")

/* One row; a mistake in it is csv_refuse'd, and ERR_OK. */
typedef Err CsvTake(CsvFile *file, const CsvRow *row);
CsvTake csv_take_client, csv_take_visit;
