/* What several panels say in the same way: whose row it is, where, and in what contract. */
#include "tui/book.h"
#include "tui/tui.h"

void cell_put_symbol(struct cell *cell, const struct sq_instrument *instrument)
{
    char label[SQ_LABEL_SIZE];

    sq_label(instrument, label);
    cell_set(cell, ROLE_DEFAULT, "%s", label);
}

void cell_put_side(struct cell *cell, unsigned side)
{
    cell_set(cell, side == SQ_SIDE_BUY ? ROLE_SIDE_BUY : ROLE_SIDE_SELL, "%s",
             sq_name(SQ_LIST_SIDE, side));
}

/* ---- columns ------------------------------------------------------------------------------------ */

static const struct sq_key *key_of(const struct tui *tui, uint32_t row, const struct cell *cell)
{
    return cell->panel->key_of(tui, row);
}

void panel_client(const struct tui *tui, uint32_t row, struct cell *cell)
{
    const struct sq_key *key = key_of(tui, row, cell);

    if (key)
        cell_set(cell, ROLE_DEFAULT, "%s", key->client);
}

void panel_exchange(const struct tui *tui, uint32_t row, struct cell *cell)
{
    const struct sq_key *key = key_of(tui, row, cell);

    if (key)
        book_exchange(tui, key->exchange, cell);
}

void panel_symbol(const struct tui *tui, uint32_t row, struct cell *cell)
{
    const struct sq_key *key = key_of(tui, row, cell);

    if (key)
        cell_put_symbol(cell, book_contract(tui, key));
}

void panel_product(const struct tui *tui, uint32_t row, struct cell *cell)
{
    const struct sq_key *key = key_of(tui, row, cell);

    if (key)
        book_product(tui, key->product, cell);
}

/* ---- positions ---------------------------------------------------------------------------------- */

size_t panel_positions_of(const struct tui *tui, uint32_t row, uint32_t *positions, size_t room)
{
    const struct panel_ops *ops = panels[tui->panel];
    const struct sq_key *key;
    uint32_t position;

    if (ops->positions_of)
        return ops->positions_of(tui, row, positions, room);
    key = ops->key_of ? ops->key_of(tui, row) : NULL;
    position = key ? sq_find_position(tui_tables(tui), key) : SQ_NO_ROW;
    if (position == SQ_NO_ROW)
        return 0;
    if (room > 0)
        positions[0] = position;
    return 1;
}
