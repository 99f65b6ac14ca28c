/* Any bytes, in blocks and at times of the fuzzer's choice, as terminal input. Each input is a list of
 * { length, milliseconds, bytes }. Checks what must hold for every input: paste is well nested, text
 * arrives only inside it, no key arrives there, and a destructive key counts as alone only with
 * silence on both sides. */
#include <stdint.h>
#include <stdlib.h>

#include "tui/decode.h"

struct watch {
    bool pasting;
    int64_t now_us;
    int64_t quiet_us; /* until when nothing can have been typed since the byte before */
};

static bool destructive(void *context, uint32_t key)
{
    (void)context;
    return key == 'x' || key == 'X' || key == 'c' || key == 'K';
}

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void deliver(void *context, const struct decode_event *event)
{
    struct watch *watch = context;

    switch (event->kind) {
    case DECODED_KEY:
        require(!watch->pasting && event->key != 0);
        if (destructive(NULL, event->key) && event->alone)
            require(watch->quiet_us - event->time_us >= DECODE_BURST_US);
        break;
    case DECODED_PASTE_BEGIN:
        require(!watch->pasting);
        watch->pasting = true;
        break;
    case DECODED_PASTE_TEXT:
        require(watch->pasting && event->length > 0 && event->length <= DECODE_PASTE_BYTES);
        break;
    case DECODED_PASTE_END:
        require(watch->pasting);
        watch->pasting = false;
        break;
    case DECODED_SELECT:
    case DECODED_SCROLL: require(event->row >= 0 && event->column >= 0); break;
    case DECODED_FLUSHED: require(event->length > 0); break;
    }
}

/* Time passes the way a loop lets it: to each deadline, and then to the moment. */
static void pass_time(struct decoder *decoder, struct watch *watch, int64_t to_us)
{
    for (int64_t due; (due = decode_deadline(decoder)) <= to_us;) {
        watch->now_us = watch->quiet_us = due;
        decode_time(decoder, due);
        require(decode_deadline(decoder) > due);
    }
    watch->now_us = watch->quiet_us = to_us;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct watch watch = {.now_us = 1000000};
    struct decoder decoder;

    decode_init(&decoder, (struct decode_calls){deliver, destructive, &watch});
    for (size_t at = 0; at + 2 <= size;) {
        size_t length = data[at] & 0x3f;
        int64_t wait_us = data[at + 1] * 4000;
        bool stalled = data[at] & 0x40;

        at += 2;
        length = length < size - at ? length : size - at;
        if (stalled) {
            watch.quiet_us = watch.now_us;
            decode_away(&decoder, watch.now_us, watch.now_us + wait_us);
            watch.now_us += wait_us;
        } else {
            pass_time(&decoder, &watch, watch.now_us + wait_us);
        }
        decode_bytes(&decoder, (const char *)data + at, length, watch.now_us);
        at += length;
    }
    pass_time(&decoder, &watch, watch.now_us + 10000000);
    require(!decoder.held);
    return 0;
}
