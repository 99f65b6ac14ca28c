/* The rows of one table as they stand on the screen. */
#include "tui/list.h"

#include <stdlib.h>
#include <string.h>

bool list_init(struct list *list, uint32_t room)
{
    memset(list, 0, sizeof *list);
    list->rows = calloc(room, sizeof *list->rows);
    list->before = calloc(room, sizeof *list->before);
    list->tags = calloc((size_t)room / 8 + 1, 1);
    list->room = room;
    list->cursor = LIST_NO_ROW;
    list->sort = LIST_NATURAL;
    return list->rows && list->before && list->tags;
}

void list_finish(struct list *list)
{
    free(list->rows);
    free(list->before);
    free(list->tags);
    memset(list, 0, sizeof *list);
}

void list_add(struct list *list, uint32_t row)
{
    if (list->count < list->room)
        list->rows[list->count++] = (struct list_row){.row = row};
}

static int compare_rows(const void *left, const void *right)
{
    const struct list_row *a = left, *b = right;

    for (int i = 0; i < 2; i++)
        if (a->key[i] != b->key[i])
            return a->key[i] < b->key[i] ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

/* Stable in effect: equal keys are settled by the row. */
void list_sort(struct list *list, bool descending)
{
    qsort(list->rows, list->count, sizeof *list->rows, compare_rows);
    if (!descending)
        return;
    for (uint32_t i = 0; i < list->count / 2; i++) {
        struct list_row row = list->rows[i];

        list->rows[i] = list->rows[list->count - 1 - i];
        list->rows[list->count - 1 - i] = row;
    }
}

static int compare_numbers(const void *left, const void *right)
{
    const struct list_row *a = left, *b = right;

    return a->row < b->row ? -1 : a->row > b->row;
}

void list_remember(struct list *list)
{
    list->before_count = list->count;
    for (uint32_t i = 0; i < list->count; i++)
        list->before[i] = (struct list_row){.key = {i, 0}, .row = list->rows[i].row};
    qsort(list->before, list->before_count, sizeof *list->before, compare_numbers);
}

uint32_t list_place_before(const struct list *list, uint32_t row)
{
    struct list_row wanted = {.row = row};
    const struct list_row *found =
        bsearch(&wanted, list->before, list->before_count, sizeof *list->before, compare_numbers);

    return found ? (uint32_t)found->key[0] : LIST_NO_ROW;
}

static bool find_row(const struct list *list, uint32_t row, uint32_t *index)
{
    for (uint32_t i = 0; row != LIST_NO_ROW && i < list->count; i++)
        if (list->rows[i].row == row) {
            *index = i;
            return true;
        }
    return false;
}

void list_settle(struct list *list, bool keep_line)
{
    uint32_t index, before = list->line;

    if (!list->started && list->count > 0) {
        list->started = true;
        if (!find_row(list, list->cursor, &index))
            list->cursor = list->rows[0].row;
    }
    if (find_row(list, list->cursor, &index)) {
        list->line = index;
        if (keep_line)
            list->top = list->top + index > before ? list->top + index - before : 0;
    } else {
        list->cursor = LIST_NO_ROW;
    }
    if (list->line >= list->count)
        list->line = list->count ? list->count - 1 : 0;
}

void list_go(struct list *list, uint32_t index)
{
    if (list->count == 0)
        return;
    list->line = index < list->count ? index : list->count - 1;
    list->cursor = list->rows[list->line].row;
}

void list_move(struct list *list, int64_t delta)
{
    int64_t to = (int64_t)list->line + (list->cursor == LIST_NO_ROW ? 0 : delta);

    list_go(list, to < 0 ? 0 : (uint32_t)to);
}

bool list_go_row(struct list *list, uint32_t row)
{
    uint32_t index;

    if (!find_row(list, row, &index))
        return false;
    list_go(list, index);
    return true;
}

void list_scroll(struct list *list, uint32_t page)
{
    list->page = page;
    if (page == 0)
        return;
    if (list->line < list->top)
        list->top = list->line;
    if (list->line >= list->top + page)
        list->top = list->line - page + 1;
    if (list->top + page > list->count)
        list->top = list->count > page ? list->count - page : 0;
}

bool list_is_tagged(const struct list *list, uint32_t row)
{
    return row < list->room && (list->tags[row / 8] >> row % 8 & 1);
}

void list_tag(struct list *list, uint32_t row, bool on)
{
    if (row >= list->room || list_is_tagged(list, row) == on)
        return;
    list->tags[row / 8] = (uint8_t)(list->tags[row / 8] ^ 1u << row % 8);
    list->tagged += on ? 1 : UINT32_MAX;
}

void list_untag_all(struct list *list)
{
    memset(list->tags, 0, (size_t)list->room / 8 + 1);
    list->tagged = 0;
}
