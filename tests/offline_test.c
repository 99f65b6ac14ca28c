/*
 * offline_test.c: a screen whose engine is on a server: what it says when the server is gone, what
 * can be done then, what is compared afterwards, and who logs in.
 */
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

#include "core/num.h"
#include "tests/screen_stage.h"
#include "tui/kept.h"
#include "tui/login.h"

struct bed {
    struct screen *s;
    bool down; /* of the servers, none answers */
    unsigned kept, logouts;
    char user[64], password[160], code[16];
    int own_asked;
    enum own_what own_what;
    char own_reason[80];
};

/* ---- the console around it -------------------------------------------------------------------- */

static void servers(void *owner, struct tui_servers *told)
{
    struct bed *bed = owner;
    sq_time now = bed->s->tui.now;

    told->count = 2;
    told->phase = bed->down ? "lost" : "live";
    told->retry_at = bed->down ? now + 7 * SQ_SECOND : SQ_NEVER;
    strcpy(told->list[0].name, "BACKUP-1");
    strcpy(told->list[0].why, "refused: closed before established");
    strcpy(told->list[1].name, "BACKUP-2");
    strcpy(told->list[1].why, bed->down ? "no word for 6 s" : "");
    told->list[1].present = !bed->down;
    told->list[0].at = told->list[1].at = now - 19 * SQ_SECOND;
}

static void login(void *owner, const char *user, const char *password, const char *code)
{
    struct bed *bed = owner;

    snprintf(bed->user, sizeof bed->user, "%s", user);
    snprintf(bed->password, sizeof bed->password, "%s", password);
    snprintf(bed->code, sizeof bed->code, "%s", code);
}

static void logout(void *owner)
{
    ((struct bed *)owner)->logouts++;
}

static void keep(void *owner)
{
    ((struct bed *)owner)->kept++;
}

/* Only one pair of passwords is right. */
static bool own(void *owner, const struct own_ask *ask, char *why, size_t why_room)
{
    struct bed *bed = owner;

    bed->own_asked++;
    bed->own_what = ask->what;
    snprintf(bed->own_reason, sizeof bed->own_reason, "%s", ask->reason);
    snprintf(why, why_room, "wrong");
    return ask->what != OWN_BREAKGLASS ||
           (strcmp(ask->password, "first secret") == 0 && strcmp(ask->second, "SUP1") == 0 &&
            strcmp(ask->second_password, "other secret") == 0);
}

static void go_down(struct bed *bed)
{
    bed->down = true;
    bed->s->info.live = false;
    bed->s->info.view_only = true;
    bed->s->info.heard = bed->s->stage->now;
    strcpy(bed->s->info.why, "no server: the last known book");
}

static void come_back(struct bed *bed)
{
    bed->down = false;
    bed->s->info.live = true;
    bed->s->info.view_only = false;
    bed->s->info.why[0] = '\0';
}

static int set_up(void **state)
{
    struct bed *bed = calloc(1, sizeof *bed);

    assert_non_null(bed);
    bed->s = screen_create();
    strcpy(bed->s->info.source, "BACKUP-2");
    screen_lines(bed->s,
                 (const char *const[]){"include day.inc", "feed on", "+ 1s", "key Esc", NULL});
    bed->s->info.heard = bed->s->stage->now;
    bed->s->tui.calls.servers = servers;
    bed->s->tui.calls.login = login;
    bed->s->tui.calls.logout = logout;
    bed->s->tui.calls.keep = keep;
    bed->s->tui.calls.own = own;
    bed->s->tui.calls.extra = bed;
    screen_frame(bed->s);
    *state = bed;
    return 0;
}

static int tear_down(void **state)
{
    struct bed *bed = *state;

    screen_destroy(bed->s);
    free(bed);
    return 0;
}

#define PLAY(bed, ...) screen_lines((bed)->s, (const char *const[]){__VA_ARGS__, NULL})

static const struct sq_tables *tables(const struct bed *bed)
{
    return &bed->s->stage->view->tables;
}

/* ---- REMOTE ----------------------------------------------------------------------------------- */

static void test_source_and_lag(void **state)
{
    struct bed *bed = *state;

    PLAY(bed, "+ 300ms", "shows BACKUP-2", "shows px:ok", "shows ord:ok", "shows x=SENDS",
         "hides LAST KNOWN", "hides CALL SHEET", "key 8", "screen remote-status", "size 120x40",
         "shows BACKUP-2 lag 0.3s", "shows ord:ok 41ms");
}

/* ---- OFFLINE ---------------------------------------------------------------------------------- */

static void test_offline_screen(void **state)
{
    struct bed *bed = *state;

    go_down(bed);
    PLAY(bed, "+ 4s", "screen remote-offline", "key 8", "screen remote-offline-status",
         "size 120x40", "key 1", "screen remote-offline-120x40");
}

/* The order link of a server that is gone is not known, and a young price is no live price. */
static void test_nothing_looks_live(void **state)
{
    struct bed *bed = *state;

    go_down(bed);
    PLAY(bed, "+ 100ms", "shows OFFLINE", "shows px:NONE", "shows ord:DOWN", "shows MTM hidden",
         "shows ~", "hides px:ok", "hides ord:ok");
}

static void test_unknown_is_listed(void **state)
{
    struct bed *bed = *state;

    PLAY(bed, "key /", "type HDFC", "key Enter", "key x", "sent 1", "+ 20s");
    go_down(bed);
    PLAY(bed, "+ 1s", "shows UNKNOWN 1: sent, no answer", "shows will NOT send them again",
         "screen remote-offline-unknown");
}

static void test_x_writes_on_the_sheet(void **state)
{
    struct bed *bed = *state;

    go_down(bed);
    PLAY(bed, "+ 100ms", "key /", "type HDFC", "key Enter", "key x", "sent 0", "shows x=SHEET (1)");
    assert_int_equal(bed->kept, 1);
    PLAY(bed, "key x", "sent 0", "shows x=SHEET (0)");
    assert_int_equal(bed->kept, 2);
}

static void enter_fill(struct bed *bed)
{
    go_down(bed);
    PLAY(bed, "+ 100ms", "key /", "type HDFC", "key Enter", "key m", "key Tab", "type 40",
         "key Tab", "type 1640.50", "key Tab", "type NSE desk", "key Enter", "sent 0", "+ 100ms");
}

static void test_fill_by_phone_is_kept(void **state)
{
    struct bed *bed = *state;

    enter_fill(bed);
    PLAY(bed, "shows MANUAL: kept here, in no book", "shows MANUAL +40", "shows (1 MANUAL)");
    assert_int_equal(bed->kept, 1);
    assert_int_equal(kept_fills(&bed->s->tui), 1);
    PLAY(bed, "key 9", "shows in no book yet");
}

static void test_no_room_for_more(void **state)
{
    struct bed *bed = *state;
    struct sq_manual_fill fill = {.qty = 1, .side = SQ_SIDE_BUY};
    char why[80] = "";

    go_down(bed);
    fill.key = tables(bed)->position[0].key;
    for (size_t i = 0; i < TUI_FILLS; i++)
        assert_true(kept_fill(&bed->s->tui, &fill, why, sizeof why));
    assert_false(kept_fill(&bed->s->tui, &fill, why, sizeof why));
    assert_non_null(strstr(why, "no room"));
}

/* ---- back online ------------------------------------------------------------------------------ */

static void test_differences(void **state)
{
    struct bed *bed = *state;

    enter_fill(bed);
    PLAY(bed, "key Up", "key x", "sent 0");
    come_back(bed);
    PLAY(bed, "+ 100ms", "shows BACKUP-2 back, nothing sent: 9 compares 1 fills and 1 sheet lines",
         "sent 0", "key 9", "screen remote-differences", "+ 60s", "sent 0");
}

static void test_a_person_submits(void **state)
{
    struct bed *bed = *state;

    enter_fill(bed);
    come_back(bed);
    PLAY(bed, "+ 100ms", "key 9", "key Enter", "shows told BUY 40 @ 1,640.50", "type x",
         "key Enter", "sent 0", "shows S1 submits this one fill", "key BS", "type S1", "key Enter",
         "sent 1");
    assert_int_equal(bed->s->last.kind, SQ_MANUAL_FILL);
    assert_int_equal(bed->s->last.as.manual_fill.qty, 40);
    assert_int_equal(bed->s->last.as.manual_fill.price, 164050);
    PLAY(bed, "+ 100ms", "hides MANUAL");
    assert_int_equal(kept_fills(&bed->s->tui), 0);
}

static void test_a_person_drops(void **state)
{
    struct bed *bed = *state;

    enter_fill(bed);
    come_back(bed);
    PLAY(bed, "+ 100ms", "key 9", "key Enter", "type d", "key Enter", "sent 0",
         "shows dropped: nothing was submitted");
    assert_int_equal(kept_fills(&bed->s->tui), 0);
}

/* The server has it already, by another console: the engine would refuse it, and says so first. */
static void test_the_server_knows_better(void **state)
{
    struct bed *bed = *state;

    enter_fill(bed);
    come_back(bed);
    PLAY(bed,
         "> manual-fill client=C1 exchange=NSE token=11 product=MIS side=BUY qty=40 price=164050 "
         "person=RAVI reason=other",
         "+ 100ms", "key 9", "+ 1s", "shows the server says -60: in already?");
}

/* The connection was lost before the answer: it may be opened again. */
static void test_no_answer(void **state)
{
    struct bed *bed = *state;
    struct sq_id id;

    enter_fill(bed);
    id = bed->s->tui.fills[0].fill.id;
    bed->s->tui.fills[0].submitted = bed->s->tui.now;
    PLAY(bed, "key 9", "shows submitted, no answer yet");
    kept_lost(&bed->s->tui, &id);
    assert_int_equal(bed->s->tui.fills[0].submitted, 0);
}

static void test_sheet_line_goes(void **state)
{
    struct bed *bed = *state;

    go_down(bed);
    PLAY(bed, "+ 100ms", "key x", "sent 0");
    come_back(bed);
    PLAY(bed, "+ 100ms", "key 9", "shows open as it was", "key Enter", "+ 100ms", "sent 0",
         "hides CALL SHEET");
    assert_int_equal(bed->s->tui.sheet.tagged, 0);
}

/* What was entered is in the file of the next start. */
static void test_restored(void **state)
{
    struct bed *bed = *state;
    struct sq_manual_fill fill = {.qty = 40, .side = SQ_SIDE_BUY, .price = 164050};
    struct sq_key nobody = {.token = 999999};
    uint32_t row = 0;

    go_down(bed);
    while (strcmp(tables(bed)->position[row].key.client, "C1") != 0 ||
           tables(bed)->position[row].net != -100)
        row++;
    fill.key = tables(bed)->position[row].key;
    kept_restore_fill(&bed->s->tui, &fill, -100, bed->s->tui.now - 60 * SQ_SECOND);
    kept_restore_line(&bed->s->tui, &fill.key, -100, bed->s->tui.now - 60 * SQ_SECOND);
    kept_restore_line(&bed->s->tui, &nobody, 1, bed->s->tui.now);
    assert_int_equal(bed->kept, 0);
    PLAY(bed, "+ 100ms", "shows x=SHEET (1)", "shows MANUAL +40", "key 9", "shows 2 to look at");
}

/* ---- NOT SENT --------------------------------------------------------------------------------- */

/* net/remote.h: an intent that the new owner's journal has not got comes back as EXPIRED. */
static void test_lost_intent(void **state)
{
    struct bed *bed = *state;
    struct sq_message refused = {.seq = 9999, .kind = SQ_REFUSED};

    PLAY(bed, "key /", "type HDFC", "key Enter", "key x", "sent 1");
    refused.time = bed->s->stage->now;
    refused.as.refused.id = (struct sq_id){4, 2};
    refused.as.refused.key = bed->s->last.as.square_off.key;
    refused.as.refused.refusal = SQ_REFUSAL_EXPIRED;
    refused.as.refused.command = SQ_SQUARE_OFF;
    strcpy(refused.as.refused.person, bed->s->session.person);
    assert_int_equal(sq_view_apply(bed->s->stage->view, &refused), 0);
    PLAY(bed, "+ 50ms", "shows NOT SENT: C1 HDFCBANK");
}

/* ---- another book under the screen ------------------------------------------------------------ */

/* A view with the same rows in another order, as a server may send them afresh. */
static struct sq_view *turned_round(const struct sq_view *old, void **memory)
{
    const struct sq_tables *t = &old->tables;
    struct sq_view *view;
    struct sq_message row;

    *memory = calloc(1, sq_view_size(&t->config));
    assert_non_null(*memory);
    view = sq_view_init(*memory, &t->config);
#define X(member, type, tail)                           \
    for (uint32_t i = t->member##_count; i-- > 0;) {    \
        row = (struct sq_message){.kind = SQ_##tail};   \
        row.as.member = t->member[i];                   \
        assert_int_equal(sq_view_apply(view, &row), 0); \
    }
    SQ_TABLES_MAP(X)
#undef X
    row = (struct sq_message){.kind = SQ_BOOK};
    row.as.book = t->book;
    assert_int_equal(sq_view_apply(view, &row), 0);
    return view;
}

static void test_rows_are_found_again(void **state)
{
    struct bed *bed = *state;
    struct sq_view *old = bed->s->session.view, *view;
    void *memory;

    enter_fill(bed);
    PLAY(bed, "key x", "sent 0", "shows x=SHEET (1)", "key m");
    assert_non_null(bed->s->tui.strip);
    view = turned_round(old, &memory);
    bed->s->session.view = view;
    assert_true(tui_sit(&bed->s->tui, &bed->s->session, old));
    assert_null(bed->s->tui.strip);
    assert_int_equal(bed->s->tui.sheet.tagged, 1);
    for (uint32_t i = 0; i < view->tables.position_count; i++)
        if (list_is_tagged(&bed->s->tui.sheet, i)) {
            assert_int_equal(view->tables.position[i].net, -100);
            assert_int_equal(bed->s->tui.lists[PANEL_POSITIONS].cursor, i);
            assert_int_equal(kept_quantity(&bed->s->tui, i), 40);
        }
    PLAY(bed, "shows x=SHEET (1)", "shows MANUAL +40");
    bed->s->session.view = old;
    assert_true(tui_sit(&bed->s->tui, &bed->s->session, view));
    free(memory);
}

/* ---- login ------------------------------------------------------------------------------------ */

static void test_login(void **state)
{
    struct bed *bed = *state;

    go_down(bed);
    strcpy(bed->s->tui.user, "RAVI");
    login_open(&bed->s->tui, "user, password or code is wrong");
    PLAY(bed, "shows user, password or code is wrong", "type correct horse", "key Tab",
         "type 123456", "hides correct", "hides 123456", "screen remote-login", "key Enter");
    assert_string_equal(bed->user, "RAVI");
    assert_string_equal(bed->password, "correct horse");
    assert_string_equal(bed->code, "123456");
    assert_null(bed->s->tui.strip);
    assert_null(memmem(&bed->s->tui, sizeof bed->s->tui, "correct horse", 13));
    assert_null(memmem(&bed->s->tui, sizeof bed->s->tui, "123456", 6));
}

static void test_login_wants_all(void **state)
{
    struct bed *bed = *state;

    go_down(bed);
    login_open(&bed->s->tui, "");
    PLAY(bed, "key Enter", "shows who logs in?", "type RAVI", "key Enter", "shows the password",
         "key Esc", "hides log in on a backup server");
    assert_string_equal(bed->user, "");
}

static void test_login_command(void **state)
{
    struct bed *bed = *state;

    PLAY(bed, "key :", "type login", "key Enter", "shows is logged in: :logout first",
         "key :", "type logout", "key Enter");
    assert_int_equal(bed->logouts, 1);
    go_down(bed);
    PLAY(bed, "+ 50ms", "key :", "type login AS11", "key Enter", "shows log in on a backup server",
         "shows AS11");
}

/* A password of 128 bytes (net/wire.h) has room. */
static void test_long_password(void **state)
{
    struct bed *bed = *state;
    char line[160] = "type ";

    go_down(bed);
    strcpy(bed->s->tui.user, "RAVI");
    login_open(&bed->s->tui, "");
    memset(line + 5, 'a', 128);
    PLAY(bed, line, "key Enter");
    assert_int_equal(strlen(bed->password), 128);
}

/* An engine in this process has nothing of all this. */
static void test_not_without_servers(void **state)
{
    struct bed *bed = *state;
    struct tui *tui = &bed->s->tui;

    tui->calls.servers = NULL;
    tui->calls.login = NULL;
    tui->calls.logout = NULL;
    tui->calls.keep = NULL;
    PLAY(bed, "key :", "type login", "key Enter", "shows works on no server",
         "key :", "type logout", "key Enter", "shows works on no server");
}

/* ---- owning the book -------------------------------------------------------------------------- */

static void test_a_hand_over_needs_a_reason(void **state)
{
    struct bed *bed = *state;

    PLAY(bed, "key :", "type handover", "key Enter", "shows a reason is needed");
    assert_int_equal(bed->own_asked, 0);
    PLAY(bed, "key :", "type handover server room is hot", "key Enter", "shows asked for");
    assert_int_equal(bed->own_what, OWN_HANDOVER);
    assert_string_equal(bed->own_reason, "server room is hot");
    PLAY(bed, "key :", "type handback it is cool", "key Enter", "shows asked for");
    assert_int_equal(bed->own_what, OWN_HANDBACK);
}

static void test_two_people_break_the_glass(void **state)
{
    struct bed *bed = *state;

    go_down(bed);
    PLAY(bed, "key :", "type breakglass ref 4711", "key Enter", "type first secret", "key Enter",
         "shows all five are needed");
    assert_int_equal(bed->own_asked, 0);
    PLAY(bed, "type SUP1", "key Tab", "type other secreT", "hides secret", "screen break-glass",
         "key Enter", "shows wrong");
    assert_int_equal(bed->own_asked, 1);
    PLAY(bed, "type first secret", "key Tab", "key Tab", "type other secret", "key Enter");
    assert_int_equal(bed->own_asked, 2);
    assert_int_equal(bed->own_what, OWN_BREAKGLASS);
    assert_string_equal(bed->own_reason, "ref 4711");
    assert_null(bed->s->tui.strip);
    assert_null(memmem(&bed->s->tui, sizeof bed->s->tui, "first secret", 12));
    assert_null(memmem(&bed->s->tui, sizeof bed->s->tui, "other secre", 11));
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_source_and_lag),
        T(test_offline_screen),
        T(test_nothing_looks_live),
        T(test_unknown_is_listed),
        T(test_x_writes_on_the_sheet),
        T(test_fill_by_phone_is_kept),
        T(test_no_room_for_more),
        T(test_differences),
        T(test_a_person_submits),
        T(test_a_person_drops),
        T(test_the_server_knows_better),
        T(test_no_answer),
        T(test_sheet_line_goes),
        T(test_restored),
        T(test_lost_intent),
        T(test_rows_are_found_again),
        T(test_login),
        T(test_login_wants_all),
        T(test_login_command),
        T(test_long_password),
        T(test_a_hand_over_needs_a_reason),
        T(test_two_people_break_the_glass),
        T(test_not_without_servers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
