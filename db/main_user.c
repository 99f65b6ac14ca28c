/*
 * main_user.c: squareoff-admin user: who may log in.
 *
 * Runs beside a living server, which sees a change at its next look: sessions of the changed user
 * end within a minute. Passwords are read from the terminal without echo or from a private file,
 * never from the command line or the environment, where others can read them.
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "core/num.h"
#include "db/main_parts.h"
#include "db/report.h"
#include "db/state_dir.h"
#include "db/users.h"
#include "net/login_enrol.h"

enum { LINE_SIZE = PASSWORD_LENGTH_MAX + 2, WHY_SIZE = 256 };

/* One command under way. */
struct change {
    const struct admin *admin;
    struct sq_users *users;
    const char *name;
    struct sq_user user;
};

static enum admin_exit refuse(const char *about, const char *why)
{
    fprintf(stderr, "squareoff-admin: %s: %s\n", about, why);
    return ADMIN_REFUSED;
}

/* ---- passwords ------------------------------------------------------------------------------- */

/* One line without its end. What does not fit is a password that is too long, and stays so. */
static int read_line(int fd, char line[LINE_SIZE])
{
    size_t length = 0;
    char c = '\0';
    ssize_t got;
    while ((got = read(fd, &c, 1)) == 1 && c != '\n')
        if (length < LINE_SIZE - 1)
            line[length++] = c;
    if (length > 0 && line[length - 1] == '\r')
        length--;
    line[length] = '\0';
    return got < 0 || (got == 0 && length == 0) ? -1 : 0;
}

/* Signals of the keyboard are off too, or ^C would leave a terminal without echo. */
static int ask_terminal(const char *prompt, char line[LINE_SIZE])
{
    struct termios before, quiet;
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY), rc = -1;
    if (fd >= 0 && tcgetattr(fd, &before) == 0) {
        quiet = before;
        quiet.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
        if (tcsetattr(fd, TCSAFLUSH, &quiet) == 0) {
            dprintf(fd, "%s", prompt);
            rc = read_line(fd, line);
            dprintf(fd, "\n");
            tcsetattr(fd, TCSAFLUSH, &before);
        }
    }
    if (fd >= 0)
        close(fd);
    return rc;
}

static const char *ask_password(char line[LINE_SIZE])
{
    char again[LINE_SIZE] = "";
    if (ask_terminal("New password (Enter alone: one is made): ", line) != 0)
        return "no terminal to ask for it: --password-file FILE";
    if (line[0] == '\0')
        return NULL;
    int rc = ask_terminal("Again: ", again);
    bool same = rc == 0 && strcmp(line, again) == 0;
    sodium_memzero(again, sizeof again);
    return same ? NULL : "the two are not the same";
}

/* The first line of a file that nobody else may read. */
static const char *password_of_file(const char *path, char line[LINE_SIZE])
{
    struct stat about;
    const char *why = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &about) != 0)
        why = strerror(errno);
    else if (!S_ISREG(about.st_mode) || (about.st_mode & 077) != 0)
        why = "has to be a plain file with mode 0600";
    else if (read_line(fd, line) != 0)
        why = "is empty";
    if (fd >= 0)
        close(fd);
    return why;
}

/* Makes anew what `what` says (login_enrol bits), from file or terminal. */
static enum admin_exit enrol(struct change *change, unsigned what,
                             struct login_enrolment *enrolment)
{
    char line[LINE_SIZE] = "", why[WHY_SIZE] = "";
    const char *path = change->admin->password_file, *fault = NULL;
    if ((what & ENROL_PASSWORD) != 0)
        fault = path != NULL ? password_of_file(path, line) : ask_password(line);
    if (fault != NULL)
        return refuse(path != NULL ? path : "password", fault);
    int rc = login_enrol(&change->user, what, line[0] != '\0' ? line : NULL, &password_usual,
                         enrolment, why, sizeof why);
    sodium_memzero(line, sizeof line);
    return rc == 0 ? ADMIN_OK : refuse(change->name, why);
}

/* ---- options --------------------------------------------------------------------------------- */

/* dealer or DEALER */
static int role_of(const char *text)
{
    char upper[16];
    size_t length = strnlen(text, sizeof upper - 1);
    for (size_t i = 0; i < length; i++)
        upper[i] = (char)(text[i] >= 'a' && text[i] <= 'z' ? text[i] - 'a' + 'A' : text[i]);
    upper[length] = '\0';
    return sq_named(SQ_LIST_ROLE, upper);
}

static bool set_text(char *to, size_t room, const char *from)
{
    if (from != NULL)
        snprintf(to, room, "%s", from);
    return from == NULL || strlen(from) < room;
}

/* Role, desk and books as the options say; what was not given stays. */
static const char *set_scope(struct change *change)
{
    const struct admin *admin = change->admin;
    struct sq_user *user = &change->user;
    int role = admin->role != NULL ? role_of(admin->role) : user->role;
    user->role = role > 0 ? (uint8_t)role : (uint8_t)SQ_ROLE_NONE;
    if (!set_text(user->desk, sizeof user->desk, admin->desk))
        return "desk: too long";
    if (!set_text(user->books, sizeof user->books, admin->books))
        return "books: at most 16";
    for (char *comma = user->books; (comma = strchr(comma, ',')) != NULL;)
        *comma = ' ';
    return sq_user_fault(user);
}

/* ---- commands -------------------------------------------------------------------------------- */

static enum admin_exit failed(struct change *change, enum sq_err error)
{
    char why[WHY_SIZE] = "";
    if (error == SQ_ERR_NOT_FOUND)
        return refuse(change->name, "there is no such user");
    if (error == SQ_ERR_CONFLICT)
        return refuse(change->name, "somebody else changed this user at the same time");
    change->users->ops->why(change->users, why, sizeof why);
    return admin_failed(error, why);
}

/* Told only when it is kept: what is on the paper is what is in the table. */
static void tell(struct login_enrolment *enrolment)
{
    char text[ENROLMENT_TEXT_SIZE];
    login_enrolment_text(enrolment, text);
    if (enrolment->password[0] != '\0' || enrolment->secret[0] != '\0')
        fputs(text, stdout);
    sodium_memzero(text, sizeof text);
}

static enum admin_exit add(struct change *change)
{
    struct login_enrolment enrolment;
    snprintf(change->user.name, sizeof change->user.name, "%s", change->name);
    const char *fault = set_scope(change);
    if (fault != NULL)
        return refuse(change->name, fault);
    enum admin_exit exit = enrol(change, ENROL_PASSWORD | ENROL_TOTP, &enrolment);
    if (exit == ADMIN_OK) {
        enum sq_err error = change->users->ops->add(change->users, &change->user);
        if (error == SQ_ERR_OK)
            tell(&enrolment);
        else
            exit = error == SQ_ERR_CONFLICT ? refuse(change->name, "there is such a user already")
                                            : failed(change, error);
    }
    login_enrolment_wipe(&enrolment);
    return exit;
}

static enum admin_exit save(struct change *change)
{
    enum sq_err error = change->users->ops->save(change->users, &change->user);
    return error == SQ_ERR_OK ? ADMIN_OK : failed(change, error);
}

static enum admin_exit enrol_again(struct change *change, unsigned what)
{
    struct login_enrolment enrolment;
    enum admin_exit exit = enrol(change, what, &enrolment);
    if (exit == ADMIN_OK)
        exit = save(change);
    if (exit == ADMIN_OK)
        tell(&enrolment);
    login_enrolment_wipe(&enrolment);
    return exit;
}

static enum admin_exit passwd(struct change *change)
{
    return enrol_again(change, ENROL_PASSWORD);
}

static enum admin_exit totp(struct change *change)
{
    return enrol_again(change, ENROL_TOTP);
}

static enum admin_exit role(struct change *change)
{
    const char *fault = set_scope(change);
    return fault == NULL ? save(change) : refuse(change->name, fault);
}

static enum admin_exit disable(struct change *change)
{
    change->user.disabled = 1;
    return save(change);
}

static enum admin_exit enable(struct change *change)
{
    change->user.disabled = 0;
    return save(change);
}

struct list {
    bool json;
    unsigned rows;
};

static int list_row(void *owner, const struct sq_user *user)
{
    struct list *list = owner;
    const char *state = user->disabled ? "disabled" : "enabled";
    const char *role_name = sq_name(SQ_LIST_ROLE, user->role);
    char login[48] = "never";
    if (user->login_us != 0)
        sq_print_iso(user->login_us, login);
    if (!list->json)
        printf("%-11s  %-10s  %-8s  %-11s  %-24s  %s\n", user->name, role_name, state, user->desk,
               user->books, login);
    else {
        printf("%s{\"name\":\"%s\",\"role\":\"%s\",\"state\":\"%s\",\"desk\":\"%s\",\"books\":"
               "\"%s\",\"login\":",
               list->rows ? ",\n" : "", user->name, role_name, state, user->desk, user->books);
        report_json_text(stdout, login);
        putchar('}');
    }
    list->rows++;
    return 0;
}

static enum admin_exit list_users(struct change *change)
{
    struct list list = {.json = change->admin->json};
    fputs(list.json ? "[" : "", stdout);
    enum sq_err error = change->users->ops->list(change->users, list_row, &list);
    fputs(list.json ? "]\n" : "", stdout);
    return error == SQ_ERR_OK ? ADMIN_OK : failed(change, error);
}

/* ---- table ----------------------------------------------------------------------------------- */

static const struct command {
    const char *name;
    int words;  /* that follow it: a user */
    bool needs; /* the user has to be there */
    bool makes; /* the file of users may be made */
    enum admin_exit (*run)(struct change *change);
} commands[] = {
    {"add", 1, false, true, add},          {"passwd", 1, true, false, passwd},
    {"totp", 1, true, false, totp},        {"role", 1, true, false, role},
    {"disable", 1, true, false, disable},  {"enable", 1, true, false, enable},
    {"list", 0, false, false, list_users},
};

/* Only a new user makes the file: a mistyped directory is told, not made. */
static bool is_there(const char *directory)
{
    char path[STATE_PATH_MAX + 32];
    struct state_dir dir;
    return state_dir_init(&dir, directory) == 0 &&
           access(state_dir_file(&dir, "users.db", path), F_OK) == 0;
}

static struct sq_users *open_users(const struct command *command, const struct admin *admin,
                                   enum admin_exit *exit)
{
    static const char postgres[] = "postgres:";
    char why[WHY_SIZE] = "";
    enum sq_err error = SQ_ERR_OK;
    struct sq_users *users = NULL;
    if (admin->store == NULL && !command->makes && !is_there(admin->state))
        error = SQ_ERR_NOT_FOUND;
    else if (admin->store == NULL)
        users = users_sqlite_open(admin->state, &error, why, sizeof why);
    else
        users = users_postgres_open(admin->store + sizeof postgres - 1, &error, why, sizeof why);
    if (users == NULL)
        *exit = admin_failed(error, why);
    return users;
}

static enum admin_exit run(const struct command *command, const struct admin *admin)
{
    enum admin_exit exit = ADMIN_OK;
    struct change change = {.admin = admin, .name = command->words ? admin->words[1] : ""};
    if (command->words && !sq_user_name_is_valid(change.name))
        return refuse("name", "1 to 11 letters, digits, '.', '_' or '-'");
    change.users = open_users(command, admin, &exit);
    if (change.users == NULL)
        return exit;
    enum sq_err error = SQ_ERR_OK;
    if (command->needs)
        error = change.users->ops->find(change.users, change.name, &change.user);
    exit = error == SQ_ERR_OK ? command->run(&change) : failed(&change, error);
    sodium_memzero(&change.user, sizeof change.user);
    change.users->ops->destroy(change.users);
    return exit;
}

static bool store_is_known(const struct admin *admin)
{
    return admin->store != NULL ? strncmp(admin->store, "postgres:", 9) == 0 : admin->state != NULL;
}

enum admin_exit admin_user(const struct admin *admin)
{
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none); /* a core would hold the password */
    prctl(PR_SET_DUMPABLE, 0);
    if (!store_is_known(admin)) {
        fputs("squareoff-admin: user needs --state DIR or --store postgres:CONNINFO\n", stderr);
        return ADMIN_USAGE;
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (admin->word_count == commands[i].words + 1 &&
            strcmp(admin->words[0], commands[i].name) == 0)
            return run(&commands[i], admin);
    fputs("squareoff-admin: user add, passwd, totp, role, disable or enable NAME; user list\n",
          stderr);
    return ADMIN_USAGE;
}
