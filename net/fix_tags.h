/*
 * Names of the FIX 4.4 tags that squareoff and its simulated exchange use (FIX 4.4 volume 6), and
 * of the few that are ours. The codec's dictionary (net/fix_dict.c) knows all tags of FIX 4.4.
 */
#ifndef NET_FIX_TAGS_H
#define NET_FIX_TAGS_H

enum fix_tag {
    /* standard header and trailer */
    FIX_BEGIN_STRING = 8,
    FIX_BODY_LENGTH = 9,
    FIX_CHECK_SUM = 10,
    FIX_MSG_SEQ_NUM = 34,
    FIX_MSG_TYPE = 35,
    FIX_POSS_DUP_FLAG = 43,
    FIX_SENDER_COMP_ID = 49,
    FIX_SENDING_TIME = 52,
    FIX_TARGET_COMP_ID = 56,
    FIX_POSS_RESEND = 97,
    FIX_ORIG_SENDING_TIME = 122,

    /* session messages */
    FIX_BEGIN_SEQ_NO = 7,
    FIX_END_SEQ_NO = 16,
    FIX_NEW_SEQ_NO = 36,
    FIX_REF_SEQ_NUM = 45,
    FIX_TEXT = 58,
    FIX_ENCRYPT_METHOD = 98,
    FIX_HEART_BT_INT = 108,
    FIX_TEST_REQ_ID = 112,
    FIX_GAP_FILL_FLAG = 123,
    FIX_RESET_SEQ_NUM_FLAG = 141,
    FIX_REF_TAG_ID = 371,
    FIX_REF_MSG_TYPE = 372,
    FIX_SESSION_REJECT_REASON = 373,
    FIX_USERNAME = 553,
    FIX_PASSWORD = 554,
    FIX_NEXT_EXPECTED_MSG_SEQ_NUM = 789,

    /* orders and execution reports */
    FIX_ACCOUNT = 1,
    FIX_AVG_PX = 6,
    FIX_CL_ORD_ID = 11,
    FIX_CUM_QTY = 14,
    FIX_EXEC_ID = 17,
    FIX_EXEC_REF_ID = 19,
    FIX_SECURITY_ID_SOURCE = 22,
    FIX_LAST_PX = 31,
    FIX_LAST_QTY = 32,
    FIX_ORDER_ID = 37,
    FIX_ORDER_QTY = 38,
    FIX_ORD_STATUS = 39,
    FIX_ORD_TYPE = 40,
    FIX_ORIG_CL_ORD_ID = 41,
    FIX_PRICE = 44,
    FIX_SECURITY_ID = 48,
    FIX_SIDE = 54,
    FIX_SYMBOL = 55,
    FIX_TIME_IN_FORCE = 59,
    FIX_TRANSACT_TIME = 60,
    FIX_CXL_REJ_REASON = 102,
    FIX_ORD_REJ_REASON = 103,
    FIX_EXEC_TYPE = 150,
    FIX_LEAVES_QTY = 151,
    FIX_SECURITY_EXCHANGE = 207,
    FIX_EXEC_RESTATEMENT_REASON = 378,
    FIX_BUSINESS_REJECT_REF_ID = 379,
    FIX_BUSINESS_REJECT_REASON = 380,
    FIX_CXL_REJ_RESPONSE_TO = 434,
    FIX_SECONDARY_EXEC_ID = 527,
    FIX_MASS_STATUS_REQ_ID = 584,
    FIX_MASS_STATUS_REQ_TYPE = 585,
    FIX_ORD_STATUS_REQ_ID = 790,
    FIX_TOT_NUM_REPORTS = 911,
    FIX_LAST_RPT_REQUESTED = 912,

    /* market data */
    FIX_NO_RELATED_SYM = 146,
    FIX_MD_REQ_ID = 262,
    FIX_SUBSCRIPTION_REQUEST_TYPE = 263,
    FIX_MARKET_DEPTH = 264,
    FIX_MD_UPDATE_TYPE = 265,
    FIX_NO_MD_ENTRY_TYPES = 267,
    FIX_NO_MD_ENTRIES = 268,
    FIX_MD_ENTRY_TYPE = 269,
    FIX_MD_ENTRY_PX = 270,
    FIX_MD_ENTRY_SIZE = 271,
    FIX_MD_ENTRY_DATE = 272,
    FIX_MD_ENTRY_TIME = 273,
    FIX_MD_UPDATE_ACTION = 279,
    FIX_MD_REQ_REJ_REASON = 281,
    FIX_MD_ENTRY_POSITION_NO = 290,
    FIX_LOW_LIMIT_PRICE = 1148,  /* of FIX 5.0; the day's price band */
    FIX_HIGH_LIMIT_PRICE = 1149, /* of FIX 5.0 */

    /* user-defined (5000-9999), agreed with the venue */
    FIX_PRODUCT_CODE = 5001, /* MIS, NRML, CNC, MTF */
};

#endif
