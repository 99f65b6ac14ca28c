/*
 * wire.h: the words of docs/protocol.md as bytes: what a server and its consoles say to each other.
 *
 * Out: a framer that prints into the caller's buffer, without allocation; what is printed every
 * tick or event goes through it. In: cJSON, behind a scan of the whole text that bounds depth and
 * size, lets integers only pass, and refuses text that is not UTF-8 or has control characters.
 *
 * Rows and inputs are printed and read by the tables of fields in core/record_tables.c: a new field
 * or kind is on the wire without an edit here.
 */
#ifndef NET_WIRE_H
#define NET_WIRE_H

#include "core/board.h"
#include "core/engine.h"
#include "core/record.h"
#include "core/tables.h"

enum {
    WIRE_VERSION = 1,
    WIRE_REQUEST_MAX = 65536, /* bytes of a message to the server */
    WIRE_FRAME_MAX = 262144,  /* bytes of a message from the server */
    WIRE_DEPTH_MAX = 8,       /* objects and arrays in each other */
    WIRE_ITEMS_MAX = 512,     /* messages of one submit, intents of one preview */
    WIRE_LIST_MAX = 4096,     /* contracts of one `rates` */
    WIRE_PAGE_MAX = 100,      /* rows of one answer to portfolio or history */
    WIRE_RATES_PER_SECOND = 30,
    WIRE_TOKEN_SIZE = 48,       /* 43 characters (base64url of 32 bytes), and the NUL */
    WIRE_SECRET_SIZE = 132,     /* a password of 128 bytes */
    WIRE_HASH_SIZE = 65,        /* of a turn: hexadecimal digits, and the NUL */
    WIRE_GRANT_SIZE = 384,      /* a grant (net/grant.h), and its signature */
    WIRE_WHY_SIZE = 160,        /* for reasons */
    WIRE_CLOSE_REASON_MAX = 123 /* bytes of text in a close frame (RFC 6455, 5.5) */
};
#define WIRE_SUBPROTOCOL "squareoff.v1"

/* When a link is dead: section 1 of the document. */
enum { WIRE_SPEAK_S = 2, WIRE_SILENT_S = 6, WIRE_IDLE_S = 30, WIRE_PING_WAIT_S = 10 };

/* Why a server closes: WebSocket status, and the reason's first word. Section 5. */
#define WIRE_CLOSE_MAP(X)             \
    X(BYE, 1000, "bye")               \
    X(GOING_AWAY, 1001, "going away") \
    X(PROTOCOL, 1002, "protocol")     \
    X(POLICY, 1008, "policy")         \
    X(TOO_BIG, 1009, "too big")       \
    X(BUSY, 1013, "busy")             \
    X(TOKEN, 4001, "token")           \
    X(STANDBY, 4002, "standby")
#define X(tail, status, word) WIRE_CLOSE_##tail = status,
enum wire_close { WIRE_CLOSE_MAP(X) };
#undef X

/* Errors of an answer. Section 8. */
#define WIRE_ERROR_MAP(X) \
    X(VERSION)            \
    X(WRONG)              \
    X(LOCKED_OUT)         \
    X(BUSY)               \
    X(DISABLED)           \
    X(TOKEN)              \
    X(LOGIN)              \
    X(ROLE)               \
    X(SCOPE) X(BOOK) X(STANDBY) X(FORMAT) X(TOO_MANY) X(VIEW_ONLY) X(LIMIT) X(STATE) X(PARTED)
#define X(tail) WIRE_ERROR_##tail,
enum wire_error { WIRE_ERROR_NONE, WIRE_ERROR_MAP(X) WIRE_ERROR_COUNT };
#undef X
/* Its word; "" for NONE. And back: WIRE_ERROR_COUNT for a word that is none. */
const char *wire_error_word(enum wire_error error);
enum wire_error wire_error_named(const char *word);

/* ---- writing ------------------------------------------------------------------------------- */

/*
 * A text of JSON that is built from left to right. Commas come by themselves. What does not fit is
 * left out, and `cut` says so: then throw the text away, or go back to a mark.
 */
struct wire_out {
    char *bytes; /* the caller's; not NUL-terminated */
    size_t room;
    size_t length;
    bool comma; /* a value stands before: the next one is parted from it */
    bool cut;   /* something did not fit */
};
void wire_begin(struct wire_out *out, char *bytes, size_t room);

void wire_open(struct wire_out *out, char bracket);  /* '{' or '[' */
void wire_close(struct wire_out *out, char bracket); /* '}' or ']' */
/* Name of the member whose value comes next. Plain ASCII, printed as it is. */
void wire_name(struct wire_out *out, const char *name);
/* Beyond +/-(2^53-1): as a string of digits. */
void wire_integer(struct wire_out *out, int64_t value);
void wire_unsigned(struct wire_out *out, uint64_t value);
/* Text of others is hostile: what is no UTF-8 or a control character is printed as '?'. */
void wire_text(struct wire_out *out, const char *text);
/* Bytes that are JSON already: one value, or several with their commas. */
void wire_raw(struct wire_out *out, const char *bytes, size_t length);

/* wire_name and a value. */
void wire_member_integer(struct wire_out *out, const char *name, int64_t value);
void wire_member_text(struct wire_out *out, const char *name, const char *text);

/* A message as an array: ["cancel",412,"RK07"]. Section 2. `body` as sq_kind_info says. All fields,
 * the host's own too: for inputs and between servers; rows for a console go through wire_change. */
void wire_message(struct wire_out *out, enum sq_kind kind, const void *body);
/*
 * A row that was and is, as a console is told: the change, ["~order",412,18,500]; the whole row when
 * `was` is NULL or the kind is no row (answers). The host's own fields (italic in section 9) are
 * left out of changes and are zero in whole rows. False, and nothing is put: nothing differs that
 * is told. Same key in both, or it asserts.
 */
bool wire_change(struct wire_out *out, enum sq_kind kind, const void *was, const void *is);
/*
 * Something that a person can see differs. A book changes with almost each input, but for times and
 * counters of the host only: such a change is not worth a message. was NULL: true.
 */
bool wire_is_visible_change(enum sq_kind kind, const void *was, const void *is);
/* Place of a field that is part of the kind's key is set; place 1 is bit 0. 0: has no key. */
uint64_t wire_key_fields(enum sq_kind kind);

/* A rate of section 7. `depth`: with the arrays of bids and asks. traded: since the last one. */
void wire_rate(struct wire_out *out, uint32_t place, const struct sq_rate *rate, bool traded,
               bool depth);
/* tables: those that the preview was made on. */
void wire_preview(struct wire_out *out, const struct sq_tables *tables,
                  const struct sq_preview *preview);
/* Rows of section 6. last: 0 unknown. */
void wire_portfolio_row(struct wire_out *out, const struct sq_position *position, sq_price last,
                        sq_money mtm_paise);
void wire_history_row(struct wire_out *out, const struct sq_fill *fill);

/* State of the links: `st` of section 4. */
struct wire_links {
    sq_time time; /* of the server */
    bool order_up;
    int64_t order_rtt_us; /* -1: not measured */
    bool price_up;
    int64_t price_age_ms; /* since the price link last spoke; -1: never */
    bool view_only;
    bool disk_full;
    char why[SQ_TEXT_SIZE]; /* why it is view only */
};
void wire_links(struct wire_out *out, const struct wire_links *links); /* the array, no name */
/* {"id":N,"error":"WORD","why":"..."}; id 0: the request's could not be read. VERSION says also
 * which versions there are. */
void wire_answer_error(struct wire_out *out, uint64_t id, enum wire_error error, const char *why);

/* ---- reading: any text --------------------------------------------------------------------- */

struct cJSON;

/*
 * The whole text as a tree, or NULL with the reason. Refused: more than `most` bytes, deeper than
 * WIRE_DEPTH_MAX, anything behind the value, numbers that are no integers within +/-(2^53-1),
 * null, true and false, control characters, text that is not UTF-8, members that come twice.
 * The caller frees it with wire_free.
 */
struct cJSON *wire_parse(const char *text, size_t length, size_t most, char *why, size_t why_room);
/* Frees a tree, and wipes its texts first: there may be a password among them. NULL is fine. */
void wire_free(struct cJSON *root);

/* An array to a message; seq, time and tag are 0. 0, or -1 with the member in `why`. */
int wire_read_message(const struct cJSON *array, struct sq_message *message, char *why,
                      size_t why_room);
/*
 * A row or a change of one: for a change the row is looked for in `tables`, and *message is all of
 * the row as it is now. -1: not possible, or there is no such row.
 */
int wire_read_row(const struct cJSON *array, const struct sq_tables *tables,
                  struct sq_message *message, char *why, size_t why_room);

/* ---- reading: requests, the server's side -------------------------------------------------- */

/* X(tail, "do", members it must have, members it may have); members of all but `do` and `id`. */
#define WIRE_DO_MAP(X)                                                  \
    X(LOGIN, "login", M(V), M(USER) | M(PASSWORD) | M(CODE) | M(TOKEN)) \
    X(OPEN, "open", M(BOOK), M(AFTER) | M(EPOCH))                       \
    X(SHUT, "shut", M(BOOK), 0)                                         \
    X(SUBMIT, "submit", M(BOOK) | M(IN), 0)                             \
    X(PREVIEW, "preview", M(BOOK) | M(IN), 0)                           \
    X(RATES, "rates", M(BOOK) | M(ON), M(LIST) | M(PER_S) | M(DEPTH))   \
    X(PORTFOLIO, "portfolio", M(BOOK) | M(CLIENT), M(FROM) | M(COUNT))  \
    X(HISTORY, "history", M(BOOK) | M(CLIENT), M(BEFORE) | M(COUNT))    \
    X(HAND_OVER, "hand-over", M(BOOK) | M(OWNER) | M(REASON), 0)        \
    X(RETURN, "return", M(BOOK) | M(LOG), M(DONE))                      \
    X(REPLICATE, "replicate", M(BOOK) | M(AFTER), M(HASH))              \
    X(LOGOUT, "logout", 0, 0)
#define X(tail, ...) WIRE_DO_##tail,
enum wire_do { WIRE_DO_MAP(X) WIRE_DO_COUNT };
#undef X

/* Members of requests: X(TAIL, "name", member of struct wire_request, least and most of a number). */
#define WIRE_MEMBER_MAP(X)                             \
    X(V, "v", version, 0, SQ_INTEGER_MAX)              \
    X(USER, "user", user, 0, 0)                        \
    X(PASSWORD, "password", password, 0, 0)            \
    X(CODE, "code", code, 0, 0)                        \
    X(TOKEN, "token", token, 0, 0)                     \
    X(BOOK, "book", book, 0, 0)                        \
    X(AFTER, "after", after, 0, SQ_INTEGER_MAX)        \
    X(EPOCH, "epoch", epoch, 0, UINT32_MAX)            \
    X(IN, "in", in, 0, 0)                              \
    X(ON, "on", on, 0, 1)                              \
    X(LIST, "list", list, 0, 0)                        \
    X(PER_S, "per_s", per_s, 1, WIRE_RATES_PER_SECOND) \
    X(DEPTH, "depth", depth, 0, 1)                     \
    X(CLIENT, "client", client, 0, 0)                  \
    X(FROM, "from", from, 0, UINT32_MAX)               \
    X(COUNT, "count", count, 1, WIRE_PAGE_MAX)         \
    X(BEFORE, "before", before, 0, SQ_INTEGER_MAX)     \
    X(OWNER, "owner", owner, 0, 0)                     \
    X(REASON, "reason", reason, 0, 0)                  \
    X(HASH, "hash", hash, 0, 0)                        \
    X(LOG, "log", log, 0, 0)                           \
    X(DONE, "done", done, 0, 1)
#define X(tail, ...) WIRE_##tail,
enum wire_member { WIRE_MEMBER_MAP(X) WIRE_MEMBER_COUNT };
#undef X

struct wire_request {
    uint64_t id; /* 0: could not be read */
    enum wire_do what;
    uint32_t has; /* bits of enum wire_member: which came */
    int64_t version;
    int64_t after; /* 0 and more, as all numbers here */
    int64_t epoch;
    int64_t on;    /* 0, 1 */
    int64_t depth; /* 0, 1 */
    int64_t per_s; /* 1..WIRE_RATES_PER_SECOND where it came */
    int64_t from;
    int64_t count; /* 1..WIRE_PAGE_MAX where it came */
    int64_t before;
    char user[SQ_PERSON_SIZE];
    char password[WIRE_SECRET_SIZE];
    char code[12];
    char token[WIRE_TOKEN_SIZE];
    char book[4];
    char client[SQ_CLIENT_SIZE];
    char owner[SQ_OWNER_SIZE];
    char reason[SQ_TEXT_SIZE];
    char hash[WIRE_HASH_SIZE];
    int64_t done;            /* 0, 1 */
    const struct cJSON *log; /* rows of a journal (net/journal_wire.h) */
    const struct cJSON *in;  /* arrays of the tree */
    const struct cJSON *list;
    size_t in_count;
    size_t list_count;
    struct cJSON *root;
    const struct cJSON *item; /* of in or list that was asked for last, and its number */
    size_t item_no;
};
static inline bool wire_has(const struct wire_request *request, enum wire_member member)
{
    return request->has >> member & 1;
}

/*
 * Reads a request. NONE: release it with wire_request_end. Else the error to answer with, and why;
 * nothing is to be released, and request->id is what could be read of it (0: nothing). `what` is
 * WIRE_DO_COUNT then when `do` could not be read. A text that is no JSON at all: WIRE_ERROR_COUNT:
 * close with PROTOCOL.
 */
enum wire_error wire_read_request(const char *text, size_t length, struct wire_request *request,
                                  char *why, size_t why_room);
void wire_request_end(struct wire_request *request); /* wipes password, code and token too */

/*
 * Who gives a command: the member of the message that names the person. "" for every kind that no
 * person gives (reports of the exchange, links, clock, the day): those are not taken from a client.
 */
const char *wire_person(const struct sq_message *message);

/* Item i of `in`, which must be a person's command; of `list`. One array at a time, from 0 on: any
 * other order costs more. 0, or -1 with the reason. */
int wire_request_in(struct wire_request *request, size_t i, struct sq_message *message, char *why,
                    size_t why_room);
int wire_request_contract(struct wire_request *request, size_t i, enum sq_exchange *exchange,
                          uint32_t *token, char *why, size_t why_room);

/* ---- reading: frames, the console's side --------------------------------------------------- */

/* Members of answers and frames: X(TAIL, "name", member of struct wire_frame). */
#define WIRE_SAID_MAP(X)                 \
    X(ID, "id", id)                      \
    X(ERROR, "error", error)             \
    X(WHY, "why", why)                   \
    X(SECONDS, "seconds", seconds)       \
    X(OWNER, "owner", owner)             \
    X(VERSIONS, "versions", versions)    \
    X(TOKEN, "token", token)             \
    X(UNTIL, "until", until)             \
    X(PERSON, "person", person)          \
    X(ROLE, "role", role)                \
    X(SERVER, "server", server)          \
    X(BOOKS, "books", books)             \
    X(SEQ, "seq", seq)                   \
    X(EPOCH, "epoch", epoch)             \
    X(CONFIG, "config", config)          \
    X(SNAPSHOT, "snapshot", snapshot)    \
    X(REFUSED, "refused", refused)       \
    X(PREVIEWS, "previews", previews)    \
    X(CONTRACTS, "contracts", contracts) \
    X(I, "i", places)                    \
    X(TOTAL, "total", total)             \
    X(B, "b", book)                      \
    X(ROWS, "rows", rows)                \
    X(AT, "at", at)                      \
    X(EV, "ev", events)                  \
    X(ST, "st", links)                   \
    X(Q, "q", rates)                     \
    X(FD, "fd", feeds)                   \
    X(GRANT, "grant", grant)             \
    X(SIGNATURE, "signature", signature) \
    X(LOG, "log", log)
#define X(tail, ...) WIRE_SAID_##tail,
enum wire_said { WIRE_SAID_MAP(X) WIRE_SAID_COUNT };
#undef X

struct wire_frame {
    uint64_t has; /* bits of enum wire_said */
    int64_t id;   /* 0: no answer */
    int64_t seconds;
    int64_t until;
    int64_t seq;
    int64_t epoch;
    int64_t snapshot;
    int64_t contracts;
    int64_t total;
    int64_t at;
    char error[16];
    char why[WIRE_WHY_SIZE];
    char owner[SQ_SYMBOL_SIZE];
    char token[WIRE_TOKEN_SIZE];
    char person[SQ_PERSON_SIZE];
    char role[16];
    char server[SQ_SYMBOL_SIZE];
    char book[4];
    char grant[WIRE_GRANT_SIZE];
    char signature[WIRE_GRANT_SIZE];
    const struct cJSON *versions; /* arrays of the tree; NULL where they did not come */
    const struct cJSON *books;
    const struct cJSON *config;
    const struct cJSON *refused;
    const struct cJSON *previews;
    const struct cJSON *places;
    const struct cJSON *rows;
    const struct cJSON *events;
    const struct cJSON *links;
    const struct cJSON *rates;
    const struct cJSON *feeds;
    const struct cJSON *log; /* rows of a journal (net/journal_wire.h) */
    struct cJSON *root;
};
static inline bool wire_said(const struct wire_frame *frame, enum wire_said member)
{
    return frame->has >> member & 1;
}

/* 0: release it with wire_frame_end. -1 with the reason: nothing to release. */
int wire_read_frame(const char *text, size_t length, struct wire_frame *frame, char *why,
                    size_t why_room);
void wire_frame_end(struct wire_frame *frame);

/* Values of frames. Each returns 0, or -1 with the reason. */
int wire_read_links(const struct cJSON *array, struct wire_links *links, char *why,
                    size_t why_room);
/* Sets of the rate what a rate says: last, best bid and ask, depth where it came. */
int wire_read_rate(const struct cJSON *array, uint32_t *place, struct sq_rate *rate, bool *traded,
                   char *why, size_t why_room);
/* tables: the console's, whose row of the short hedge_of shall name. */
int wire_read_preview(const struct cJSON *array, const struct sq_tables *tables,
                      struct sq_preview *preview, char *why, size_t why_room);
int wire_read_feed(const struct cJSON *array, enum sq_exchange *exchange, bool *alive, bool *gap,
                   char *why, size_t why_room);
int wire_read_place(const struct cJSON *array, uint32_t *place, enum sq_exchange *exchange,
                    uint32_t *token, char *why, size_t why_room);

#endif
