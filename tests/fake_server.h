/*
 * fake_server.h: a server of docs/protocol.md that says what a test tells it to, the truth or not.
 *
 * It listens on a loopback port, takes one console at a time, and answers login, open and rates by
 * itself unless told otherwise; everything else the test answers. Its book has two contracts, one
 * client and one position.
 */
#ifndef TESTS_FAKE_SERVER_H
#define TESTS_FAKE_SERVER_H

#include "net/loop.h"
#include "net/wire.h"

enum { FAKE_TEXT = 65536, FAKE_FIRST_SEQ = 10 };

struct fake {
    struct loop *loop;
    struct lws_context *context;
    struct lws *wsi; /* the console that is connected */
    char port[8];
    const char *name; /* as it says after a login */
    /* What it does by itself. */
    const char *login_error; /* "": lets everybody in */
    const char *open_error;
    bool mute_open;      /* never answers `open` */
    bool keeps_events;   /* resumes: whatever `after` is asked, nothing has happened since */
    unsigned rows_until; /* so many frames of the snapshot, and then nothing; 0: all */
    bool silent;         /* no word by itself, no pong either */
    bool close_at_once;  /* closes each console when it connects */
    /* What it has seen. */
    unsigned connections, logins, opens, submits, previews;
    char last[FAKE_TEXT]; /* the last request */
    uint64_t last_id;
    int64_t after, epoch; /* of the last open; -1: not said */
    uint64_t seq;         /* of its book */
    struct fake_said *first, **last_said;
    bool closing;
    unsigned close_status;
    const char *close_reason;
    struct loop_timer pong;
};

/* Fails the running test when it cannot listen. cert: PEM files; NULL: no TLS. */
void fake_start(struct fake *fake, struct loop *loop, const char *cert, const char *key);
/* One text message to the console, printed. */
void fake_say(struct fake *fake, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Closes with a status and a reason; status 0: breaks the connection without a word. */
void fake_close(struct fake *fake, unsigned status, const char *reason);
/* An unsolicited pong, now. */
void fake_pong(struct fake *fake);
void fake_stop(struct fake *fake);
void fake_free(struct fake *fake); /* after the loop was finished */

#endif
