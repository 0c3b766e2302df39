// A lock for sections of a few instructions. A thread that waits turns round, and gives its processor away
// now and then, since the holder may have lost its own. It costs half of a mutex where nobody waits.
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include <sched.h>
#include <stdatomic.h>

typedef struct base_lock {
    atomic_flag held;
} base_lock;
#define BASE_LOCK_INIT                                                                                       \
    { ATOMIC_FLAG_INIT }

static inline void base_lock_take(base_lock *lock) {
    for (int tries = 1; atomic_flag_test_and_set_explicit(&lock->held, memory_order_acquire); tries++)
        if (tries % 64 == 0) sched_yield();
}

static inline void base_lock_give(base_lock *lock) {
    atomic_flag_clear_explicit(&lock->held, memory_order_release);
}

#endif
