/* served_parts.h: what the files of a served book share: served.c (opening, driving, submits),
 * served_events.c (events into the ring), served_frames.c (frames for consoles), served_rates.c. */
#ifndef NET_SERVED_PARTS_H
#define NET_SERVED_PARTS_H

#include "net/served.h"

/* Whom an event concerns. */
enum audience {
    AUDIENCE_ALL,    /* everybody in the book */
    AUDIENCE_CLIENT, /* who has the client in scope */
    AUDIENCE_PERSON  /* whom it answers, and who sees everything */
};

/* served_events.c */
/* Takes an event into the tables and the ring. */
void served_take_event(struct served *book, const struct sq_message *event);
/* Fills the ring with the newest events of the journal, as whole rows. */
void served_fill_ring(struct served *book);
/* The row of a table as it is now; NULL: a kind that has no rows. */
const void *served_row(const struct sq_tables *tables, enum sq_kind kind, uint32_t row);

/* served_frames.c */
void served_begin_walk(struct subscriber *subscriber);
/* Does this event concern the console? */
bool served_concerns(const struct subscriber *subscriber, const struct ring_event *event);
/* A round of served_wake() is due for all consoles. */
void served_wake_all(struct served *book);
/* What replicas have not got yet is read, before the next commit begins. */
void served_fill_logs(struct served *book);
/* `st` and `fd` when they differ from what was told. */
void served_tell_links(struct served *book);

/* served_rates.c */
int served_rates_open(struct served *book);
void served_rates_close(struct served *book);
void served_rates_free(struct subscriber *subscriber);
/* A rate of this instrument row has come. */
void served_rated(struct served *book, uint32_t instrument);

#endif
