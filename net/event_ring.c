#include "net/event_ring.h"

#include <stdlib.h>
#include <string.h>

int event_ring_init(struct event_ring *ring, size_t room, size_t text_room)
{
    *ring = (struct event_ring){.room = room, .text_room = text_room};
    ring->events = calloc(room, sizeof *ring->events);
    ring->text = malloc(text_room);
    if (ring->events != NULL && ring->text != NULL)
        return 0;
    event_ring_finish(ring);
    return -1;
}

void event_ring_finish(struct event_ring *ring)
{
    free(ring->events);
    free(ring->text);
    ring->events = NULL;
    ring->text = NULL;
}

void event_ring_clear(struct event_ring *ring, uint64_t seq)
{
    ring->first = ring->next;
    ring->lost_seq = seq;
}

static struct ring_event *place_of(const struct event_ring *ring, uint64_t i)
{
    return &ring->events[i & (ring->room - 1)];
}

/* Where a text of this length may lie: behind the last, or at the start again. */
static uint64_t text_place(const struct event_ring *ring, size_t length)
{
    size_t offset = ring->text_next % ring->text_room;
    return offset + length <= ring->text_room ? ring->text_next
                                              : ring->text_next + (ring->text_room - offset);
}

/* The oldest event stands in the way of one more, or of a text that ends at `end`. */
static bool is_in_the_way(const struct event_ring *ring, uint64_t end)
{
    return ring->first < ring->next && (ring->next - ring->first == ring->room ||
                                        place_of(ring, ring->first)->at + ring->text_room < end);
}

void event_ring_add(struct event_ring *ring, const struct ring_event *event, const char *text)
{
    uint64_t at = text_place(ring, event->length);
    while (is_in_the_way(ring, at + event->length))
        ring->lost_seq = place_of(ring, ring->first++)->seq;
    struct ring_event *kept = place_of(ring, ring->next++);
    *kept = *event;
    kept->at = at;
    memcpy(ring->text + at % ring->text_room, text, event->length);
    ring->text_next = at + event->length;
}

const struct ring_event *event_ring_get(const struct event_ring *ring, uint64_t i)
{
    return place_of(ring, i);
}

const char *event_ring_text(const struct event_ring *ring, const struct ring_event *event)
{
    return ring->text + event->at % ring->text_room;
}

bool event_ring_after(const struct event_ring *ring, uint64_t seq, uint64_t *cursor)
{
    uint64_t low = ring->first, high = ring->next;
    if (seq < ring->lost_seq)
        return false;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (place_of(ring, middle)->seq <= seq)
            low = middle + 1;
        else
            high = middle;
    }
    *cursor = low;
    return true;
}
