/* users.c: which users are possible, and whether a user and a person of a book agree. */
#include "core/users.h"

#include <string.h>

enum { BOOK_LENGTH = 3 };

static bool is_upper(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_name(char c)
{
    return is_upper(c) || (c >= 'a' && c <= 'z') || c == '.' || c == '_' || c == '-';
}

/* 1 to room - 1 characters of a name, and the NUL within `room`. */
static bool is_word(const char *text, size_t room)
{
    size_t length = strnlen(text, room);
    for (size_t i = 0; i < length; i++)
        if (!is_name(text[i]))
            return false;
    return length > 0 && length < room;
}

bool sq_user_name_is_valid(const char *name)
{
    return is_word(name, SQ_PERSON_SIZE);
}

/* "DRL MUM": each is three capitals or digits, and one space stands between two. */
static bool are_books(const char *books)
{
    size_t length = strnlen(books, SQ_BOOKS_SIZE);
    if (length == SQ_BOOKS_SIZE)
        return false;
    if (length == 0 || strcmp(books, "*") == 0)
        return true;
    for (size_t i = 0; i < length; i++) {
        bool gap = i % (BOOK_LENGTH + 1) == BOOK_LENGTH;
        if (gap ? books[i] != ' ' : !is_upper(books[i]))
            return false;
    }
    return length % (BOOK_LENGTH + 1) == BOOK_LENGTH;
}

const char *sq_user_fault(const struct sq_user *user)
{
    if (!sq_user_name_is_valid(user->name))
        return "name: 1 to 11 letters, digits, '.', '_' or '-'";
    if (user->role <= SQ_ROLE_NONE || user->role >= SQ_ROLE_SYSTEM)
        return "role: dealer, supervisor, admin or auditor";
    if (user->desk[0] != '\0' && !is_word(user->desk, SQ_DESK_SIZE))
        return "desk: at most 11 letters, digits, '.', '_' or '-'";
    if (!are_books(user->books))
        return "books: at most 16 codes of three capitals or digits, one space between; or *";
    return NULL;
}

/* `books` are such; `book` is one code. */
static bool has_book(const char *books, const char *book)
{
    if (strcmp(books, "*") == 0)
        return true;
    for (const char *at = books; *at != '\0'; at += BOOK_LENGTH + (at[BOOK_LENGTH] == ' '))
        if (strncmp(at, book, BOOK_LENGTH) == 0)
            return true;
    return false;
}

const char *sq_user_scope(const struct sq_user *user, const char *book,
                          const struct sq_person *person)
{
    bool trades = user->role != SQ_ROLE_ADMIN && user->role != SQ_ROLE_AUDITOR;
    if (strnlen(book, BOOK_LENGTH + 1) != BOOK_LENGTH || sq_user_fault(user) != NULL ||
        !has_book(user->books, book))
        return "this book is not among the user's";
    if (person == NULL)
        return trades ? "the book's day has no such person" : NULL;
    if (!person->active)
        return "the book's day says that this person is not active";
    if (person->role != user->role)
        return "the user has one role and the book's day says another";
    if (user->desk[0] != '\0' && strcmp(user->desk, person->desk) != 0)
        return "the user has one desk and the book's day says another";
    return NULL;
}
