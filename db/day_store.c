/* day_store.c: each store has the tables in its own way */
#include "db/day_store.h"

#include "db/day_store_postgres.h"
#include "db/day_store_sqlite.h"
#include "db/store_postgres.h"

enum day_status day_store_status(struct sq_store *store, const struct day *day)
{
    return store_is_postgres(store) ? day_store_postgres_status(store, day)
                                    : day_store_sqlite_status(store, day);
}

uint32_t day_store_newest(struct sq_store *store, char book[4])
{
    return store_is_postgres(store) ? day_store_postgres_newest(store, book)
                                    : day_store_sqlite_newest(store, book);
}

void day_store_attach(struct sq_store *store, struct day_attachment *attachment)
{
    if (store_is_postgres(store))
        day_store_postgres_attach(store, attachment);
    else
        day_store_sqlite_attach(store, attachment);
}
