/*
 * fuzz_journal.c - a state database with damaged bytes: it opens or it does not, and what it gives
 * is a prefix of what was written
 *
 * The input is a list of four bytes each: three of an offset into the file, one to put there.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/store_sqlite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TURNS = 12 };

static char folder[64], path[96];
static uint8_t *image;
static size_t image_size;

static void commit(struct sq_store *store, uint64_t seq)
{
    struct sq_message messages[2] = {{.seq = seq, .time = (sq_time)seq, .kind = SQ_CLIENT}};
    snprintf(messages[0].as.client.code, SQ_CLIENT_SIZE, "C%u", (unsigned)seq);
    messages[1] = messages[0];
    struct sq_turn turn = {messages, 1, messages + 1, 1};
    if (store->ops->commit(store, &turn) != SQ_ERR_OK ||
        (seq % 5 == 0 && store->ops->save_snapshot(store, seq, seq, messages, 1) != SQ_ERR_OK))
        abort();
}

static struct sq_store *open_store(void)
{
    struct store_sqlite_options options = {.ballast_bytes = -1};
    char why[256];
    enum sq_err error;
    struct sq_store *store = store_sqlite_open(folder, &options, &error, why, sizeof why);
    if (store == NULL && error == SQ_ERR_OK)
        abort();
    return store;
}

static void clean_up(void)
{
    static const char *const names[] = {"journal.db", "journal.db-wal", "journal.db-shm", "lock"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

/* A good database, once; its bytes are what each run damages. In memory, where there is such. */
static void make_image(void)
{
    snprintf(folder, sizeof folder, "%s/fuzz-journal-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(folder) == NULL)
        abort();
    atexit(clean_up);
    struct sq_store *store = open_store();
    for (uint64_t seq = 1; store && seq <= TURNS; seq++)
        commit(store, seq);
    store->ops->destroy(store);
    snprintf(path, sizeof path, "%s/journal.db", folder);
    FILE *in = fopen(path, "rb");
    image = malloc(1 << 20);
    image_size = in && image ? fread(image, 1, 1 << 20, in) : 0;
    if (image_size == 0)
        abort();
    fclose(in);
}

static void put_damaged(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(image_size);
    snprintf(path, sizeof path, "%s/journal.db", folder);
    FILE *out = fopen(path, "wb");
    if (copy == NULL || out == NULL)
        abort();
    memcpy(copy, image, image_size);
    for (size_t i = 0; i + 4 <= size; i += 4)
        copy[((size_t)data[i] << 16 | (size_t)data[i + 1] << 8 | data[i + 2]) % image_size] =
            data[i + 3];
    if (fwrite(copy, 1, image_size, out) != image_size)
        abort();
    fclose(out);
    free(copy);
}

/* Rows that are given are those that were written: the hash chain sees to it. */
static int check_row(void *owner, const struct sq_message *m, bool is_input)
{
    uint64_t *last = owner;
    char line[SQ_LINE_MAX], code[SQ_CLIENT_SIZE];
    snprintf(code, sizeof code, "C%u", (unsigned)m->seq);
    if (m->kind != SQ_CLIENT || m->seq != *last + is_input || strcmp(code, m->as.client.code) != 0)
        abort();
    sq_line((enum sq_kind)m->kind, &m->as, line, sizeof line);
    *last = m->seq;
    return 0;
}

static int check_snapshot(void *owner, const struct sq_message *m, bool is_input)
{
    (void)owner;
    (void)is_input;
    if (m->kind != SQ_CLIENT)
        abort();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (image == NULL)
        make_image();
    put_damaged(data, size);
    struct sq_store *store = open_store();
    if (store) {
        uint64_t last = 0, seq = 0, digest = 0;
        store->ops->read(store, 0, check_row, &last);
        store->ops->load_snapshot(store, check_snapshot, NULL, &seq, &digest);
        store->ops->destroy(store);
    }
    return 0;
}
