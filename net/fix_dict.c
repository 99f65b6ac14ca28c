/*
 * FIX 4.4 dictionary as tables. Tag numbers, types and required fields are those of FIX 4.4
 * volume 6 (errata 20030618); tags that FIX 4.4 has withdrawn are undefined here.
 */
#include "net/fix_dict.h"

#include "net/fix_tags.h"

#include <stddef.h>

/* Letters for the table below; a field of the header or trailer says so with + H or + Z. */
enum {
    U = FIX_DICT_BODY | FIX_TYPE_UNDEFINED,
    S = FIX_DICT_BODY | FIX_TYPE_STRING,
    I = FIX_DICT_BODY | FIX_TYPE_INT,
    L = FIX_DICT_BODY | FIX_TYPE_LENGTH,
    Q = FIX_DICT_BODY | FIX_TYPE_SEQNUM,
    N = FIX_DICT_BODY | FIX_TYPE_COUNT,
    C = FIX_DICT_BODY | FIX_TYPE_CHAR,
    E = FIX_DICT_BODY | FIX_TYPE_LISTED,
    B = FIX_DICT_BODY | FIX_TYPE_BOOL,
    F = FIX_DICT_BODY | FIX_TYPE_DECIMAL,
    T = FIX_DICT_BODY | FIX_TYPE_TIMESTAMP,
    D = FIX_DICT_BODY | FIX_TYPE_DATE,
    K = FIX_DICT_BODY | FIX_TYPE_TIME,
    M = FIX_DICT_BODY | FIX_TYPE_MONTH,
    R = FIX_DICT_BODY | FIX_TYPE_DATA,
    H = -FIX_DICT_BODY,
    Z = FIX_DICT_BODY,
};

/* clang-format off */
/* Twenty-five tags a line; the number before the line is its first tag. */
const uint8_t fix_dict_tag[FIX_DICT_SIZE] = {
    /*   0 */ U, S, S, S, C, S, F, Q, S + H, L + H, S + Z, S, F, C, F, S, Q, S, S, S, U, E, S, S, U,
    /*  25 */ C, S, S, C, C, S, F, F, N, Q + H, S + H, Q, S, F, E, E, S, T, B + H, F, Q, U, U, S, S + H,
    /*  50 */ S + H, U, T + H, F, E, S, S + H, S + H, S, E, T, C, T, S, D, S, S, I, I, S, S, C, S, N, I,
    /*  75 */ D, U, C, N, S, F, C, I, I, F, N, U, I, I, R + Z, L + H, R + H, U, L + Z, C, L, R, B + H, E, F,
    /* 100 */ S, U, I, I, C, U, S, S, I, U, F, F, S, B, B, S + H, S + H, S, F, F, S, B, T + H, B, N,
    /* 125 */ U, T, C, S + H, S + H, B, S, F, F, F, F, N, F, S, S, F, B, S + H, S + H, S + H, S + H, N, S, S, S,
    /* 150 */ E, F, F, F, F, F, C, I, F, F, C, S, S, C, S, C, U, S, T, I, S, S, I, U, U,
    /* 175 */ U, U, U, U, U, U, U, U, U, U, U, U, U, F, F, F, F, F, D, F, F, S, I, S, N,
    /* 200 */ M, I, F, I, U, U, C, S, B, I, F, F, L + H, R + H, S, N, I, S, F, U, S, S, S, F, D,
    /* 225 */ D, I, F, F, D, D, F, N, S, S, S, F, F, F, S, D, D, D, S, I, F, F, D, D, D,
    /* 250 */ S, I, F, F, D, S, S, S, B, D, F, U, S, E, I, E, B, N, N, E, F, F, D, K, C,
    /* 275 */ S, S, S, S, E, S, C, S, S, S, C, S, I, S, S, I, S, S, F, F, N, N, I, I, S,
    /* 300 */ I, I, S, I, I, S, S, S, S, S, S, S, S, M, U, I, F, C, S, U, S, I, S, I, S,
    /* 325 */ B, I, S, B, B, F, F, F, F, I, S, S, S, I, I, I, T, T, T, T, T, I, S + H, L, R,
    /* 350 */ L, R, L, R, L, R, L, R, L, R, L, R, L, R, L, R, F, T, I, Q + H, U, I, S, I, C,
    /* 375 */ S, S, B, I, S, I, F, N, L, N, C, N, F, C, F, S, S, S, I, I, I, F, F, N, I,
    /* 400 */ S, I, F, F, F, F, F, F, F, I, F, B, F, F, I, I, I, I, C, C, N, S, I, I, F,
    /* 425 */ F, F, I, N, I, I, I, D, C, E, F, F, F, T, U, U, I, C, T, S, L, R, C, S, U,
    /* 450 */ U, F, I, N, N, S, S, N, S, S, I, S, I, S, B, U, S, S, C, F, S, S, S, N, S,
    /* 475 */ S, S, I, S, S, C, C, S, T, C, F, D, I, S, S, D, S, I, S, S, I, S, C, S, S,
    /* 500 */ S, S, S, D, D, S, C, I, S, S, N, S, F, S, C, T, F, C, N, I, F, S, I, S, S,
    /* 525 */ C, S, S, C, S, C, C, I, I, N, S, S, I, I, N, F, D, D, S, C, S, S, B, S, I,
    /* 550 */ I, S, N, S, S, N, S, I, N, I, I, F, F, I, C, I, F, I, S, I, B, S, S, C, S,
    /* 575 */ B, N, I, S, S, N, I, I, S, S, E, T, S, D, C, C, C, S, S, S, S, S, S, S, S,
    /* 600 */ S, S, S, S, N, S, S, I, S, S, M, D, F, C, F, F, S, S, L, R, S, L, R, F, C,
    /* 625 */ S, I, N + H, S, T, Q, F, F, F, F, S, B, F, I, F, F, F, F, F, S, F, F, F, F, S,
    /* 650 */ B, F, F, U, S, S, F, F, I, S, I, I, F, I, S, I, I, M, I, F, N, S, S, F, S,
    /* 675 */ S, S, S, S, F, I, F, S, N, F, F, I, F, S, S, I, S, I, S, I, C, D, F, I, S,
    /* 700 */ B, D, N, S, F, F, I, S, F, I, S, N, I, S, S, D, S, S, I, B, B, S, I, I, I,
    /* 725 */ I, S, I, I, I, F, I, F, I, F, N, S, F, F, D, S, F, F, D, C, F, F, C, I, I,
    /* 750 */ I, I, I, N, B, S, N, S, C, I, S, S, S, S, S, F, F, S, N, T, I, S, S, I, I,
    /* 775 */ I, I, S, N, T, I, N, S, C, I, S, I, C, I, Q, S, S, I, S, I, S, I, B, I, F,
    /* 800 */ F, N, N, I, N, I, N, I, I, N, F, F, I, I, I, I, N, S, S, I, S, S, S, S, S,
    /* 825 */ S, I, I, I, I, S, U, I, S, F, I, I, I, I, F, I, I, I, I, I, F, I, I, S, F,
    /* 850 */ F, I, B, I, I, I, I, I, F, S, F, F, N, F, N, I, D, F, S, F, N, I, S, D, D,
    /* 875 */ I, S, S, S, F, S, S, F, F, F, F, F, N, S, S, F, I, I, B, S, I, I, N, F, F,
    /* 900 */ F, F, S, I, S, I, I, S, S, S, I, I, B, S, S, D, D, D, S, I, F, F, F, S, I,
    /* 925 */ S, I, S, I, S, S, S, S, S, S, I, N, I, N, I, I, S, S, S, I, I, I, S, N, S,
    /* 950 */ C, I, N, S, I, M, D,
};
/* clang-format on */

uint8_t fix_dict_high_row(uint32_t tag)
{
    if (tag == FIX_LOW_LIMIT_PRICE || tag == FIX_HIGH_LIMIT_PRICE)
        return F;
    return tag >= 5000 ? S : U;
}

enum group {
    ALLOCS,
    PARTIES,
    PARTY_SUBS,
    ALT_IDS,
    UNDERLYINGS,
    LEGS,
    SESSIONS,
    CONTRA_BROKERS,
    FEES,
    STIPULATIONS,
    HOPS,
    MSG_TYPES,
    LINES,
    ROUTING,
    CONT_AMTS,
    EVENTS,
    NESTED,
    NESTED_SUBS,
    LEG_ALT_IDS,
    LEG_STIPULATIONS,
    UNDERLYING_ALT_IDS,
    RELATED,
    MD_TYPES,
    MD_ENTRIES,
    INSTRUMENT_ATTRIBUTES,
    GROUPS
};

#define G(group) (1u << (group))

const struct fix_dict_group fix_dict_group[GROUPS] = {
    [ALLOCS] = {78, {79}, G(NESTED)},
    [PARTIES] = {453, {448}, G(PARTY_SUBS)},
    [PARTY_SUBS] = {802, {523}, 0},
    [ALT_IDS] = {454, {455}, 0},
    [UNDERLYINGS] = {711, {311}, G(UNDERLYING_ALT_IDS)},
    [LEGS] = {555, {600}, G(LEG_ALT_IDS) | G(LEG_STIPULATIONS) | G(NESTED)},
    [SESSIONS] = {386, {336}, 0},
    [CONTRA_BROKERS] = {382, {375}, 0},
    [FEES] = {136, {137}, 0},
    [STIPULATIONS] = {232, {233}, 0},
    [HOPS] = {627, {628}, 0},
    [MSG_TYPES] = {384, {372}, 0},
    [LINES] = {33, {58}, 0},
    [ROUTING] = {215, {216}, 0},
    [CONT_AMTS] = {518, {519}, 0},
    [EVENTS] = {864, {865}, 0},
    [NESTED] = {539, {524}, G(NESTED_SUBS)},
    [NESTED_SUBS] = {804, {545}, 0},
    [LEG_ALT_IDS] = {604, {605}, 0},
    [LEG_STIPULATIONS] = {683, {688}, 0},
    [UNDERLYING_ALT_IDS] = {457, {458}, 0},
    [RELATED] = {146, {55}, G(ALT_IDS) | G(UNDERLYINGS) | G(LEGS) | G(EVENTS)},
    [MD_TYPES] = {267, {269}, 0},
    [MD_ENTRIES] = {268, {269, 279}, G(ALT_IDS) | G(UNDERLYINGS) | G(LEGS) | G(EVENTS)},
    [INSTRUMENT_ATTRIBUTES] = {870, {871}, 0},
};

/* The Instrument component, which lists of instruments and market data entries repeat. */
#define INSTRUMENT (G(RELATED) | G(MD_ENTRIES))

/* clang-format off */
static const uint32_t member_of[FIX_DICT_SIZE] = {
    [55] = INSTRUMENT, [65] = INSTRUMENT, [48] = INSTRUMENT, [22] = INSTRUMENT,
    [454] = INSTRUMENT, [460] = INSTRUMENT, [461] = INSTRUMENT, [167] = INSTRUMENT,
    [762] = INSTRUMENT, [200] = INSTRUMENT, [541] = INSTRUMENT, [224] = INSTRUMENT,
    [225] = INSTRUMENT, [239] = INSTRUMENT, [226] = INSTRUMENT, [227] = INSTRUMENT,
    [228] = INSTRUMENT, [255] = INSTRUMENT, [543] = INSTRUMENT, [470] = INSTRUMENT,
    [471] = INSTRUMENT, [472] = INSTRUMENT, [240] = INSTRUMENT, [202] = INSTRUMENT,
    [947] = INSTRUMENT, [206] = INSTRUMENT, [231] = INSTRUMENT, [223] = INSTRUMENT,
    [207] = INSTRUMENT, [106] = INSTRUMENT, [348] = INSTRUMENT, [349] = INSTRUMENT,
    [107] = INSTRUMENT, [350] = INSTRUMENT, [351] = INSTRUMENT, [691] = INSTRUMENT,
    [667] = INSTRUMENT, [875] = INSTRUMENT, [876] = INSTRUMENT, [864] = INSTRUMENT,
    [873] = INSTRUMENT, [874] = INSTRUMENT, [711] = INSTRUMENT, [555] = INSTRUMENT,

    [269] = G(MD_TYPES) | G(MD_ENTRIES),
    [270] = G(MD_ENTRIES), [271] = G(MD_ENTRIES), [272] = G(MD_ENTRIES), [273] = G(MD_ENTRIES),
    [274] = G(MD_ENTRIES), [275] = G(MD_ENTRIES), [276] = G(MD_ENTRIES), [277] = G(MD_ENTRIES),
    [278] = G(MD_ENTRIES), [279] = G(MD_ENTRIES), [280] = G(MD_ENTRIES), [282] = G(MD_ENTRIES),
    [283] = G(MD_ENTRIES), [284] = G(MD_ENTRIES), [285] = G(MD_ENTRIES), [286] = G(MD_ENTRIES),
    [288] = G(MD_ENTRIES), [289] = G(MD_ENTRIES), [290] = G(MD_ENTRIES), [291] = G(MD_ENTRIES),
    [292] = G(MD_ENTRIES), [299] = G(MD_ENTRIES), [346] = G(MD_ENTRIES), [387] = G(MD_ENTRIES),
    [451] = G(MD_ENTRIES), [546] = G(MD_ENTRIES), [811] = G(MD_ENTRIES), [15] = G(MD_ENTRIES),
    [18] = G(MD_ENTRIES), [37] = G(MD_ENTRIES), [59] = G(MD_ENTRIES), [110] = G(MD_ENTRIES),
    [126] = G(MD_ENTRIES), [198] = G(MD_ENTRIES), [336] = G(MD_ENTRIES) | G(SESSIONS),
    [432] = G(MD_ENTRIES), [625] = G(MD_ENTRIES) | G(SESSIONS),
    [58] = G(MD_ENTRIES) | G(LINES),
    [354] = G(MD_ENTRIES) | G(LINES), [355] = G(MD_ENTRIES) | G(LINES),

    [79] = G(ALLOCS), [661] = G(ALLOCS), [736] = G(ALLOCS), [467] = G(ALLOCS), [80] = G(ALLOCS),
    [539] = G(ALLOCS) | G(LEGS),
    [448] = G(PARTIES), [447] = G(PARTIES), [452] = G(PARTIES), [802] = G(PARTIES),
    [523] = G(PARTY_SUBS), [803] = G(PARTY_SUBS),
    [455] = G(ALT_IDS), [456] = G(ALT_IDS),
    [524] = G(NESTED), [525] = G(NESTED), [538] = G(NESTED), [804] = G(NESTED),
    [545] = G(NESTED_SUBS), [805] = G(NESTED_SUBS),
    [375] = G(CONTRA_BROKERS), [337] = G(CONTRA_BROKERS), [437] = G(CONTRA_BROKERS),
    [438] = G(CONTRA_BROKERS), [655] = G(CONTRA_BROKERS),
    [137] = G(FEES), [138] = G(FEES), [139] = G(FEES), [891] = G(FEES),
    [233] = G(STIPULATIONS), [234] = G(STIPULATIONS),
    [628] = G(HOPS), [629] = G(HOPS), [630] = G(HOPS),
    [372] = G(MSG_TYPES), [385] = G(MSG_TYPES),
    [216] = G(ROUTING), [217] = G(ROUTING),
    [519] = G(CONT_AMTS), [520] = G(CONT_AMTS), [521] = G(CONT_AMTS),
    [865] = G(EVENTS), [866] = G(EVENTS), [867] = G(EVENTS), [868] = G(EVENTS),
    [871] = G(INSTRUMENT_ATTRIBUTES), [872] = G(INSTRUMENT_ATTRIBUTES),

    [311] = G(UNDERLYINGS), [312] = G(UNDERLYINGS), [309] = G(UNDERLYINGS), [305] = G(UNDERLYINGS),
    [457] = G(UNDERLYINGS), [462] = G(UNDERLYINGS), [463] = G(UNDERLYINGS), [310] = G(UNDERLYINGS),
    [763] = G(UNDERLYINGS), [313] = G(UNDERLYINGS), [542] = G(UNDERLYINGS), [316] = G(UNDERLYINGS),
    [317] = G(UNDERLYINGS), [436] = G(UNDERLYINGS), [308] = G(UNDERLYINGS), [306] = G(UNDERLYINGS),
    [307] = G(UNDERLYINGS), [318] = G(UNDERLYINGS), [879] = G(UNDERLYINGS), [810] = G(UNDERLYINGS),
    [458] = G(UNDERLYING_ALT_IDS), [459] = G(UNDERLYING_ALT_IDS),

    [600] = G(LEGS), [601] = G(LEGS), [602] = G(LEGS), [603] = G(LEGS), [604] = G(LEGS),
    [607] = G(LEGS), [608] = G(LEGS), [609] = G(LEGS), [610] = G(LEGS), [611] = G(LEGS),
    [612] = G(LEGS), [613] = G(LEGS), [614] = G(LEGS), [615] = G(LEGS), [616] = G(LEGS),
    [620] = G(LEGS), [623] = G(LEGS), [624] = G(LEGS), [556] = G(LEGS), [740] = G(LEGS),
    [739] = G(LEGS), [687] = G(LEGS), [690] = G(LEGS), [683] = G(LEGS), [564] = G(LEGS),
    [565] = G(LEGS), [654] = G(LEGS), [566] = G(LEGS), [587] = G(LEGS), [588] = G(LEGS),
    [637] = G(LEGS),
    [605] = G(LEG_ALT_IDS), [606] = G(LEG_ALT_IDS),
    [688] = G(LEG_STIPULATIONS), [689] = G(LEG_STIPULATIONS),
};
/* clang-format on */

int fix_dict_group_of(uint32_t count_tag)
{
    for (int i = 0; i < GROUPS; i++)
        if (fix_dict_group[i].count_tag == count_tag)
            return i;
    return -1;
}

uint32_t fix_dict_member(uint32_t tag)
{
    return tag < FIX_DICT_SIZE ? member_of[tag] : 0;
}

/* A length tag stands just below its data tag; only the trailer's pair is the other way round. */
uint32_t fix_dict_data_of(uint32_t length_tag)
{
    if (length_tag == 93)
        return 89;
    return (fix_dict_row(length_tag + 1) & FIX_DICT_TYPE) == FIX_TYPE_DATA ? length_tag + 1 : 0;
}

/* Characters as bits of one word; those of the lists lie between '0' and 'o'. */
#define BIT(c)         (1ull << ((c) - '0'))
#define FROM_TO(c, to) (2 * BIT(to) - BIT(c))

/* Closed lists of one character (volume 6), the frequent ones first. */
static const struct {
    uint32_t tag;
    uint64_t values;
} listed[] = {
    {FIX_SIDE, FROM_TO('1', '9') | FROM_TO('A', 'G')},
    {FIX_ORD_TYPE, FROM_TO('1', '9') | FROM_TO('D', 'E') | BIT('G') | FROM_TO('I', 'M') | BIT('P')},
    {FIX_TIME_IN_FORCE, FROM_TO('0', '7')},
    {FIX_ORD_STATUS, FROM_TO('0', '9') | FROM_TO('A', 'E')},
    {FIX_EXEC_TYPE, BIT('0') | FROM_TO('3', '9') | FROM_TO('A', 'I')},
    {FIX_MD_ENTRY_TYPE, FROM_TO('0', '9') | FROM_TO('A', 'C')},
    {FIX_MD_UPDATE_ACTION, FROM_TO('0', '2')},
    {21, FROM_TO('1', '3')},
    {FIX_ENCRYPT_METHOD, FROM_TO('0', '6')},
    {FIX_SUBSCRIPTION_REQUEST_TYPE, FROM_TO('0', '2')},
    {FIX_MD_UPDATE_TYPE, FROM_TO('0', '1')},
    {FIX_CXL_REJ_RESPONSE_TO, FROM_TO('1', '2')},
    {FIX_MASS_STATUS_REQ_TYPE, FROM_TO('1', '8')},
};

bool fix_dict_listed(uint32_t tag, char value)
{
    uint32_t place = (uint32_t)(unsigned char)value - '0';
    for (size_t i = 0; i < sizeof listed / sizeof listed[0]; i++)
        if (listed[i].tag == tag)
            return place < 64 && (listed[i].values >> place & 1) != 0;
    return true;
}
