/*
 * cache.h: the last known book of a console that works on a server, kept beside it in SQLite.
 *
 * What it holds is a copy: rows of the view as they are encoded (core/record.h), latest rates and
 * feeds with their times, and which server said them up to which `seq`. It is written as events and
 * rates come, in batches that are made on the loop's thread and written beside it, each in one
 * transaction; so it always is a book as it was at one moment, and a console that starts without a
 * server shows it at once, and resumes from it.
 *
 * One thing in it is no copy: what a person entered while no server was there (`notes`). A file that
 * is damaged is therefore set aside under another name, never deleted.
 *
 * The file has mode 0600. With a key each body is sealed (XChaCha20-Poly1305, libsodium), bound to
 * its place and to the book it was written with; without one the mode is all that guards it.
 */
#ifndef DB_CACHE_H
#define DB_CACHE_H

#include "core/board.h"
#include "core/port.h"

enum {
    CACHE_KEY_SIZE = 32,
    CACHE_NOTES = 1024 /* lines of the call sheet and fills by hand, at most */
};

/* Whose book it is, and up to where it goes. */
struct cache_head {
    char book[4];
    char source[24];             /* name of the server that said it */
    char person[SQ_PERSON_SIZE]; /* who was logged in: the book is what he may see */
    uint64_t seq;                /* of the last event in it */
    uint32_t epoch;              /* of ownership, then */
    sq_time heard;               /* when that server last spoke */
    struct sq_config config;     /* capacities of the view */
};

/* What a person entered while no server was there. */
struct cache_note {
    bool on_sheet;              /* a line of the call sheet: of `fill` only the key counts */
    sq_time time;               /* when it was entered */
    sq_quantity net;            /* of the position, as it was known then */
    struct sq_manual_fill fill; /* a fill told by phone */
};

struct cache;

/*
 * Opens or makes DIR/cache.db; the folder must be there. key: CACHE_KEY_SIZE bytes, or NULL. A file
 * that cannot be read, or not with this key, is set aside as cache.damaged and an empty one made:
 * `why` then says so, and is "" otherwise. NULL with the reason: none could be made.
 */
struct cache *cache_open(const char *dir, const uint8_t *key, char *why, size_t why_room);
void cache_close(struct cache *cache);

/* NOT_FOUND: there is no book in it. */
enum sq_err cache_read_head(struct cache *cache, struct cache_head *head);

/* Takes what is read, in the order of a snapshot: rows, then rates and feeds, then notes. False from
 * row() ends the reading: DAMAGED. */
struct cache_reader {
    bool (*row)(void *owner, const struct sq_message *row); /* seq 0 */
    void (*rate)(void *owner, uint32_t instrument, const struct sq_rate *rate);
    void (*feed)(void *owner, enum sq_exchange exchange, sq_time heard);
    void (*note)(void *owner, const struct cache_note *note);
    void *owner;
};
enum sq_err cache_read(struct cache *cache, const struct cache_reader *reader);

/* ---- writing ---------------------------------------------------------------------------------- */

/* What one transaction changes. Zero before its first use; its memory is kept from one to the next. */
struct cache_batch {
    struct cache_head head;
    bool has_head; /* else the head stays as it is */
    bool anew;     /* the book that was there goes, notes aside */
    bool notes;    /* the notes that were there go */
    uint8_t *bytes;
    size_t length, room;
    bool failed; /* no memory: it is not written */
};

/* Empties it. */
void cache_batch_begin(struct cache_batch *batch);
/* Row `row` of its table is now so; the book has row 0. */
void cache_put_row(struct cache_batch *batch, enum sq_kind kind, uint32_t row, const void *body);
/* The best of each side, last price and times; deeper levels are not kept. */
void cache_put_rate(struct cache_batch *batch, uint32_t instrument, const struct sq_rate *rate);
void cache_put_feed(struct cache_batch *batch, enum sq_exchange exchange, sq_time heard);
/* The notes are these, one call each, in order; batch->notes says that the list is whole. */
void cache_put_note(struct cache_batch *batch, uint32_t index, const struct cache_note *note);
void cache_batch_free(struct cache_batch *batch);

/* Writes it in one transaction. May be called from another thread, one at a time; nothing else is
 * called meanwhile. The words of a failure are in `why`. */
enum sq_err cache_write(struct cache *cache, const struct cache_batch *batch, char *why,
                        size_t why_room);

#endif
