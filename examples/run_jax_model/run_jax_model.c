// A model that was written in JAX, in a C program without Python: predators and prey, by the equations of
// Lotka and Volterra. JAX exported simulate(rates: f64[4], start: f64[2]) -> path: f64[200,2], a scan of 200
// steps, as StableHLO text (make_model.py); here it is called, differentiated, fitted to observations and
// batched.
//
//     run_jax_model [FOLDER]       FOLDER: of model.mlir and the arrays that make_model.py wrote
//
// Prints the error of the path against JAX's; the gradient of a misfit, which is written in C around the
// model, beside JAX's and central differences; the rates that fit the observations best; and how many
// predators there are at most for 64 starts at once. Exits with 1 if a number is not what it must be.

#include <covector/covector.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { RATES = 4, STEPS = 200, MEMBERS = 64, FIT_STEPS = 400 };
static const char *const names[RATES] = {"birth", "eaten", "death", "fed"};
static const double guess[RATES] = {0.9, 0.3, 0.5, 0.08}, truth[RATES] = {1.1, 0.4, 0.4, 0.1};

static const char *folder = RUN_JAX_MODEL_DATA;
static cv_fn simulate;
static cv_val start, observed;

static const char *in_folder(const char *name) {
    static char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static cv_val rates_of(const double *rates) { return cv_array(CV_F64, CV_INTS(RATES), rates); }

// The mean square of the difference of logarithms. The model is called like any other function.
static cv_val misfit(cv_val rates) {
    cv_val path = cv_call_one(simulate, rates, start);
    return cv_mean(cv_square(cv_sub(cv_log(path), cv_log(observed))));
}

// The largest difference of two arrays, relative to the largest element of the second.
static double relative_error(cv_val got, cv_val want) {
    return cv_item(cv_div(cv_max(cv_abs(cv_sub(got, want))), cv_max(cv_abs(want))));
}

// The gradient backwards through the scan against JAX's and central differences; returns the larger error.
static double compare_gradients(void) {
    double differences[RATES], nudge = 1e-6;
    cv_fn f = cv_jit(cv_fun(misfit));
    for (int i = 0; i < RATES; i++) {
        double high[RATES], low[RATES];
        memcpy(high, guess, sizeof high);
        memcpy(low, guess, sizeof low);
        high[i] += nudge, low[i] -= nudge;
        double rise = cv_item(cv_call_one(f, rates_of(high))) - cv_item(cv_call_one(f, rates_of(low)));
        differences[i] = rise / (2 * nudge);
    }
    cv_val gradient = cv_call_one(cv_jit(cv_grad(cv_fun(misfit))), rates_of(guess));
    cv_val by_jax = cv_load_npy(in_folder("gradient.npy"));
    printf("d(misfit)/d(rate)   backwards         by JAX   differences\n");
    for (int i = 0; i < RATES; i++)
        printf("  %-10s %15.8f %14.8f %13.8f\n", names[i], cv_item(cv_index(gradient, i)),
               cv_item(cv_index(by_jax, i)), differences[i]);
    double from_jax = relative_error(gradient, by_jax);
    double from_differences = relative_error(gradient, rates_of(differences));
    printf("relative error of the gradient: from JAX's %.1e, from differences %.1e\n", from_jax,
           from_differences);
    return fmax(from_jax, from_differences);
}

// Fits the rates to the observations by Adam (Kingma and Ba, 2015) in their logarithms; returns the misfit.
static double fit(double *rates) {
    cv_fn step = cv_jit(cv_value_and_grad(cv_fun(misfit)));
    double mean[RATES] = {0}, square[RATES] = {0}, gradient[RATES], value = NAN;
    memcpy(rates, guess, sizeof guess);
    for (int t = 1; t <= FIT_STEPS; t++) {
        cv_scope_begin();
        cv_val out[2];
        cv_call(step, out, 2, rates_of(rates));
        value = cv_item(out[0]);
        cv_read(out[1], gradient, sizeof gradient);
        cv_scope_end();
        if (t == 1) printf("misfit at the guess %.6f\n", value);
        double size = 0.05 * (1 - (double)t / FIT_STEPS);
        for (int i = 0; i < RATES; i++) {
            double slope = rates[i] * gradient[i]; // by the logarithm
            mean[i] = 0.9 * mean[i] + 0.1 * slope;
            square[i] = 0.99 * square[i] + 0.01 * slope * slope;
            double m = mean[i] / (1 - pow(0.9, t)), s = square[i] / (1 - pow(0.99, t));
            rates[i] *= exp(-size * m / (sqrt(s) + 1e-12));
        }
    }
    printf("misfit after %d steps %.6f\n", FIT_STEPS, value);
    for (int i = 0; i < RATES; i++) printf("  %-10s %.4f (true %.4f)\n", names[i], rates[i], truth[i]);
    return value;
}

// The greatest number of predators from each of many starts: the model was exported for one.
static double ensemble(const double *rates) {
    double starts[MEMBERS][2];
    for (int i = 0; i < MEMBERS; i++) starts[i][0] = 10, starts[i][1] = 1 + 9.0 * i / (MEMBERS - 1);
    cv_fn many = cv_jit(cv_vmap(simulate, .in = CV_INTS(CV_NONE, 0)));
    cv_val members = cv_array(CV_F64, CV_INTS(MEMBERS, 2), starts);
    cv_val paths = cv_call_one(many, rates_of(rates), members); // f64[64,200,2]
    cv_val most = cv_index(cv_transpose(cv_max(paths, .axis = CV_INTS(1))), 1);
    printf("predators at most, from %d starts: %.2f to %.2f\n", MEMBERS, cv_item(cv_min(most)),
           cv_item(cv_max(most)));
    cv_val alone = cv_call_one(simulate, rates_of(rates), cv_index(members, MEMBERS - 1));
    return relative_error(cv_index(paths, MEMBERS - 1), alone);
}

static bool run(void) {
    simulate = cv_import_file(in_folder("model.mlir"), .name = "simulate");
    start = cv_array(CV_F64, CV_INTS(2), ((double[]){10, 5}));
    observed = cv_load_npy(in_folder("observed.npy"));
    if (!cv_ok()) return false;

    cv_val path = cv_call_one(simulate, rates_of(guess), start);
    double error = relative_error(path, cv_load_npy(in_folder("path.npy")));
    printf("relative error of the path: from JAX's %.1e\n", error);
    bool good = error < 1e-12;
    good &= compare_gradients() < 1e-6;
    double rates[RATES];
    good &= fit(rates) < 5e-4; // the square of the noise, 2 %, is 4e-4
    good &= ensemble(rates) < 1e-12;
    return good && cv_ok();
}

int main(int count, char **words) {
    if (count > 2) return fprintf(stderr, "usage: run_jax_model [FOLDER]\n"), 1;
    if (count == 2) folder = words[1];
    bool done = run();
    if (!cv_ok()) fprintf(stderr, "run_jax_model: %s\n", cv_message());
    cv_shutdown();
    return !done;
}
