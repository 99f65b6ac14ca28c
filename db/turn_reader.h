/*
 * turn_reader.h: journal rows on their way back, held until their turn has been seen to be right.
 *
 * A store that reads from a database gives row after row, in order of id; the hash in a turn's last
 * row ends it. The chain is followed over the rows that waited, and only then are they decoded and
 * given: a reader never sees a row of a bad turn. Shared by the stores on SQLite and PostgreSQL.
 */
#ifndef DB_TURN_READER_H
#define DB_TURN_READER_H

#include "db/rows.h"

/* id of a row: seq * 2^20 + ord. */
enum { TURN_ORD_BITS = 20 };

struct turn_reader {
    /* set by the store */
    uint64_t after; /* rows up to this seq are followed, not given */
    sq_journal_fn *fn;
    void *owner;
    uint8_t hash[HASH_SIZE]; /* of the turn before the first row; then of the last turn */
    char *why;               /* the store's words on what is damaged */
    size_t why_room;
    /* its own */
    bool stopped; /* the reader has had enough: give no more rows */
    struct row *rows;
    size_t count;
    size_t room;
    uint8_t *bytes; /* bodies of the rows, one after another */
    size_t used;
    size_t bytes_room;
};

/* One row as it lies in the database. Everything is borrowed until the call returns. */
struct stored_row {
    int64_t id;
    sq_time time;
    bool is_input;
    uint16_t kind;
    const void *body;
    size_t length;
    const void *hash; /* NULL: not the last row of its turn */
    size_t hash_length;
};

/* Takes a row; with the last of a turn, judges the turn and gives it. OK or DAMAGED, with why. */
enum sq_err turn_reader_take(struct turn_reader *reader, const struct stored_row *stored);

/* After the last row: DAMAGED when a turn has no end, unless the reader stopped before it. */
enum sq_err turn_reader_end(struct turn_reader *reader);

void turn_reader_finish(struct turn_reader *reader);

/* The first id after every row of `seq`; ids are kept below 2^63. */
int64_t turn_id_after(uint64_t seq);

/* Says, in words, where a journal is damaged; returns DAMAGED. */
enum sq_err turn_damaged(char *why, size_t why_room, uint64_t seq, const char *what);

#endif
