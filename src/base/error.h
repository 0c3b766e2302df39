// Failures inside the library.
//
// Code that fails raises; a raise unwinds to the nearest base_protect of its thread. Every public
// entry point protects its body, and a callback of the user is only ever called between two
// protected calls of its own operations, so an unwinding never crosses a frame of the user's.
// What a body owns when it raises is what it deferred: deferred work runs when the protected call
// ends, well or badly, last first. So inside the library no function needs a status, a check or a
// clean-up label.
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "covector/status.h"

#if defined(__GNUC__)
#define BASE_PRINTF(format_at, first) __attribute__((format(printf, format_at, first)))
#endif

// For a few bytes of a thread's own that are looked at in every call: no function is called to find them. A
// library that is loaded late has little room for them.
#define BASE_FAST_TLS __attribute__((tls_model("initial-exec")))

typedef struct base_failure {
    cv_status status;
    char message[1024]; // complete sentence with its place; cut when too long
} base_failure;

// Runs body(argument). Returns CV_OK, or the status that was raised, with `failure` filled in.
cv_status base_protect(void (*body)(void *), void *argument, base_failure *failure);

_Noreturn void base_raise(cv_status status, const char *format, ...) BASE_PRINTF(2, 3);

// Raises the same failure again, in the protected call around the one that failed.
_Noreturn void base_raise_again(const base_failure *failure);

// Runs release(argument) when the innermost protected call ends. If that cannot be noted, runs it
// now and raises.
void base_defer(void (*release)(void *), void *argument);

// A fault of ours, not of the user: names our own file and line.
#define base_check(condition)                                                                      \
    ((condition) ? (void)0                                                                         \
                 : base_raise(CV_INTERNAL, "internal error at %s:%d: %s does not hold", __FILE__,  \
                              __LINE__, #condition))

#endif
