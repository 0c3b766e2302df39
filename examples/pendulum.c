// A double pendulum: two rods of length 1 with a mass of 1 at the end of each, started high enough to be
// chaotic. It is integrated by the classical method of Runge and Kutta, one step of a scan at a time.
//
//     pendulum [--out STEM]
//
// Prints how well energy is kept; the gradient of where the lower mass ends up by the initial state,
// computed backwards through all 1,000 steps, beside central differences, with the relative error; and how
// far an ensemble spreads that starts within a thousandth of a radian. Draws STEM.svg and STEM.png
// (default: pendulum) if it was built with cairo.

#include <covector/covector.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plot.h"

enum { STEPS = 1000, MEMBERS = 48 };
static const double dt = 0.01, gravity = 9.81;
static const double nudge =
    1e-8; // of the central differences; their error grows with its square times chaos cubed
static const double start[4] = {1.8, 2.2, 0.0, 0.0}; // angles from hanging down, then their velocities

// ---- the physics ---------------------------------------------------------------------------------

// d/dt of the state f64[4].
static cv_val velocity(cv_val state) {
    cv_val a = cv_index(state, 0), b = cv_index(state, 1), va = cv_index(state, 2), vb = cv_index(state, 3);
    cv_val difference = cv_sub(a, b), sine = cv_sin(difference), cosine = cv_cos(difference);
    cv_val mass = cv_sub(3, cv_cos(cv_mul(2, difference)));
    cv_val pull = cv_add(cv_mul(3 * gravity, cv_sin(a)), cv_mul(gravity, cv_sin(cv_sub(a, cv_mul(2, b)))));
    cv_val swing = cv_add(cv_square(vb), cv_mul(cv_square(va), cosine));
    cv_val first = cv_div(cv_neg(cv_add(pull, cv_mul(cv_mul(2, sine), swing))), mass);
    cv_val lift = cv_add(cv_mul(2, cv_square(va)), cv_mul(2 * gravity, cv_cos(a)));
    cv_val second = cv_div(cv_mul(cv_mul(2, sine), cv_add(lift, cv_mul(cv_square(vb), cosine))), mass);
    return cv_stack(CV_LIST(va, vb, first, second));
}

// One step of Runge and Kutta's method of fourth order.
static cv_val step(cv_val state) {
    cv_val k1 = velocity(state);
    cv_val k2 = velocity(cv_add(state, cv_mul(dt / 2, k1)));
    cv_val k3 = velocity(cv_add(state, cv_mul(dt / 2, k2)));
    cv_val k4 = velocity(cv_add(state, cv_mul(dt, k3)));
    cv_val middle = cv_mul(2, cv_add(k2, k3));
    return cv_add(state, cv_mul(dt / 6, cv_add(cv_add(k1, middle), k4)));
}

static void step_and_keep(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    out[0] = out[1] = step(in[0]);
}

// The states after each step, f64[STEPS,4].
static cv_val trajectory(cv_val state) {
    cv_val states;
    cv_scan(cv_fun(step_and_keep, .in = 1, .out = 2), &state, 1, &states, 1, .length = STEPS);
    return states;
}

// Where the lower mass is at the end, to the right of the pivot.
static cv_val end_position(cv_val state) {
    cv_val end = cv_index(trajectory(state), STEPS - 1);
    return cv_add(cv_sin(cv_index(end, 0)), cv_sin(cv_index(end, 1)));
}

static double energy(const double *s) {
    double kinetic = s[2] * s[2] + 0.5 * s[3] * s[3] + s[2] * s[3] * cos(s[0] - s[1]);
    return kinetic - gravity * (2 * cos(s[0]) + cos(s[1]));
}

// ---- what is computed ----------------------------------------------------------------------------

static cv_val state_of(const double *s) { return cv_array(CV_F64, CV_INTS(4), s); }

// The gradient backwards through the whole scan, and by central differences; returns the relative error.
static double compare_gradients(void) {
    double gradient[4], differences[4], error = 0, size = 0;
    cv_fn end = cv_jit(cv_fun(end_position)), slope = cv_jit(cv_grad(cv_fun(end_position)));
    cv_read(cv_call_one(slope, state_of(start)), gradient, sizeof gradient);
    for (int i = 0; i < 4; i++) {
        double high[4], low[4];
        memcpy(high, start, sizeof high);
        memcpy(low, start, sizeof low);
        high[i] += nudge, low[i] -= nudge;
        double rise = cv_item(cv_call_one(end, state_of(high))) - cv_item(cv_call_one(end, state_of(low)));
        differences[i] = rise / (2 * nudge);
        error += pow(gradient[i] - differences[i], 2);
        size += pow(differences[i], 2);
    }
    static const char *const names[] = {"upper angle", "lower angle", "upper speed", "lower speed"};
    printf("d(end position)/d(initial state)    backwards     differences\n");
    for (int i = 0; i < 4; i++) printf("  %-30s %13.6f   %13.6f\n", names[i], gradient[i], differences[i]);
    return sqrt(error / size);
}

// Paths of members that start with slightly different lower angles, double[MEMBERS][STEPS][4].
static const double *ensemble(void) {
    double states[MEMBERS][4];
    for (int i = 0; i < MEMBERS; i++) {
        memcpy(states[i], start, sizeof start);
        states[i][1] += 1e-3 * (2.0 * i / (MEMBERS - 1) - 1);
    }
    return cv_data(
        cv_call_one(cv_jit(cv_vmap(cv_fun(trajectory))), cv_array(CV_F64, CV_INTS(MEMBERS, 4), states)));
}

// The standard deviation of both angles over the members at each step.
static void spread_of(const double *paths, double *spread) {
    for (int t = 0; t < STEPS; t++) {
        double squares = 0;
        for (int k = 0; k < 2; k++) {
            double sum = 0;
            for (int i = 0; i < MEMBERS; i++) sum += paths[(i * STEPS + t) * 4 + k];
            for (int i = 0; i < MEMBERS; i++)
                squares += pow(paths[(i * STEPS + t) * 4 + k] - sum / MEMBERS, 2);
        }
        spread[t] = sqrt(squares / MEMBERS);
    }
}

// ---- the picture ---------------------------------------------------------------------------------

static const plot_style rod = {PLOT_INK, 2.5, 1};

// From blue at the beginning to red at the end.
static uint32_t colour_at(double part) {
    const int from[3] = {0x2b, 0x6c, 0xb0}, to[3] = {0xdd, 0x4b, 0x1a};
    uint32_t colour = 0;
    for (int i = 0; i < 3; i++) colour = colour << 8 | (uint32_t)lround(from[i] + part * (to[i] - from[i]));
    return colour;
}

// The path of the lower mass in the plane, and where the pendulum is at the end.
static void draw_path(plot *p, const double *path) {
    plot_axes plane = {.left = 30,
                       .top = 44,
                       .width = 356,
                       .height = 356,
                       .x_low = -2.2,
                       .x_high = 2.2,
                       .y_low = -2.2,
                       .y_high = 2.2,
                       .no_ticks = true,
                       .title = "The lower mass over 10 seconds"};
    static double x[STEPS], y[STEPS];
    plot_frame(p, &plane);
    for (int t = 0; t < STEPS; t++) {
        x[t] = sin(path[4 * t]) + sin(path[4 * t + 1]);
        y[t] = -cos(path[4 * t]) - cos(path[4 * t + 1]);
    }
    for (int t = 0; t + 1 < STEPS; t += 10)
        plot_curve(p, &plane, x + t, y + t, t + 11 < STEPS ? 11 : STEPS - t,
                   (plot_style){colour_at((double)t / STEPS), 1.25, 0.8});
    double angle = path[4 * (STEPS - 1)];
    double rod_x[] = {0, sin(angle), x[STEPS - 1]}, rod_y[] = {0, -cos(angle), y[STEPS - 1]};
    plot_curve(p, &plane, rod_x, rod_y, 3, rod);
    plot_dot(p, &plane, 0, 0, 3, PLOT_INK);
    for (int i = 1; i < 3; i++) plot_dot(p, &plane, rod_x[i], rod_y[i], 6, i == 1 ? PLOT_INK : PLOT_RED);
    plot_text(p, plane.left, 420, 11, 0, PLOT_BLUE, "start");
    plot_text(p, plane.left + plane.width, 420, 11, 1, PLOT_RED, "end");
}

static void draw_ensemble(plot *p, const double *paths, const double *spread) {
    static double time[STEPS], angle[STEPS];
    double low = 0, high = 0;
    for (int t = 0; t < STEPS; t++) time[t] = (t + 1) * dt;
    for (int k = 0; k < MEMBERS * STEPS; k++)
        low = fmin(low, paths[4 * k + 1]), high = fmax(high, paths[4 * k + 1]);
    plot_axes above = {.left = 456,
                       .top = 44,
                       .width = 400,
                       .height = 186,
                       .x_high = STEPS * dt,
                       .y_low = low - 1,
                       .y_high = high + 1,
                       .y_label = "lower angle (rad)",
                       .title = "48 starts within 0.001 rad"};
    plot_axes below = {.left = 456,
                       .top = 272,
                       .width = 400,
                       .height = 128,
                       .x_high = STEPS * dt,
                       .y_low = 1e-4,
                       .y_high = 100,
                       .log_y = true,
                       .x_label = "time (s)",
                       .y_label = "spread (rad)"};
    plot_frame(p, &above);
    for (int i = 0; i < MEMBERS; i++) {
        for (int t = 0; t < STEPS; t++) angle[t] = paths[(i * STEPS + t) * 4 + 1];
        plot_curve(p, &above, time, angle, STEPS,
                   (plot_style){colour_at((double)i / (MEMBERS - 1)), 0.8, 0.55});
    }
    plot_frame(p, &below);
    plot_curve(p, &below, time, spread, STEPS, (plot_style){PLOT_BLUE, 1.5, 1});
}

static bool draw(const double *path, const double *paths, const double *spread, const char *stem) {
    plot *p = plot_new(880, 440);
    draw_path(p, path);
    draw_ensemble(p, paths, spread);
    return plot_save(p, stem);
}

static bool run(const char *stem) {
    static double spread[STEPS];
    const double *path = cv_data(cv_call_one(cv_jit(cv_fun(trajectory)), state_of(start)));
    if (!path) return false;
    printf("energy at the start %.6f, at the end %.6f\n", energy(start), energy(path + 4 * (STEPS - 1)));
    double error = compare_gradients();
    const double *paths = ensemble();
    if (!paths || !cv_ok()) return false;
    spread_of(paths, spread);
    printf("spread of the ensemble at the start %.2e, at the end %.2e rad\n", spread[0], spread[STEPS - 1]);
    printf("relative error of the gradient %.1e\n", error);
    return draw(path, paths, spread, stem) && error < 1e-4;
}

int main(int count, char **words) {
    const char *stem = "pendulum";
    if (count == 3 && !strcmp(words[1], "--out"))
        stem = words[2];
    else if (count != 1) {
        fprintf(stderr, "usage: pendulum [--out STEM]\n");
        return 1;
    }
    bool done = run(stem);
    if (!cv_ok()) fprintf(stderr, "pendulum: %s\n", cv_message());
    cv_shutdown();
    return !done;
}
