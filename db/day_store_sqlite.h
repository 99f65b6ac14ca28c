/*
 * day_store_sqlite.h: day_store.h for a store on SQLite. A program that opens no other calls it
 * itself, and needs no library of PostgreSQL.
 */
#ifndef DB_DAY_STORE_SQLITE_H
#define DB_DAY_STORE_SQLITE_H

#include "db/day_store.h"

enum day_status day_store_sqlite_status(struct sq_store *store, const struct day *day);
uint32_t day_store_sqlite_newest(struct sq_store *store, char book[4]);
void day_store_sqlite_attach(struct sq_store *store, struct day_attachment *attachment);

#endif
