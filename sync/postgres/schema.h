/* The tables of the log in PostgreSQL. Additive: a newer program only ever adds to them, and raises foyer.version. */
#pragma once

enum { POSTGRES_VERSION = 1 };
extern const char POSTGRES_SCHEMA[];
