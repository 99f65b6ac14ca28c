/* day_store_postgres.h: day_store.h for a store on PostgreSQL; day_store.c calls it for those. */
#ifndef DB_DAY_STORE_POSTGRES_H
#define DB_DAY_STORE_POSTGRES_H

#include "db/day_store.h"

enum day_status day_store_postgres_status(struct sq_store *store, const struct day *day);
uint32_t day_store_postgres_newest(struct sq_store *store, char book[4]);
void day_store_postgres_attach(struct sq_store *store, struct day_attachment *attachment);

#endif
