/*
 * FIX 4.4 dictionary, by message type: which types there are, what each must carry, and which tags it
 * may carry at all (volumes 3 and 4, errata 20030618; components and groups are spread out).
 */
#include "net/fix_dict.h"

#include <string.h>

/*
 * The types that are known field by field, with their required fields. The most frequent ones first.
 * Others pass: they are answered as a whole (BusinessMessageReject), whatever they carry.
 */
#define MESSAGE_MAP(ROW)                        \
    ROW(D, 11, 55, 54, 60, 40)                  \
    ROW(8, 37, 17, 150, 39, 55, 54, 151, 14, 6) \
    ROW(X, 268)                                 \
    ROW(0, 0)                                   \
    ROW(1, 112)                                 \
    ROW(2, 7, 16)                               \
    ROW(3, 45)                                  \
    ROW(4, 36)                                  \
    ROW(5, 0)                                   \
    ROW(9, 37, 11, 41, 39, 434)                 \
    ROW(A, 98, 108)                             \
    ROW(F, 41, 11, 55, 54, 60)                  \
    ROW(G, 41, 11, 55, 54, 60, 40)              \
    ROW(H, 11, 55, 54)                          \
    ROW(V, 262, 263, 264, 267, 146)             \
    ROW(W, 55, 268)                             \
    ROW(Y, 262)                                 \
    ROW(h, 336, 340)                            \
    ROW(j, 372, 380)                            \
    ROW(AF, 584, 585)

#define ROW(type, ...) PLACE_##type,
enum place { MESSAGE_MAP(ROW) MESSAGES };
#undef ROW

/* Types are compared whole, with their zeros. */
#define ROW(type, ...) {#type, {__VA_ARGS__}},
const struct fix_dict_message fix_dict_message[MESSAGES] = {MESSAGE_MAP(ROW)};
#undef ROW

/* The sets of message types that share fields. ANY: the standard header and trailer. */
#define T(type)    (1u << PLACE_##type)
#define ANY        UINT32_MAX
#define PRICES     (T(W) | T(X))
#define ENTRY      (T(D) | T(G))
#define TERMS      (ENTRY | T(8))
#define MARKED     (TERMS | PRICES)
#define QUANTITY   (TERMS | T(F))
#define BOTH_WAYS  (QUANTITY | T(H))
#define ANSWERED   (BOTH_WAYS | T(9))
#define PARTY      (BOTH_WAYS | T(AF))
#define LEGS       (PRICES | T(V) | T(8))
#define INSTRUMENT (PARTY | LEGS)

/* clang-format off */
/* Tags that stand in no line belong to other types. */
const uint32_t fix_dict_users[FIX_DICT_SIZE] = {
    [8 ... 10] = ANY, [34 ... 35] = ANY, [43] = ANY, [49 ... 50] = ANY, [52] = ANY,
    [56 ... 57] = ANY, [89 ... 91] = ANY, [93] = ANY, [97] = ANY, [115 ... 116] = ANY, [122] = ANY,
    [128 ... 129] = ANY, [142 ... 145] = ANY, [212 ... 213] = ANY, [347] = ANY, [369] = ANY,
    [627 ... 630] = ANY,
    [58] = MARKED | T(3) | T(5) | T(9) | T(F) | T(Y) | T(j) | T(h),
    [354 ... 355] = MARKED | T(3) | T(5) | T(9) | T(F) | T(Y) | T(j) | T(h),
    [22] = INSTRUMENT, [48] = INSTRUMENT, [55] = INSTRUMENT, [65] = INSTRUMENT,
    [106 ... 107] = INSTRUMENT, [167] = INSTRUMENT, [200 ... 202] = INSTRUMENT,
    [206 ... 207] = INSTRUMENT, [223 ... 228] = INSTRUMENT, [231] = INSTRUMENT,
    [239 ... 247] = INSTRUMENT, [255 ... 256] = INSTRUMENT, [305 ... 313] = INSTRUMENT,
    [315 ... 318] = INSTRUMENT, [348 ... 351] = INSTRUMENT, [362 ... 365] = INSTRUMENT,
    [435 ... 436] = INSTRUMENT, [454 ... 463] = INSTRUMENT, [470 ... 472] = INSTRUMENT,
    [541 ... 543] = INSTRUMENT, [592 ... 595] = INSTRUMENT, [667] = INSTRUMENT, [691] = INSTRUMENT,
    [762 ... 763] = INSTRUMENT, [810] = INSTRUMENT, [864 ... 868] = INSTRUMENT,
    [873 ... 879] = INSTRUMENT, [882 ... 889] = INSTRUMENT, [941] = INSTRUMENT, [947] = INSTRUMENT,
    [336] = MARKED | T(V) | T(AF) | T(h), [625] = MARKED | T(V) | T(AF) | T(h),
    [711] = BOTH_WAYS | PRICES | T(V), [1] = PARTY | T(9), [660] = PARTY | T(9),
    [37] = PRICES | T(8) | T(9) | T(F) | T(G) | T(H),
    [11] = ANSWERED, [526] = ANSWERED, [583] = ANSWERED,
    [54] = PARTY, [447 ... 448] = PARTY, [452 ... 453] = PARTY, [523] = PARTY,
    [802 ... 803] = PARTY,
    [15] = MARKED, [18] = MARKED, [59] = MARKED, [110] = MARKED, [126] = MARKED, [432] = MARKED,
    [60] = QUANTITY | T(9), [581] = QUANTITY | T(9),
    [788] = BOTH_WAYS, [898] = BOTH_WAYS, [913 ... 919] = BOTH_WAYS,
    [38] = QUANTITY, [152] = QUANTITY, [376] = QUANTITY, [468 ... 469] = QUANTITY, [516] = QUANTITY,
    [41] = T(8) | T(9) | T(F) | T(G), [66] = T(8) | T(9) | T(F) | T(G),
    [75] = TERMS | T(9), [229] = TERMS | T(9),
    [248 ... 254] = LEGS, [257] = LEGS, [555 ... 556] = LEGS, [596 ... 624] = LEGS,
    [739 ... 740] = LEGS, [764] = LEGS, [942] = LEGS, [955 ... 956] = LEGS,
    [262] = PRICES | T(V) | T(Y),
    [12 ... 13] = TERMS, [21] = TERMS, [40] = TERMS, [44] = TERMS, [63 ... 64] = TERMS,
    [77] = TERMS, [99] = TERMS, [111] = TERMS, [120] = TERMS, [168] = TERMS, [192 ... 193] = TERMS,
    [210 ... 211] = TERMS, [218] = TERMS, [220 ... 222] = TERMS, [235 ... 236] = TERMS,
    [377] = TERMS, [388 ... 389] = TERMS, [423] = TERMS, [427] = TERMS, [479 ... 481] = TERMS,
    [494] = TERMS, [497] = TERMS, [513] = TERMS, [524 ... 525] = TERMS, [528 ... 529] = TERMS,
    [538 ... 539] = TERMS, [544 ... 545] = TERMS, [582] = TERMS, [589 ... 591] = TERMS,
    [635] = TERMS, [662 ... 663] = TERMS, [696 ... 699] = TERMS, [701] = TERMS, [761] = TERMS,
    [775] = TERMS, [804 ... 805] = TERMS, [835 ... 838] = TERMS, [840 ... 844] = TERMS,
    [846 ... 849] = TERMS, [854] = TERMS,
    [269] = PRICES | T(V), [286] = PRICES | T(V), [546] = PRICES | T(V),
    [372] = T(3) | T(A) | T(j), [386] = ENTRY | T(V), [586] = T(9) | T(F) | T(G),
    [39] = T(8) | T(9), [198] = T(8) | T(9), [636] = T(8) | T(9),
    [45] = T(3) | T(j),
    [70] = ENTRY, [78 ... 80] = ENTRY, [100] = ENTRY, [114] = ENTRY, [121] = ENTRY, [203] = ENTRY,
    [467] = ENTRY, [640] = ENTRY, [661] = ENTRY, [736] = ENTRY,
    [112] = T(0) | T(1), [232 ... 234] = T(D) | T(8),
    [268] = PRICES, [270 ... 277] = PRICES, [282 ... 284] = PRICES, [287 ... 292] = PRICES,
    [299] = PRICES, [346] = PRICES, [451] = PRICES, [811] = PRICES, [813 ... 814] = PRICES,
    [584] = T(8) | T(AF), [790] = T(8) | T(H),
    [6] = T(8), [14] = T(8), [17] = T(8), [19] = T(8), [29 ... 32] = T(8), [103] = T(8),
    [113] = T(8), [118 ... 119] = T(8), [136 ... 139] = T(8), [150 ... 151] = T(8),
    [155 ... 159] = T(8), [194 ... 195] = T(8), [230] = T(8), [237 ... 238] = T(8),
    [258 ... 260] = T(8), [337] = T(8), [375] = T(8), [378] = T(8), [381 ... 382] = T(8),
    [424 ... 426] = T(8), [437 ... 438] = T(8), [442] = T(8), [483 ... 485] = T(8), [515] = T(8),
    [518 ... 521] = T(8), [527] = T(8), [548 ... 549] = T(8), [551] = T(8), [564 ... 566] = T(8),
    [587 ... 588] = T(8), [637 ... 639] = T(8), [641] = T(8), [651 ... 652] = T(8),
    [654 ... 655] = T(8), [669] = T(8), [683] = T(8), [687 ... 690] = T(8), [693] = T(8),
    [738] = T(8), [797] = T(8), [839] = T(8), [845] = T(8), [850 ... 851] = T(8), [891] = T(8),
    [911 ... 912] = T(8), [920 ... 922] = T(8), [943] = T(8),
    [7] = T(2), [16] = T(2),
    [23] = T(D), [81] = T(D), [117] = T(D), [140] = T(D), [36] = T(4), [123] = T(4),
    [95 ... 96] = T(A), [98] = T(A), [108] = T(A), [141] = T(A), [383 ... 385] = T(A), [464] = T(A),
    [553 ... 554] = T(A), [789] = T(A), [102] = T(9), [434] = T(9),
    [146] = T(V), [263 ... 267] = T(V), [547] = T(V), [812] = T(V), [815] = T(V),
    [278 ... 280] = T(X), [285] = T(X), [281] = T(Y), [816 ... 817] = T(Y),
    [325] = T(h), [335] = T(h), [338 ... 345] = T(h), [387] = T(h), [567] = T(h),
    [371] = T(3), [373] = T(3), [379 ... 380] = T(j), [585] = T(AF),
};
/* clang-format on */

const struct fix_dict_message *fix_dict_message_of(const char type[4])
{
    for (int i = 0; i < MESSAGES; i++)
        if (memcmp(fix_dict_message[i].type, type, sizeof fix_dict_message[i].type) == 0)
            return &fix_dict_message[i];
    return NULL;
}

/* Volume 6 leaves out I, O and U of the single letters, and goes from AA to BH. */
bool fix_dict_msg_type(const char *type)
{
    char a = type[0], b = a ? type[1] : 0;
    if (a == 'U')
        return b != 0;
    if (b == 0)
        return (a >= '0' && a <= '9') || (a >= 'a' && a <= 'z') ||
               (a >= 'A' && a <= 'Z' && a != 'I' && a != 'O');
    if (type[2] != 0)
        return false;
    return (a == 'A' && b >= 'A' && b <= 'Z') || (a == 'B' && b >= 'A' && b <= 'H');
}
