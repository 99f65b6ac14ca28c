/*
 * day_store.h: what a state database remembers of imported days: their digests, so that the same
 * files again change nothing, and every contract of the newest, for contracts added by hand later.
 */
#ifndef DB_DAY_STORE_H
#define DB_DAY_STORE_H

#include "core/port.h"
#include "db/day.h"

enum day_status {
    DAY_NEW,   /* nothing of this day is there */
    DAY_SAME,  /* loaded already, from the same content */
    DAY_OTHER, /* loaded already, from other content */
    DAY_UNREADABLE
};
/* Of a store on SQLite or PostgreSQL: what it has of the book's day. */
enum day_status day_store_status(struct sq_store *store, const struct day *day);

/* The newest day that was loaded, and its book; 0: none. */
uint32_t day_store_newest(struct sq_store *store, char book[4]);

struct day_attachment {
    const struct day *day;
    sq_time now; /* when it is loaded */
};

/*
 * Has the store's next commit also write the day's row and its contracts, in the same transaction.
 * The attachment is borrowed until that commit.
 */
void day_store_attach(struct sq_store *store, struct day_attachment *attachment);

#endif
