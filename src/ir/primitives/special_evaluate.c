// The meaning of special functions, element by element: what compiled code is compared with. What the C
// library does not have is found by other means than the expansions: the inverse of erf by iteration,
// polygamma functions by recurrence to where the asymptotic series converges at once. All in long double.

#include "ir/primitives/special.h"

#include <math.h>

#include "ir/primitives/evaluate_elements.h"

#define PI 3.14159265358979323846264338327950288L

// Steps of third order (E. Halley) on the smaller of erf and erfc, from S. Winitzki's formula.
long double ir_long_erf_inv(long double x) {
    long double size = fabsl(x), a = 0.147L;
    if (!(size < 1)) return size == 1 ? copysignl(INFINITY, x) : (long double)NAN;
    if (size < 0x1p-40L) return x * (sqrtl(PI) / 2); // erfl of what is tiny has the digits of double only
    long double log = log1pl(-size * size), t = 2 / (PI * a) + log / 2,
                y = sqrtl(fmaxl(0, sqrtl(t * t - log / a) - t));
    for (int step = 0; step < 6; step++) {
        long double off = size < 0.5L ? erfl(y) - size : (1 - size) - erfcl(y);
        long double u = off * sqrtl(PI) / 2 * expl(y * y);
        y -= u / (1 + y * u);
    }
    return copysignl(y, x);
}

// B_2, B_4, ... (Bernoulli)
static const long double bernoulli[] = {1.0L / 6,       -1.0L / 30,          1.0L / 42,    -1.0L / 30,
                                        5.0L / 66,      -691.0L / 2730,      7.0L / 6,     -3617.0L / 510,
                                        43867.0L / 798, -174611.0L / 330,    854513.0L / 138};
enum { TERMS = sizeof bernoulli / sizeof *bernoulli };

static long double fraction_of(long double x) { return x - roundl(x); }

long double ir_long_digamma(long double x) {
    if (x == 0) return -INFINITY;
    if (x < 0) {
        long double part = fraction_of(x);
        return part == 0 || isinf(x) ? (long double)NAN : ir_long_digamma(1 - x) - PI / tanl(PI * part);
    }
    long double sum = 0, power = 1;
    if (isinf(x)) return x;
    for (; x < 30; x++) sum -= 1 / x;
    sum += logl(x) - 1 / (2 * x);
    for (int k = 1; k <= TERMS; k++) {
        power /= x * x;
        sum -= bernoulli[k - 1] * power / (2 * k);
    }
    return sum;
}

// The n-th derivative of pi cot(pi x) is pi^(n+1) times a polynomial in the cotangent: P_0 = c, P' (-1 - c^2)
// is the next.
static long double cotangent_derivative(int64_t n, long double part) {
    enum { MOST = 64 };
    long double p[MOST + 3] = {0, 1}, c = 1 / tanl(PI * part), sum = 0;
    if (n > MOST) return NAN;
    for (int64_t k = 0; k < n; k++) {
        long double next[MOST + 3] = {0};
        for (int64_t i = 1; i <= k + 1; i++) {
            next[i - 1] -= (long double)i * p[i];
            next[i + 1] -= (long double)i * p[i];
        }
        for (int64_t i = 0; i <= k + 2; i++) p[i] = next[i];
    }
    for (int64_t i = n + 1; i >= 0; i--) sum = sum * c + p[i];
    return sum * powl(PI, (long double)n + 1);
}

// (-1)^(n+1) n! sum (x + k)^-(n+1), by the sum to 30 + 2 n and the formula of Euler and Maclaurin.
long double ir_long_polygamma(int64_t order, long double x) {
    long double s = (long double)order + 1, sum = 0, sign = order % 2 ? 1 : -1, factorial = tgammal(s);
    if (isnan(x)) return x;
    if (isinf(x) && x > 0) return sign * 0.0L;
    if (x <= 0) {
        long double part = fraction_of(x);
        if (part == 0) return sign * INFINITY;
        if (isinf(x)) return NAN;
        return -sign * ir_long_polygamma(order, 1 - x) - cotangent_derivative(order, part);
    }
    for (; x < 30 + 2 * (long double)order; x++) sum += powl(x, -s);
    long double power = powl(x, -s), rising = s;
    sum += power * x / (s - 1) + power / 2;
    for (int k = 1; k <= TERMS; k++) {
        power /= k == 1 ? x : x * x;
        long double factor = 1;
        for (int i = 2; i <= 2 * k; i++) factor *= (long double)i;
        sum += bernoulli[k - 1] / factor * rising * power;
        rising *= (s + 2 * k - 1) * (s + 2 * k);
    }
    return sign * factorial * sum;
}

// The sign of Gamma, which lgamma would leave in a variable of the process, goes here.
static long double log_gamma(long double x) {
    int sign;
    return lgammal_r(x, &sign);
}

EVALUATE(erf,     FLOATS(UNARY, erfl(x)))
EVALUATE(erfc,    FLOATS(UNARY, erfcl(x)))
EVALUATE(erf_inv, FLOATS(UNARY, ir_long_erf_inv(x)))
EVALUATE(lgamma,  FLOATS(UNARY, log_gamma(x)))
EVALUATE(digamma, FLOATS(UNARY, ir_long_digamma(x)))

#define ORDER ((const ir_polygamma_attributes *)c->op->attributes)->order
EVALUATE(polygamma, FLOATS(UNARY, ir_long_polygamma(ORDER, x)))
