// Learns to read handwritten digits: 1,797 images of 8 x 8 pixels, of which 1,437 train a network with
// one hidden layer and 360 test it.
//
//     digits [--steps N] [--curve FILE] [--data DIR] [--picture STEM]
//
// --steps N      steps of 64 images each (default 660, which is 30 passes over the data)
// --curve FILE   writes the loss of each step as text, one a line
// --data DIR     where digits_images.npy and digits_labels.npy are
// --picture STEM draws the losses and some of what was read to STEM.svg and STEM.png (if built with cairo)
//
// The last line on standard output is "test accuracy 0.9xx". Two runs print the same: the split, the
// initial weights and the order of the images come from a generator with fixed seeds. The model is in
// digits_model.h.
// (tests/reference/digits_jax.py is the same training in JAX.)

#include <covector/covector.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "digits_model.h"
#include "plot.h"

enum { TRAIN = 1437 };

#ifndef DIGITS_DATA
#define DIGITS_DATA "examples/data"
#endif

// How many of the images are read as what they are, and as what each is read.
static void accuracy(cv_val *out, const cv_val *in, void *context) {
    const example *e = (const example *)in;
    (void)context;
    cv_val hidden = cv_tanh(apply(e->net.hidden, cv_reshape(e->image, CV_INTS(-1, PIXELS))));
    out[1] = cv_argmax(apply(e->net.output, hidden), .axis = CV_INTS(1));
    out[0] = cv_mean(cv_astype(cv_equal(out[1], e->label), CV_F32));
}

// ---- random numbers: splitmix64 (Steele, Lea and Flood, Fast splittable generators, 2014) --------

static uint64_t random_bits(uint64_t *random) {
    uint64_t z = *random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void shuffle(uint64_t *random, int *order, int n) {
    for (int i = n - 1; i > 0; i--) {
        int j = (int)(random_bits(random) % (uint64_t)(i + 1)), kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
}

// A matrix as Glorot and Bengio (2010) begin with: uniform within sqrt(6 / (rows + columns)).
static cv_val glorot(uint64_t *random, int rows, int columns) {
    float numbers[PIXELS * HIDDEN], limit = sqrtf(6.0f / (float)(rows + columns));
    for (int i = 0; i < rows * columns; i++)
        numbers[i] = limit * (2.0f * ((float)(random_bits(random) >> 40) * 0x1p-24f) - 1.0f);
    return cv_array(CV_F32, CV_INTS(rows, columns), numbers);
}

static training initial_state(void) {
    uint64_t random = 2;
    training s;
    s.net.hidden = (layer){glorot(&random, PIXELS, HIDDEN), cv_zeros(CV_F32, CV_INTS(HIDDEN))};
    s.net.output = (layer){glorot(&random, HIDDEN, CLASSES), cv_zeros(CV_F32, CV_INTS(CLASSES))};
    s.velocity.hidden = (layer){cv_zeros_like(s.net.hidden.weight), cv_zeros_like(s.net.hidden.bias)};
    s.velocity.output = (layer){cv_zeros_like(s.net.output.weight), cv_zeros_like(s.net.output.bias)};
    return s;
}

// ---- the data ------------------------------------------------------------------------------------

typedef struct data {
    int n;
    const uint8_t *images, *labels; // n * PIXELS; n
    int *order;                     // the first TRAIN train, the others test
} data;

static bool load_data(const char *folder, data *d) {
    char path[4096];
    snprintf(path, sizeof path, "%s/digits_images.npy", folder);
    cv_val images = cv_load_npy(path);
    snprintf(path, sizeof path, "%s/digits_labels.npy", folder);
    cv_val labels = cv_load_npy(path);
    d->images = cv_data(images);
    d->labels = cv_data(labels);
    if (!cv_ok()) return false;
    d->n = (int)cv_size(images, 0);
    if (cv_dtype_of(images) != CV_U8 || cv_dtype_of(labels) != CV_U8 || d->n <= TRAIN ||
        cv_count(images) != (int64_t)d->n * PIXELS || cv_count(labels) != d->n) {
        fprintf(stderr, "digits: %s: the files are not those of the digits\n", folder);
        return false;
    }
    d->order = malloc((size_t)d->n * sizeof *d->order);
    if (!d->order) return false;
    for (int i = 0; i < d->n; i++) d->order[i] = i;
    uint64_t random = 1;
    shuffle(&random, d->order, d->n);
    return true;
}

// The images and labels that order[0 .. n) names, scaled to 0 .. 1.
static bool gather(const data *d, const int *order, int n, cv_val *images, cv_val *labels) {
    float *pixels = malloc((size_t)n * PIXELS * sizeof *pixels);
    int32_t *digits = malloc((size_t)n * sizeof *digits);
    if (pixels && digits) {
        for (int i = 0; i < n; i++) {
            const uint8_t *image = d->images + order[i] * PIXELS;
            for (int j = 0; j < PIXELS; j++) pixels[i * PIXELS + j] = (float)image[j] / 16.0f;
            digits[i] = d->labels[order[i]];
        }
        *images = cv_array(CV_F32, CV_INTS(n, 8, 8), pixels);
        *labels = cv_array(CV_S32, CV_INTS(n), digits);
    }
    bool done = pixels && digits && cv_ok();
    free(pixels);
    free(digits);
    return done;
}

// ---- training ------------------------------------------------------------------------------------

static void show_progress(int done, int steps, double loss) {
    enum { WIDTH = 40 };
    static const char full[] = "########################################";
    int filled = done * WIDTH / steps;
    fprintf(stderr, "\r[%-*.*s] %d/%d  loss %.4f", WIDTH, filled, full, done, steps, loss);
    if (done == steps) fputc('\n', stderr);
}

static bool train(training *s, const data *d, int steps, double *losses, FILE *curve) {
    cv_fn train_step = training_step();
    bool terminal = isatty(2);
    uint64_t random = 3;
    for (int i = 0, at = TRAIN; i < steps; i++, at += BATCH) {
        if (at + BATCH > TRAIN) {
            shuffle(&random, d->order, TRAIN);
            at = 0;
        }
        cv_scope_begin(); // the batch and the loss go at its end, the new training is kept
        step_in in = {.now = *s};
        step_out out;
        bool fine = gather(d, d->order + at, BATCH, &in.images, &in.labels) &&
                    cv_call_list(train_step, (cv_val *)&out, CV_LEAVES(out), CV_TREE(in)) == CV_OK;
        if (fine) {
            double loss = losses[i] = cv_item(out.loss);
            for (int j = 0; j < CV_LEAVES(training); j++) cv_keep(((cv_val *)&out.next)[j]);
            *s = out.next;
            if (curve) fprintf(curve, "%.9g\n", loss);
            if (terminal) show_progress(i + 1, steps, loss);
        }
        cv_scope_end();
        if (!fine) return false;
    }
    return true;
}

// The share of the test images that is read right; guesses: as what each of them is read, s32[n].
static bool test(const training *s, const data *d, double *share, cv_val *guesses) {
    example e = {.net = s->net};
    if (!gather(d, d->order + TRAIN, d->n - TRAIN, &e.image, &e.label)) return false;
    cv_fn measure = cv_jit(cv_fun(accuracy, .in = CV_LEAVES(example), .out = 2));
    cv_val out[2];
    if (cv_call_list(measure, out, 2, CV_TREE(e)) != CV_OK) return false;
    *share = cv_item(out[0]);
    *guesses = out[1];
    return cv_ok();
}

// ---- the picture ---------------------------------------------------------------------------------

enum { COLUMNS = 10, ROWS = 4, CELL = 40 };

// The losses, each and averaged over a pass over the data.
static void draw_losses(plot *p, const double *losses, int steps) {
    enum { PASS = TRAIN / BATCH };
    double *step = malloc(sizeof *step * (size_t)steps), *mean = malloc(sizeof *mean * (size_t)steps);
    double low = 0.1, high = 1, sum = 0;
    for (int i = 0; step && mean && i < steps; i++) {
        if (isfinite(losses[i])) low = fmin(low, losses[i]), high = fmax(high, losses[i]);
        sum += losses[i] - (i >= PASS ? losses[i - PASS] : 0);
        step[i] = i + 1;
        mean[i] = i + 1 >= PASS ? sum / PASS : NAN;
    }
    plot_axes a = {.left = 66, .top = 44, .width = 360, .height = 260, .x_high = fmax(steps, 1), .log_y = true,
                   .y_low = pow(10, floor(log10(fmax(low, 1e-12)))), .y_high = pow(10, ceil(log10(high))),
                   .title = "Training", .x_label = "step of 64 images", .y_label = "cross-entropy"};
    plot_frame(p, &a);
    if (step && mean) {
        plot_curve(p, &a, step, losses, steps, (plot_style){PLOT_BLUE, 0.8, 0.35});
        plot_curve(p, &a, step, mean, steps, (plot_style){PLOT_BLUE, 2, 1});
    }
    plot_text(p, a.left + a.width - 10, a.top + 20, 10, 1, PLOT_SOFT, "thin: each step; thick: mean of 22 (a pass)");
    free(step);
    free(mean);
}

// Image i of the test, with what it is read as beneath it, and what it is if that is something else.
static void draw_image(plot *p, const data *d, const int32_t *guesses, int i, double left, double top) {
    int at = d->order[TRAIN + i], label = d->labels[at];
    bool right = guesses[i] == label;
    float pixels[PIXELS];
    char text[32];
    for (int j = 0; j < PIXELS; j++) pixels[j] = (float)d->images[at * PIXELS + j] / 16.0f;
    plot_image(p, left, top, CELL - 8, pixels, 8, 8);
    if (right) snprintf(text, sizeof text, "%d", guesses[i]);
    else snprintf(text, sizeof text, "%d, is %d", guesses[i], label);
    plot_text(p, left + (CELL - 8) / 2.0, top + CELL + 4, 10, 0.5, right ? PLOT_BLUE : PLOT_RED, text);
}

// The first test images, then those that are misread, as many as have room.
static bool draw(const char *stem, const data *d, const double *losses, int steps, const int32_t *guesses,
                 double share) {
    const double left = 476, across = CELL + 2, down = CELL + 15;
    char text[64];
    plot *p = plot_new(920, 362);
    draw_losses(p, losses, steps);
    snprintf(text, sizeof text, "Test images and what they are read as: %.1f %% are right", 100 * share);
    plot_text(p, left, 34, 13, 0, PLOT_INK, text);
    for (int i = 0; i < COLUMNS * ROWS && i < d->n - TRAIN; i++)
        draw_image(p, d, guesses, i, left + i % COLUMNS * across, 44 + i / COLUMNS * down);
    plot_text(p, left, 44 + ROWS * down + 14, 13, 0, PLOT_INK, "The misread");
    for (int i = 0, shown = 0; i < d->n - TRAIN && shown < COLUMNS; i++)
        if (guesses[i] != d->labels[d->order[TRAIN + i]])
            draw_image(p, d, guesses, i, left + shown++ * across, 44 + ROWS * down + 24);
    return plot_save(p, stem);
}

static bool run(const char *folder, int steps, FILE *curve, const char *picture) {
    data d = {0};
    double share = 0, *losses = calloc((size_t)(steps > 0 ? steps : 1), sizeof *losses);
    cv_val guesses = cv_none;
    bool done = losses && load_data(folder, &d);
    if (done) {
        training s = initial_state();
        done = train(&s, &d, steps, losses, curve) && test(&s, &d, &share, &guesses);
    }
    const int32_t *digits = done ? cv_data(guesses) : NULL;
    if (done && picture) done = digits && draw(picture, &d, losses, steps, digits, share);
    free(losses);
    free(d.order);
    if (done) printf("test accuracy %.3f\n", share);
    else fprintf(stderr, "digits: %s\n", cv_ok() ? "stopped" : cv_message());
    return done;
}

int main(int count, char **words) {
    const char *folder = DIGITS_DATA, *curve_path = NULL, *picture = NULL;
    int steps = 660;
    for (int i = 1; i < count; i += 2) {
        if (i + 1 < count && !strcmp(words[i], "--steps")) steps = atoi(words[i + 1]);
        else if (i + 1 < count && !strcmp(words[i], "--curve")) curve_path = words[i + 1];
        else if (i + 1 < count && !strcmp(words[i], "--data")) folder = words[i + 1];
        else if (i + 1 < count && !strcmp(words[i], "--picture")) picture = words[i + 1];
        else {
            fprintf(stderr, "usage: digits [--steps N] [--curve FILE] [--data DIR] [--picture STEM]\n");
            return 1;
        }
    }
    FILE *curve = curve_path ? fopen(curve_path, "w") : NULL;
    if (curve_path && !curve) {
        perror(curve_path);
        return 1;
    }
    bool done = run(folder, steps, curve, picture);
    if (curve && fclose(curve)) {
        perror(curve_path);
        done = false;
    }
    cv_shutdown();
    return !done;
}
