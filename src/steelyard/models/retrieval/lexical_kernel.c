/* The formula of lexical_scoring.py in one pass over the candidates of one query.
 *
 * Every sum is added up in the same order and width as there, so that both give the same numbers and the same ties;
 * compile with -ffp-contract=off. Nothing is allocated and nothing is kept between calls; the caller sees to the sizes.
 */
#include <stdint.h>
#include <string.h>

/* Of what is passed, here and in vector_kernel.c; raise it here and in compiled.py when that changes, so that old code
 * is never called. */
int64_t steelyard_format(void) { return 1; }

typedef struct {
    const int64_t *starts;       /* terms + 1 */
    const int32_t *documents;    /* postings; ascending for each term */
    const uint8_t *frequencies;  /* postings, fields */
    const float *scale;          /* documents, fields */
    const int64_t *title_starts; /* documents + 1 */
    const int32_t *title_units;
    const float *popularity; /* documents; NULL where nothing is known of behaviour */
    int64_t n_fields;
} Shelf;

typedef struct {
    double k1, extra, all_units, title_units, title_order, popular;
} Options;

/* A query. Its arrays lie one after another: those of 8 bytes, then those of one. */
typedef struct {
    const int64_t *terms; /* -1, -2 ... are the first, second ... of together */
    const double *weights;
    const int64_t *group, *first, *last, *units, *together;
    const uint8_t *is_extra, *is_needed;
    int64_t n_terms, n_units;
} Plan;

static Plan unpacked(const int64_t *packed, int64_t n_terms, int64_t n_units, int64_t n_pairs) {
    Plan plan = {.terms = packed, .n_terms = n_terms, .n_units = n_units};
    plan.weights = (const double *)(packed + n_terms);
    plan.group = packed + 2 * n_terms;
    plan.first = packed + 3 * n_terms;
    plan.last = packed + 4 * n_terms;
    plan.units = packed + 5 * n_terms;
    plan.together = plan.units + n_units;
    plan.is_extra = (const uint8_t *)(plan.together + 2 * n_pairs);
    plan.is_needed = plan.is_extra + n_terms;
    return plan;
}

/* First place from `at` on whose document is not below `document`: in steps that double, then by halves. */
static int64_t seek(const int32_t *documents, int64_t at, int64_t end, int32_t document) {
    int64_t step = 1, high = at;
    while (high < end && documents[high] < document) {
        at = high + 1;
        high += step;
        step <<= 1;
    }
    if (high > end) high = end;
    while (at < high) {
        int64_t middle = at + (high - at) / 2;
        if (documents[middle] < document)
            at = middle + 1;
        else
            high = middle;
    }
    return at;
}

/* first <= bit < last, all below 64. */
static uint64_t bits_between(int64_t first, int64_t last) {
    uint64_t below_last = last >= 64 ? ~0ULL : (1ULL << last) - 1;
    return below_last & ~((1ULL << first) - 1);
}

static int count(uint64_t units) { return __builtin_popcountll(units); }

/* Weights of the units and, apart, of the extra terms, of alternatives the highest. */
static double ceiling_of(const Plan *plan, double extra) {
    double sums[2] = {0.0, 0.0};
    for (int64_t t = 0; t < plan->n_terms;) {
        double highest[2] = {0.0, 0.0};
        int64_t group = plan->group[t];
        for (; t < plan->n_terms && plan->group[t] == group; t++) {
            double *mine = &highest[plan->is_extra[t] != 0];
            if (plan->weights[t] > *mine) *mine = plan->weights[t];
        }
        sums[0] += highest[0];
        sums[1] += highest[1];
    }
    return sums[0] + extra * sums[1];
}

/* Share of the neighbouring units that are neighbours in the same order in a title. */
static double in_order(const Shelf *shelf, const Plan *plan, int64_t document) {
    const int32_t *title = shelf->title_units + shelf->title_starts[document];
    int64_t length = shelf->title_starts[document + 1] - shelf->title_starts[document];
    double held = 0.0;
    for (int64_t u = 0; u + 1 < plan->n_units; u++) {
        int64_t left = plan->units[u], right = plan->units[u + 1];
        if (left < 0 || right < 0) continue;
        for (int64_t i = 0; i + 1 < length; i++) {
            if (title[i] == left && title[i + 1] == right) {
                held += 1.0;
                break;
            }
        }
    }
    return held / (double)(plan->n_units - 1);
}

/* Where one term of a plan, or a pair of them, is among the postings. */
typedef struct {
    int64_t at, end;
    int64_t other, other_end;
    int is_pair;
} Place;

static Place place_of(const Shelf *shelf, const Plan *plan, int64_t t) {
    const int64_t number = plan->terms[t];
    const int64_t one = number < 0 ? plan->together[2 * (-number - 1)] : number;
    const int64_t other = number < 0 ? plan->together[2 * (-number - 1) + 1] : number;
    return (Place){shelf->starts[one], shelf->starts[one + 1], shelf->starts[other], shelf->starts[other + 1], number < 0};
}

/* Whether a document holds the term; documents must be asked for in ascending order. */
static int holds(const Shelf *shelf, Place *place, int32_t document) {
    place->at = seek(shelf->documents, place->at, place->end, document);
    if (place->at == place->end || shelf->documents[place->at] != document) return 0;
    if (!place->is_pair) {
        place->other = place->at;
        return 1;
    }
    place->other = seek(shelf->documents, place->other, place->other_end, document);
    return place->other < place->other_end && shelf->documents[place->other] == document;
}

/* What each document gets for one term goes to `gains`, of alternatives the highest. */
static void add_term(const Shelf *shelf, const Plan *plan, const Options *options, int64_t t, const int32_t *documents,
                     int64_t n, double *gains, uint64_t *held, uint64_t *titled) {
    const int64_t n_fields = shelf->n_fields;
    const double weight = plan->is_extra[t] ? options->extra * plan->weights[t] : plan->weights[t];
    const float k1 = (float)options->k1;
    const uint64_t units = bits_between(plan->first[t], plan->last[t]);
    Place place = place_of(shelf, plan, t);
    for (int64_t row = 0; row < n; row++) {
        if (!holds(shelf, &place, documents[row])) continue;
        const uint8_t *one = shelf->frequencies + place.at * n_fields;
        const uint8_t *other = shelf->frequencies + place.other * n_fields;
        const float *scale = shelf->scale + documents[row] * n_fields;
        float counted = 0.0f;
        for (int64_t f = 0; f < n_fields; f++) counted += (float)(one[f] < other[f] ? one[f] : other[f]) * scale[f];
        const double gain = weight * (double)(counted / (k1 + counted));
        if (gain > gains[row]) gains[row] = gain;
        held[row] |= units;
        if (one[0] && other[0]) titled[row] |= units;
    }
}

/* What holding the units adds to BM25F, and whether the title of each document holds all that are needed. */
static void add_rewards(const Shelf *shelf, const Plan *plan, const Options *options, const int32_t *documents,
                        int64_t n, const uint64_t *held, const uint64_t *titled, double *scores, uint8_t *is_exact) {
    uint64_t needed = 0;
    for (int64_t u = 0; u < plan->n_units; u++) needed |= (uint64_t)(plan->is_needed[u] != 0) << u;
    memset(is_exact, 0, n);
    if (!needed) return;
    const double n_needed = count(needed), ceiling = ceiling_of(plan, options->extra);
    for (int64_t row = 0; row < n; row++) {
        const double n_held = count(held[row] & needed), n_titled = count(titled[row] & needed);
        const double share = n_held / n_needed;
        const int has_neighbours = (titled[row] & (titled[row] >> 1)) != 0;
        const double ordered = has_neighbours ? in_order(shelf, plan, documents[row]) : 0.0;
        const double liked = shelf->popularity ? (double)shelf->popularity[documents[row]] * (share * share) : 0.0;
        double reward = options->all_units * (double)(n_held == n_needed);
        reward += options->title_units * (n_titled / n_needed);
        reward += options->title_order * ordered;
        reward += options->popular * liked;
        scores[row] += ceiling * reward;
        is_exact[row] = n_titled == n_needed;
    }
}

/* Scores of `n` documents, ascending. `work` holds 3 n numbers and is written over. */
static void score(const Shelf *shelf, const Options *options, const Plan *plan, const int32_t *documents, int64_t n,
                  double *scores, uint8_t *is_exact, double *work) {
    double *gains = work;
    uint64_t *held = (uint64_t *)(work + n), *titled = (uint64_t *)(work + 2 * n);
    memset(scores, 0, n * sizeof *scores);
    memset(work, 0, 3 * n * sizeof *work);
    for (int64_t t = 0; t < plan->n_terms; t++) {
        add_term(shelf, plan, options, t, documents, n, gains, held, titled);
        if (t + 1 < plan->n_terms && plan->group[t + 1] == plan->group[t]) continue;
        for (int64_t row = 0; row < n; row++) {
            scores[row] += gains[row];
            gains[row] = 0.0;
        }
    }
    add_rewards(shelf, plan, options, documents, n, held, titled, scores, is_exact);
}

void steelyard_score(const Shelf *shelf, const Options *options, const void *packed, int64_t n_terms, int64_t n_units,
                     int64_t n_pairs, const int32_t *documents, int64_t n, double *scores, uint8_t *is_exact,
                     double *work) {
    const Plan plan = unpacked(packed, n_terms, n_units, n_pairs);
    score(shelf, options, &plan, documents, n, scores, is_exact, work);
}

/* The `k` documents with the highest scores above 0, best first, of equal ones the lower number; how many they are.
 * They and their scores are put into the first places of `documents` and `scores`. */
int64_t steelyard_best(const Shelf *shelf, const Options *options, const void *packed, int64_t n_terms,
                       int64_t n_units, int64_t n_pairs, int32_t *documents, int64_t n, int64_t k, double *scores,
                       uint8_t *is_exact, double *work) {
    const Plan plan = unpacked(packed, n_terms, n_units, n_pairs);
    score(shelf, options, &plan, documents, n, scores, is_exact, work);
    int64_t kept = 0;
    for (int64_t row = 0; row < n; row++) { /* kept <= row: what is written was read before */
        const double mine = scores[row];
        const int32_t document = documents[row];
        if (!(mine > 0.0) || (kept == k && mine <= scores[kept - 1])) continue;
        int64_t low = 0, high = kept;
        while (low < high) {
            const int64_t middle = low + (high - low) / 2;
            if (scores[middle] >= mine)
                low = middle + 1;
            else
                high = middle;
        }
        const int64_t moved = (kept < k ? kept : k - 1) - low;
        memmove(scores + low + 1, scores + low, moved * sizeof *scores);
        memmove(documents + low + 1, documents + low, moved * sizeof *documents);
        scores[low] = mine;
        documents[low] = document;
        if (kept < k) kept++;
    }
    return kept;
}

/* For each of `n` documents, ascending, which terms of a plan of at most 64 it holds. */
void steelyard_held(const Shelf *shelf, const void *packed, int64_t n_terms, int64_t n_units, int64_t n_pairs,
                    const int32_t *documents, int64_t n, uint64_t *held) {
    const Plan plan = unpacked(packed, n_terms, n_units, n_pairs);
    memset(held, 0, n * sizeof *held);
    for (int64_t t = 0; t < n_terms; t++) {
        Place place = place_of(shelf, &plan, t);
        for (int64_t row = 0; row < n; row++) held[row] |= (uint64_t)holds(shelf, &place, documents[row]) << t;
    }
}

/* ---- First phase ---- */

typedef struct {
    float score;
    int32_t document;
} Hit;

static int is_worse(Hit one, Hit other) {
    return one.score < other.score || (one.score == other.score && one.document > other.document);
}

/* Let a hit sink in a heap whose worst one is on top. */
static void sink(Hit *heap, int64_t n, int64_t at) {
    const Hit moved = heap[at];
    for (int64_t below = 2 * at + 1; below < n; below = 2 * at + 1) {
        if (below + 1 < n && is_worse(heap[below + 1], heap[below])) below++;
        if (!is_worse(heap[below], moved)) break;
        heap[at] = heap[below];
        at = below;
    }
    heap[at] = moved;
}

/* The `k` documents whose impacts of `terms`, by weight, sum up to most; in no order. How many they are.
 * `sums` holds a zero for each document, before and after; `heap` has room for k. */
int64_t steelyard_first(const Shelf *shelf, const float *impacts, const float *weight_of, const int64_t *terms,
                        int64_t n_terms, int64_t k, float *sums, Hit *heap, int32_t *documents) {
    for (int64_t t = 0; t < n_terms; t++) {
        const float weight = weight_of[terms[t]];
        const int64_t end = shelf->starts[terms[t] + 1];
        for (int64_t at = shelf->starts[terms[t]]; at < end; at++) sums[shelf->documents[at]] += weight * impacts[at];
    }
    int64_t n = 0;
    for (int64_t t = 0; t < n_terms; t++) {
        const int64_t end = shelf->starts[terms[t] + 1];
        for (int64_t at = shelf->starts[terms[t]]; at < end; at++) {
            const Hit hit = {sums[shelf->documents[at]], shelf->documents[at]};
            if (hit.score == 0.0f) continue; /* it was looked at before */
            sums[hit.document] = 0.0f;
            if (n < k) {
                heap[n++] = hit;
                for (int64_t i = n == k ? k / 2 : 0; i-- > 0;) sink(heap, k, i);
            } else if (is_worse(heap[0], hit)) {
                heap[0] = hit;
                sink(heap, k, 0);
            }
        }
    }
    for (int64_t i = 0; i < n; i++) documents[i] = heap[i].document;
    return n;
}
