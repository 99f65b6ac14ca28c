/*
 * bench_board.c: what a rate tick costs, against a linked list of the same positions, and what
 * revaluing everything costs, against a flat loop over arrays.
 *
 * Both sides keep the totals of clients and of the book, and must end with the same total.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/board.h"
#include "tests/book_maker.h"

enum { CONTRACTS = 5000, HOLDERS = 20, POSITIONS = CONTRACTS * HOLDERS, CLIENTS = 2000 };
enum { TICKS = 400000, REVALUES = 200, ROUNDS = 5 };

/* The peer's position: a node of its own, chained to the next holder of the contract. */
struct node {
    struct node *next;
    int64_t net;
    int64_t multiplier;
    int64_t basis;
    int64_t mtm;
    int64_t *client;
};

static struct node *holders[CONTRACTS];
static int64_t client_total[CLIENTS], total;
static uint32_t random_bits = 1;

static uint32_t next_random(void)
{
    random_bits ^= random_bits << 13;
    random_bits ^= random_bits >> 17;
    random_bits ^= random_bits << 5;
    return random_bits;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void link_tick(uint32_t contract, int64_t last)
{
    for (struct node *node = holders[contract]; node; node = node->next) {
        int64_t mtm = node->net * node->multiplier * last - node->basis;
        *node->client += mtm - node->mtm;
        total += mtm - node->mtm;
        node->mtm = mtm;
    }
}

/* Positions come in the order of a book: client by client, so holders lie far apart. */
static struct sq_tables *make_book(void)
{
    struct sq_config config = maker_config(CONTRACTS, CLIENTS, POSITIONS);
    struct sq_tables *t = maker_tables(&config);
    char code[SQ_CLIENT_SIZE];
    for (uint32_t contract = 0; contract < CONTRACTS; contract++) {
        struct sq_instrument instrument = maker_instrument(contract);
        sq_tables_apply(t, SQ_INSTRUMENT, &instrument);
    }
    for (uint32_t client = 0; client < CLIENTS; client++) {
        snprintf(code, sizeof code, "C%u", client);
        struct sq_client row = maker_client(code);
        sq_tables_apply(t, SQ_CLIENT, &row);
    }
    while (t->position_count < POSITIONS) {
        snprintf(code, sizeof code, "C%u", t->position_count / (POSITIONS / CLIENTS));
        struct sq_position position =
            maker_position(code, next_random() % CONTRACTS, next_random() % 1000 + 1);
        position.basis_paise = next_random() % 100000;
        sq_tables_apply(t, SQ_POSITION, &position);
    }
    return t;
}

static void make_list(const struct sq_tables *t)
{
    for (uint32_t i = 0; i < POSITIONS; i++) {
        struct node *node = calloc(1, sizeof *node);
        uint32_t contract = t->position_instrument[i];
        node->net = t->position[i].net;
        node->multiplier = t->instrument[contract].multiplier;
        node->basis = t->position[i].basis_paise;
        node->client = &client_total[t->position_client[i]];
        node->next = holders[contract];
        holders[contract] = node;
    }
}

/* Best of some rounds, in ns for each of `count`: the machine is not ours alone. */
static double best_ns(void (*run)(void *owner), void *owner, double count)
{
    double best = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        double from = seconds();
        run(owner);
        double took = (seconds() - from) * 1e9 / count;
        best = took < best ? took : best;
    }
    return best;
}

static void tick_board(void *owner)
{
    random_bits = 7;
    for (int i = 0; i < TICKS; i++) {
        uint32_t contract = next_random() % CONTRACTS;
        sq_board_last(owner, contract, 10000 + next_random() % 1000, i + 1);
    }
}

static void tick_list(void *owner)
{
    (void)owner;
    random_bits = 7;
    for (int i = 0; i < TICKS; i++) {
        uint32_t contract = next_random() % CONTRACTS;
        link_tick(contract, 10000 + next_random() % 1000);
    }
}

/* The floor of a revaluation: arrays in the order of the positions, prices beside them. */
static int64_t flat_net[POSITIONS], flat_last[POSITIONS], flat_basis[POSITIONS],
    flat_mtm[POSITIONS];
static uint32_t flat_client[POSITIONS];

static void revalue_flat(void *owner)
{
    (void)owner;
    for (int n = 0; n < REVALUES; n++) {
        total = 0;
        memset(client_total, 0, sizeof client_total);
        for (uint32_t i = 0; i < POSITIONS; i++) {
            flat_mtm[i] = flat_net[i] * flat_last[i] - flat_basis[i];
            client_total[flat_client[i]] += flat_mtm[i];
            total += flat_mtm[i];
        }
    }
}

static void revalue_board(void *owner)
{
    for (int n = 0; n < REVALUES; n++)
        sq_board_revalue(owner);
}

static void make_flat(const struct sq_tables *t, const struct sq_board *board)
{
    for (uint32_t i = 0; i < POSITIONS; i++) {
        flat_net[i] = t->position[i].net;
        flat_basis[i] = t->position[i].basis_paise;
        flat_client[i] = t->position_client[i];
        flat_last[i] = sq_board_get(board, t->position_instrument[i])->last;
    }
}

static void check_total(const struct sq_board *board)
{
    if (sq_board_total(board) == total)
        return;
    printf("totals differ: %lld and %lld\n", (long long)sq_board_total(board), (long long)total);
    exit(1);
}

static void print_row(const char *name, double ours, double peer, const char *peer_name,
                      const char *goal)
{
    printf("%s | %.2f ns | %.2f ns %s | %.2f | %s\n", name, ours, peer, peer_name, ours / peer,
           goal);
}

int main(void)
{
    struct sq_tables *t = make_book();
    struct sq_board *board = sq_board_init(maker_memory(sq_board_size(&t->config)), t);
    make_list(t);
    for (uint32_t contract = 0; contract < CONTRACTS; contract++) {
        sq_board_last(board, contract, 10000, 1);
        link_tick(contract, 10000);
    }
    check_total(board);
    double ours = best_ns(tick_board, board, TICKS), list = best_ns(tick_list, NULL, TICKS);
    check_total(board);
    print_row("rate tick, 20 holders", ours, list, "(linked list)", "<= 75 ns");
    make_flat(t, board);
    double all = best_ns(revalue_board, board, (double)POSITIONS * REVALUES);
    double flat = best_ns(revalue_flat, NULL, (double)POSITIONS * REVALUES);
    check_total(board);
    print_row("revalue all, a position", all, flat, "(flat loop)", "<= 1.15 x");
    maker_free(t);
    free(board);
    return 0;
}
